// A file whose exclusive handle another worker holds.

const holder = `onmessage = async ({ data: { name, file } }) => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
  self.handle = await (await folder.getFileHandle(file)).createSyncAccessHandle();
  postMessage("held");
}`;

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
    worker.onmessage = done;
    worker.onerror = ({ message }) => fail(new Error(message));
  });
  URL.revokeObjectURL(url);
  return () => worker.terminate();
}
