// A worker that reads a log of OPFS and writes to it without the package. It says what the browser
// itself refuses.

/** @typedef {{ reading: string | null, writing: string | null }} Bare the errors, if there are any */

const works = { reading: read, writing: write };

/** @param {MessageEvent<string>} message the id of the session */
onmessage = async ({ data: session }) => {
  /** @type {Record<string, string | null>} */
  const refused = {};
  for (const [what, work] of Object.entries(works)) {
    try {
      await work(session);
      refused[what] = null;
    } catch (error) {
      refused[what] = `${error}`;
    }
  }
  postMessage(refused);
};

/** @param {string} session */
async function fileOf(session) {
  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle("logs");
  return directory.getFileHandle(`${session}.jsonl`);
}

/** @param {string} session */
async function read(session) {
  const file = await (await fileOf(session)).getFile();
  await file.arrayBuffer();
}

/** @param {string} session */
async function write(session) {
  const handle = await (await fileOf(session)).createSyncAccessHandle();
  try {
    const size = handle.getSize();
    if (size > 0 && handle.read(new Uint8Array(1), { at: size - 1 }) !== 1)
      throw new Error("the last byte cannot be read");
    if (handle.write(new TextEncoder().encode("\n"), { at: size }) !== 1)
      throw new Error("nothing was written");
    handle.flush();
  } finally {
    handle.close();
  }
}
