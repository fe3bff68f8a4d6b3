// A worker that leaves damage in a log of OPFS, as a writer does that is killed within its write. It
// uses nothing of the package.

/** The start of an entry, and text that no entry has. */
const TORN = `{"session_id":"torn","timestamp":"2026-01-02T03:04:05Z","message":"${"torn ".repeat(200)}`;
const OTHER = `what is this? ${"other ".repeat(200)}\n`;

/** How long to wait until the file may be free, in milliseconds. */
const WAIT = 3;

const LINE_END = 10;

let count = 0;

/** @param {MessageEvent<string>} message the id of the session */
onmessage = async ({ data: session }) => {
  try {
    await tear(session);
    postMessage(null);
  } catch (error) {
    postMessage(`${error}`);
  }
};

/** @param {string} session */
async function tear(session) {
  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle("logs", { create: true });
  const file = await directory.getFileHandle(`${session}.jsonl`, { create: true });
  const handle = await opened(file);
  const size = handle.getSize();
  const last = new Uint8Array([LINE_END]);
  if (size > 0) handle.read(last, { at: size - 1 });
  const seal = last[0] === LINE_END ? "" : "\n";
  const texts = [TORN, OTHER, `${OTHER}${TORN}`];
  handle.write(new TextEncoder().encode(seal + texts[count % texts.length]), { at: size });
  handle.close();
  count += 1;
}

/**
 * @param {FileSystemFileHandle} file
 * @returns {Promise<FileSystemSyncAccessHandle>}
 */
async function opened(file) {
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      // Another tab has it.
      if (!(error instanceof DOMException) || error.name !== "NoModificationAllowedError")
        throw error;
      await new Promise((done) => setTimeout(done, WAIT));
    }
  }
}
