// A place for a test in the browser's own file system.

import { SessionLog } from "skill-log";

/**
 * Makes a folder below the root, which is removed when the test has ended.
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
      await stream.write(bytes);
      await stream.close();
    },
    /** Writes a file anew as another program would. @param {string} text */
    async rewrite(text, to = "s.jsonl") {
      const file = await folder.getFileHandle(to, { create: true });
      const stream = await file.createWritable();
      await stream.write(text);
      await stream.close();
    },
    /** Has a file take the place of another. @param {string} from @param {string} to */
    async move(from, to) {
      const file = await folder.getFileHandle(from);
      await file.move(folder, to);
    },
  };
}

/**
 * @param {import("node:test").TestContext} t
 * @returns {Promise<import("../../js/storage/suite.js").Place & { folder: FileSystemDirectoryHandle, move(from: string, to: string): Promise<void> }>}
 */
export async function opfsPlace(t) {
  const { name, folder, put, rewrite, move } = await opfsFolder(t);
  return {
    folder,
    move,
    // The file is copied for each.
    single: 200,
    open: (options) => SessionLog.open(name, "s", options),
    bytes: () => bytesOf(folder, "s.jsonl"),
    saved: () => bytesOf(folder, "s.damaged"),
    put,
    rewrite,
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
    if (error.name === "NotFoundError") return null;
    throw error;
  }
}
