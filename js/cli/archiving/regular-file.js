// Opens the files of a session, and makes changes of a directory last.

import fs from "node:fs";

import { Failure } from "../failures.js";

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

/**
 * Opens a file to read it, never through a symbolic link unless that is wanted.
 *
 * @param {string} path
 * @param {boolean} [isLinked] whether the path may be a link
 */
export function openRegular(path, isLinked = false) {
  const fd = fs.openSync(path, O_RDONLY | (isLinked ? 0 : O_NOFOLLOW) | O_NONBLOCK);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw new Failure(`${path} is not a regular file`);
}

/** @param {string} path */
export function statAt(path) {
  return fs.lstatSync(path, { throwIfNoEntry: false });
}

/**
 * Reports whether two looks found the same file.
 *
 * @param {{ dev: number | bigint, ino: number | bigint } | undefined} a
 * @param {{ dev: number | bigint, ino: number | bigint } | undefined} b
 */
export function isSameFile(a, b) {
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/**
 * Syncs a directory, so that new names in it survive a loss of power.
 *
 * @param {string} dir
 */
export function syncDirectory(dir) {
  const fd = fs.openSync(dir, "r");
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Windows cannot sync a directory. It keeps directory entries in a journal.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== "EPERM" && code !== "EISDIR") throw error;
  } finally {
    fs.closeSync(fd);
  }
}
