// Files on the disk, which Node makes for a test in a browser, and which a user chooses or drops.
// See disk.js.

import { ask } from "./node-test.js";

/** Changes files on the disk as another program would. Names are in a folder of the test's own. */
export const disk = {
  /** @param {string} name @param {string | Uint8Array} bytes */
  append: (name, bytes) => ask("append", name, base64(bytes)),
  /** Makes a file, or overwrites it. @param {string} name @param {string | Uint8Array} bytes */
  write: (name, bytes) => ask("write", name, base64(bytes)),
  /**
   * Appends bytes every so many milliseconds until the test ends.
   *
   * @param {string} name
   * @param {string | Uint8Array} bytes
   * @param {number} interval
   */
  keepAppending: (name, bytes, interval) => ask("keepAppending", name, base64(bytes), interval),
  /** @param {string} name @param {number} size */
  truncate: (name, size) => ask("truncate", name, size),
  /** @param {string} from @param {string} to */
  rename: (from, to) => ask("rename", from, to),
  /** @param {string} name */
  remove: (name) => ask("remove", name),
  /** Sets a file's time, in milliseconds since 1970. @param {string} name @param {number} time */
  setTime: (name, time) => ask("setTime", name, time),
  /** @param {string} name @returns {Promise<Buffer>} */
  bytes: async (name) => Buffer.from((await ask("bytes", name)).reply, "base64"),
  /** @param {string} folder @returns {Promise<string[]>} */
  names: async (folder) => (await ask("names", folder)).reply,
};

/** @param {string | Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes).toString("base64");
}

/**
 * Lets the user choose a file with the page's input.
 *
 * @param {string} name
 * @returns {Promise<File>}
 */
export async function chosen(name) {
  const { given } = await ask("give", name);
  return given[0];
}

/**
 * Lets the user drop a file on the page. Chromium only.
 *
 * @param {string} name
 * @returns {Promise<FileSystemFileHandle>}
 */
export async function droppedFile(name) {
  const { given } = await ask("drop", name);
  return given[0];
}

/**
 * Lets the user drop a folder on the page. Chromium only.
 *
 * @param {string} name
 * @returns {Promise<FileSystemDirectoryHandle>}
 */
export async function droppedFolder(name) {
  const { given } = await ask("drop", name);
  return given[0];
}
