// Files that are scanned at once, without a wait: many small files take a tenth of the time so.

import fs from "node:fs";

import { readAsText } from "../compressed/formats.js";
import { fileError, hasCode } from "./errors.js";
import { openAny } from "./source.js";
import { closeRead, openStamped, stampOf, statExactly } from "./regular-file.js";
import { SIZE } from "../stamps.js";

/** @import { ScannedLog } from "../storage.js" */

/**
 * What opens a log: its path; or also whether to follow it if it is a link, and whether it is
 * compressed.
 *
 * @typedef {string | Buffer | { path: string | Buffer, isLink: boolean, isCompressed?: boolean }}
 *   FileRef
 */

/** @param {FileRef} ref */
export function fileOf(ref) {
  if (typeof ref !== "string" && !ArrayBuffer.isView(ref)) return ref;
  return { path: ref, isLink: false, isCompressed: false };
}

/**
 * Opens a log to scan it.
 *
 * @param {FileRef} ref
 * @returns {ScannedLog | null} null when there is no file
 * @throws {SkillLogError} also where it is compressed: it is read by its source then
 */
export function openToScan(ref) {
  const { path, isLink, isCompressed } = fileOf(ref);
  if (isCompressed) throw readAsText();
  try {
    if (isLink) return new ScannedFile(path, openAny(path));
    const { fd, stamp } = openStamped(path);
    return new ScannedFile(path, fd, stamp);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileError(path.toString(), "open", error);
  }
}

/** @implements {ScannedLog} */
class ScannedFile {
  #path;
  #fd;
  #stamp;

  /**
   * @param {string | Buffer} path
   * @param {number} fd
   * @param {bigint[]} [stamp] default: it is looked up when it is wanted
   */
  constructor(path, fd, stamp) {
    this.#path = path;
    this.#fd = fd;
    this.#stamp = stamp;
  }

  get size() {
    return Number(this.stamp[SIZE]);
  }

  get stamp() {
    return (this.#stamp ??= stampOf(statExactly(this.#path.toString(), this.#fd)));
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  read(offset, into) {
    let filled = 0;
    // A read may return fewer bytes than there are.
    while (filled < into.length) {
      let count;
      try {
        count = fs.readSync(this.#fd, into, filled, into.length - filled, offset + filled);
      } catch (error) {
        throw fileError(this.#path.toString(), "read", error);
      }
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  close() {
    closeRead(this.#fd);
  }
}
