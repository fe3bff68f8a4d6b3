// The text of an archive without a seek table, as other programs make it, in a temporary file.

import fs from "node:fs";

import { SessionLog } from "../../index.js";
import { openOutput, writeAll } from "../exporting/output-file.js";
import { compressionOf } from "../selection/compressed-file.js";
import { temporaryFile } from "../selection/temporary-file.js";
import { openRegular } from "./regular-file.js";

/** The bytes that are decompressed at once. */
const PART = 8 << 20;

/**
 * Decompresses an archive to a temporary file that only its owner can read.
 *
 * @param {string} path
 * @returns {Promise<{ fd: number, size: number, close: () => void } | null>} null when it is not
 *   compressed
 */
export async function spoolText(path) {
  if (compressionOf(path) === undefined) return null;
  const archive = await SessionLog.from(path);
  const file = temporaryFile("archive.jsonl");
  const output = openOutput(file, "ax");
  const remove = () => fs.rmSync(file, { force: true });
  try {
    let size = 0;
    for (let length = 1; length > 0; size += length) {
      const part = await archive.bytes({ from: size, to: size + PART });
      length = part.length;
      writeAll(output, part);
    }
    const fd = openRegular(file);
    const close = () => {
      fs.closeSync(fd);
      remove();
    };
    return { fd, size, close };
  } catch (error) {
    remove();
    throw error;
  } finally {
    fs.closeSync(output);
  }
}
