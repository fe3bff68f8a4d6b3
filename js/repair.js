// Makes a log clean in place: offsets stay, and no writer that has it open can lose an entry.
//
// Only bytes before the last line end are touched, which no writer touches again. Each damaged stretch is
// saved first and synced, then overwritten with line ends. A kill in between leaves it to be done again.

import { EMPTY_REPORT, verifySource } from "./verify.js";

/** @import { RepairedFile } from "./storage/storage.js" */
/** @import { DamagedLine } from "./log-reader.js" */
/** @import { RepairOptions, RepairReport } from "./types.js" */

/** Bytes of a stretch that are saved in one line: 64 KiB in base64. */
const SAVED_BYTES = 48 * 1024;

const NEWLINE = 0x0a;

/**
 * @param {RepairedFile | null} file null where there is no log
 * @param {number} maxLineBytes
 * @param {RepairOptions} options
 * @returns {Promise<RepairReport>}
 */
export async function repairFile(file, maxLineBytes, { dryRun = false, exclusive = false, ...options }) {
  if (!file) return { ...EMPTY_REPORT, damage: [], repaired: 0, saved: 0, left: 0 };
  /** @type {{ offset: number, length: number, kind: string }[]} */
  const stretches = [];
  /** @type {number[]} */
  let touching = [];
  let left = 0;
  const report = await verifySource(file.source, maxLineBytes, options, (line) => {
    // Perhaps an entry that a larger limit would read: not to be decided here.
    if (line.kind === "too_long") {
      left += 1;
      return;
    }
    for (const [offset, length] of line.damaged) stretches.push({ offset, length, kind: line.kind });
    const touches = touchesOf(line);
    if (touches.length > 0 && !exclusive) left += 1;
    for (const offset of touches) touching.push(offset);
  });
  if (!exclusive) touching = [];
  // Told before anything is changed, and in a dry run too.
  file.checkPlaces?.(stretches.length > 0, touching.length > 0);
  let repaired = 0;
  let saved = 0;
  if (dryRun) {
    repaired = stretches.length;
    saved = stretches.reduce((sum, { length }) => sum + length, 0);
  } else {
    const mended = [];
    for (const stretch of stretches) if (await save(file, stretch, options.signal)) mended.push(stretch);
    await file.syncSaved();
    for (const { offset, length } of mended.reverse()) {
      options.signal?.throwIfAborted();
      await file.blank(offset, length);
      repaired += 1;
      saved += length;
    }
    if (repaired > 0) await file.sync();
    if (touching.length > 0) await file.insertNewlines(touching);
  }
  return { ...report, repaired, saved, ...(repaired > 0 && !dryRun && { savedTo: file.savedPath }), left };
}

/**
 * Finds where a whole entry begins right behind another.
 *
 * @param {DamagedLine} line
 */
function touchesOf({ whole }) {
  return whole.slice(1).flatMap(([offset], index) => (whole[index][0] + whole[index][1] === offset ? [offset] : []));
}

/**
 * Saves a stretch, unless another repair has overwritten it in the meantime.
 *
 * @param {RepairedFile} file
 * @param {{ offset: number, length: number, kind: string }} stretch
 * @param {AbortSignal} [signal]
 * @returns {Promise<boolean>} whether there was something to save
 */
async function save(file, { offset, length, kind }, signal) {
  let saved = false;
  for (let at = offset; at < offset + length; ) {
    signal?.throwIfAborted();
    const stretch = new Uint8Array(Math.min(SAVED_BYTES, offset + length - at));
    const bytes = stretch.subarray(0, await file.source.read(at, stretch));
    if (bytes.length === 0) break;
    if (bytes.some((byte) => byte !== NEWLINE)) {
      await file.save(at, kind, bytes);
      saved = true;
    }
    at += bytes.length;
  }
  return saved;
}
