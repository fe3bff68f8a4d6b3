// Files on the disk, as a test in a browser sees them: made by Node, and given by a user. See disk.js.

import { ask } from "./node-test.js";

/** Changes of files on the disk that another program makes; names are of files in a folder that the test has for itself. */
export const disk = {
  append: (name, bytes) => ask("append", name, base64(bytes)),
  /** Makes a file, or writes it anew in its place. */
  write: (name, bytes) => ask("write", name, base64(bytes)),
  /** Appends bytes every so many milliseconds, until the test has ended. */
  keepAppending: (name, bytes, interval) => ask("keepAppending", name, base64(bytes), interval),
  truncate: (name, size) => ask("truncate", name, size),
  rename: (from, to) => ask("rename", from, to),
  remove: (name) => ask("remove", name),
  /** Sets when it was modified, in milliseconds since 1970. */
  setTime: (name, time) => ask("setTime", name, time),
  /** @returns {Promise<Buffer>} */
  bytes: async (name) => Buffer.from((await ask("bytes", name)).reply, "base64"),
  /** @returns {Promise<string[]>} */
  names: async (folder) => (await ask("names", folder)).reply,
};

/** @param {string | Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes).toString("base64");
}

/**
 * Has a file chosen with the page's input.
 *
 * @param {string} name
 * @returns {Promise<File>}
 */
export async function chosen(name) {
  const { given } = await ask("give", name);
  return given[0];
}

/**
 * Has a file or a folder dropped on the page: in Chromium alone.
 *
 * @param {string} name
 * @returns {Promise<FileSystemFileHandle | FileSystemDirectoryHandle>}
 */
export async function dropped(name) {
  const { given } = await ask("drop", name);
  return given[0];
}
