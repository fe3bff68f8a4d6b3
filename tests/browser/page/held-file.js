// A file whose exclusive handle another worker holds.

/**
 * The worker's program. It tries again, because a handle that was just closed may keep a file for a
 * moment. It sends its error, because `onerror` hears of no rejection.
 */
const holder = `const open = async ({ name, file }) => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
  const handle = await folder.getFileHandle(file);
  for (let left = 100; ; left--) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
};
onmessage = async ({ data }) => {
  try {
    self.handle = await open(data);
    postMessage(null);
  } catch (error) {
    postMessage(String(error));
  }
};`;

/**
 * Lets another worker hold a file.
 *
 * @param {string} name of the file's folder
 * @param {string} file
 * @returns {Promise<() => void>} releases the file
 */
export async function holdFile(name, file) {
  const url = URL.createObjectURL(new Blob([holder], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.postMessage({ name, file });
  await new Promise((done, fail) => {
    worker.onmessage = ({ data: error }) => (error ? fail(new Error(error)) : done(null));
    worker.onerror = ({ message }) => fail(new Error(message));
  });
  URL.revokeObjectURL(url);
  return () => worker.terminate();
}
