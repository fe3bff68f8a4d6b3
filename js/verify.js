import { FOREIGN, readBatches, RECOVERED } from "./log-reader.js";

/** @import { DamagedLine } from "./log-reader.js" */
/** @import { Source } from "./storage/source.js" */
/** @import { Damage, Pending, Report, VerifyOptions } from "./types.js" */

/** @type {Report} */
export const EMPTY_REPORT = {
  bytes: 0, lines: 0, entries: 0, recovered: 0, foreign: 0, doubtful: 0, damaged: 0, damage: [], pending: null,
};

/** Damaged lines that a report describes, of those it counts: a file may have as many as half its bytes. */
export const MAX_DAMAGE = 1_000_000;

/** How long ago a file was changed whose last entry nobody is going to finish, in milliseconds: no write takes that long. */
export const UNFINISHED_AGE = 60_000;

/**
 * Gives what the public sees of a damaged line.
 *
 * @param {DamagedLine} line
 * @returns {Damage}
 */
export function damageOf({ kind, reason, offset, length, line, lines, whole, doubtful }) {
  return {
    kind,
    reason,
    offset,
    length,
    ...(line !== undefined && { line }),
    ...(lines > 1 && { lines }),
    recovered: whole.length,
    ...(doubtful.length > 0 && { doubtful: doubtful.map(([offset, length]) => ({ offset, length })) }),
  };
}

/**
 * Reads a log to its end, and reports.
 *
 * @param {Source} source
 * @param {number} maxLineBytes
 * @param {VerifyOptions} options
 * @param {(line: DamagedLine) => void} [onDamagedLine]
 * @returns {Promise<Report>}
 */
export async function verifySource(source, maxLineBytes, { signal, onProgress, onDamage }, onDamagedLine) {
  const total = await source.size();
  /** @type {Report} */
  const report = { ...EMPTY_REPORT, damage: [] };
  const reading = { from: 0, to: Infinity, strict: false, output: /** @type {const} */ ("none"), maxLineBytes, signal };
  for await (const { places, damage, lines, restOffset, restLength, pendingOffset, pendingLength } of readBatches(source, reading)) {
    report.entries += places.length / 4;
    for (let at = 3; at < places.length; at += 4) {
      if (places[at] & RECOVERED) report.recovered += 1;
      if (places[at] & FOREIGN) report.foreign += 1;
    }
    for (const line of damage) {
      report.damaged += line.lines;
      report.doubtful += line.doubtful.length;
      if (onDamage) onDamage(damageOf(line));
      else if (report.damage.length < MAX_DAMAGE) report.damage.push(damageOf(line));
      onDamagedLine?.(line);
    }
    report.lines = lines;
    report.bytes = restOffset + restLength;
    report.pending = pendingLength > 0 ? { offset: pendingOffset, length: pendingLength } : null;
    onProgress?.({ bytes: report.bytes, total: Math.max(total, report.bytes) });
  }
  if (report.pending) report.pending = await pendingOf(source, report.pending);
  return report;
}

/**
 * Adds to pending bytes when the file was changed last, where that is known.
 *
 * @param {Source} source
 * @param {{ offset: number, length: number }} place
 * @returns {Promise<Pending>}
 */
export async function pendingOf(source, place) {
  const modified = await source.modified?.();
  if (modified === undefined) return place;
  const isOld = Date.now() - modified > UNFINISHED_AGE;
  return { ...place, modified: new Date(modified), ...(isOld && { unfinished: true }) };
}
