// A place for a test in the browser's own file system.

import { SessionLog } from "skill-log";

/**
 * Makes a folder below the root, which is removed when the test ends.
 *
 * @param {import("node:test").TestContext} t
 */
export async function opfsFolder(t) {
  const root = await navigator.storage.getDirectory();
  const name = `test-${crypto.randomUUID()}`;
  const folder = await root.getDirectoryHandle(name, { create: true });
  t.after(() => root.removeEntry(name, { recursive: true }));
  return {
    name,
    folder,
    /** Appends bytes to a file as another program would. @param {string | Uint8Array} bytes */
    async put(bytes, to = "s.jsonl") {
      const file = await folder.getFileHandle(to, { create: true });
      const stream = await file.createWritable({ keepExistingData: true });
      await stream.seek((await file.getFile()).size);
      await stream.write(/** @type {string | Uint8Array<ArrayBuffer>} */ (bytes));
      await stream.close();
    },
    /** Rewrites a file as another program would. @param {string | Uint8Array} text */
    async rewrite(text, to = "s.jsonl") {
      const file = await folder.getFileHandle(to, { create: true });
      const stream = await file.createWritable();
      await stream.write(/** @type {string | Uint8Array<ArrayBuffer>} */ (text));
      await stream.close();
    },
    /** Replaces a file by another. @param {string} from @param {string} to */
    async move(from, to) {
      const file = await folder.getFileHandle(from);
      await file.move(folder, to);
    },
  };
}

/** @typedef {import("../../js/storage/suite.js").Place} Place */

/**
 * @typedef {object} OpfsPlace
 * @property {FileSystemDirectoryHandle} folder
 * @property {(text: string | Uint8Array, to?: string) => Promise<void>} put
 * @property {(from: string, to: string) => Promise<void>} move
 */

/**
 * @param {import("node:test").TestContext} t
 * @returns {Promise<Place & OpfsPlace>}
 */
export async function opfsPlace(t) {
  const { name, folder, put, rewrite, move } = await opfsFolder(t);
  return {
    folder,
    move,
    // Each put copies the file.
    single: 200,
    open: (options) => SessionLog.open(name, "s", options),
    bytes: () => bytesOf(folder, "s.jsonl"),
    saved: () => bytesOf(folder, "s.damaged"),
    put,
    rewrite,
    async replace(text) {
      await rewrite(text, "new.jsonl");
      await move("new.jsonl", "s.jsonl");
    },
    remove: () => folder.removeEntry("s.jsonl"),
  };
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 */
async function bytesOf(folder, name) {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return Buffer.from(await file.arrayBuffer());
  } catch (error) {
    if (/** @type {Error} */ (error).name === "NotFoundError") return null;
    throw error;
  }
}
