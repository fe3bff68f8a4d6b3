// Sources of files.

import fs from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { isUrl } from "../../builtins.js";
import { invalidArgument, SkillLogError } from "../../errors.js";
import { showsNextChange } from "../chunks.js";
import { FORMAT_BYTES, formatOf } from "../compressed/formats.js";
import { nameOfUrl } from "../message-secrets.js";
import { fileError, hasCode, notRegular } from "./errors.js";
import { closeRead, identity, orClose, stampOf, statExactly, statOf } from "./regular-file.js";

/** @import { Source } from "../storage.js" */

const { O_NONBLOCK = 0, O_RDONLY } = fs.constants;

/**
 * @param {string} path
 * @param {number} fd the source closes it, unless this throws
 * @param {number} [mostAtOnce] reads of at most so many bytes hold the thread
 * @returns {Source}
 */
export function fileSource(path, fd, mostAtOnce = 0) {
  const stat = statExactly(path, fd);
  return {
    name: path,
    path,
    identity: identity(stat),
    stamp: stampOf(stat),
    ref: { path, isLink: true },
    size: async () => statOf(path, fd).size,
    modified: async () => statOf(path, fd).mtimeMs,
    async version() {
      const { mtimeNs, ctimeNs } = statExactly(path, fd);
      return showsNextChange(Number(ctimeNs / 1_000_000n)) ? `${mtimeNs}:${ctimeNs}` : null;
    },
    async read(offset, into) {
      if (into.length <= mostAtOnce) return readAtOnce(path, fd, offset, into);
      let filled = 0;
      // A read may return fewer bytes than there are.
      while (filled < into.length) {
        const count = await new Promise((done, failed) => {
          fs.read(fd, into, filled, into.length - filled, offset + filled, (error, bytes) => {
            if (error) failed(fileError(path, "read", error));
            else done(bytes);
          });
        });
        if (count === 0) break;
        filled += count;
      }
      return filled;
    },
    close: async () => closeRead(fd),
  };
}

/**
 * Reads while the thread waits.
 *
 * @param {string} path
 * @param {number} fd
 * @param {number} offset
 * @param {Uint8Array} into
 */
function readAtOnce(path, fd, offset, into) {
  let filled = 0;
  try {
    for (let count = 1; count > 0 && filled < into.length; filled += count)
      count = fs.readSync(fd, into, filled, into.length - filled, offset + filled);
  } catch (error) {
    throw fileError(path, "read", error);
  }
  return filled;
}

/**
 * @param {URL} url
 * @param {string} what the argument's name
 */
export function pathOf(url, what) {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalidArgument(what, nameOfUrl(url), "a path, or the URL of a file on this machine");
  }
}

/**
 * Opens any file to read it, also through symbolic links.
 *
 * @param {string | Buffer} path
 */
export function openAny(path) {
  return orClose(fs.openSync(path, O_RDONLY | O_NONBLOCK), (fd) => {
    if (fs.fstatSync(fd).isFile()) return fd;
    throw notRegular(path.toString());
  });
}

/**
 * Returns the absolute path of a file, so that a change of the working directory does not matter.
 *
 * @param {string | URL} path
 */
export function absolutePath(path) {
  return resolve(isUrl(path) ? pathOf(path, "source") : path);
}

/**
 * Opens any file by its path.
 *
 * @param {string} path
 * @returns {Promise<Source>}
 */
export async function openPath(path) {
  try {
    return orClose(openAny(path), (fd) => fileSource(path, fd));
  } catch (error) {
    if (hasCode(error, "ENOENT"))
      throw new SkillLogError("NOT_FOUND", `${path}: no such file`, { path, cause: error });
    throw fileError(path, "open", error);
  }
}

/**
 * Returns whether a file is compressed. One that cannot be read is not: reading it reports why.
 *
 * @param {string} path
 */
export function isCompressedAt(path) {
  const start = new Uint8Array(FORMAT_BYTES);
  try {
    const fd = openAny(path);
    try {
      return formatOf(start.subarray(0, fs.readSync(fd, start, 0, start.length, 0))) !== null;
    } finally {
      closeRead(fd);
    }
  } catch {
    return false;
  }
}
