// Why a compressed log cannot be read any further.

import { SkillLogError } from "../../errors.js";
import { STATUS } from "./decompressor.js";

/** @import { Source } from "../storage.js" */

/**
 * Where decompressing ended before the file did.
 *
 * @typedef {object} Fault
 * @property {number} status of the decompressor
 * @property {number} offset in the text, where the text ends that can be read
 * @property {number} position in the compressed file
 */

/** @type {Record<number, string>} */
const REASONS = {
  [STATUS.truncated]: "the compressed file ends too early: it was cut, or is still being written",
  [STATUS.damaged]: "the compressed bytes are damaged",
  [STATUS.checksum]: "the text does not have the checksum or the length that was written with it",
  [STATUS.dictionary]:
    "it was compressed with a dictionary: decompress it with that, by zstd -d -D",
  [STATUS.foreign]: "other bytes follow the compressed data",
};

/**
 * Makes the error of a read at a fault.
 *
 * @param {Pick<Source, "name" | "path">} source
 * @param {Fault} fault
 */
export function faultError({ name, path }, { status, offset, position }) {
  const where = `${name}: cannot decompress byte ${position} of the file, where byte ${offset} of the text would follow`;
  const facts = { offset, position, ...(path !== undefined && { path }) };
  if (status === STATUS.window) {
    const reason = "it needs a window of more than 64 MiB: decompress it by zstd -d --long=31";
    return new SkillLogError("OUT_OF_MEMORY", `${where}: ${reason}`, { ...facts, reason });
  }
  const reason = REASONS[status] ?? REASONS[STATUS.damaged];
  return new SkillLogError("NOT_DECOMPRESSED", `${where}: ${reason}`, { ...facts, reason });
}
