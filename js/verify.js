import { readBatches } from "./log-reader.js";

/** @import { DamagedLine } from "./log-reader.js" */
/** @import { Source } from "./storage/source.js" */
/** @import { Damage, ProgressOptions, Report } from "./types.js" */

/** @type {Report} */
export const EMPTY_REPORT = { bytes: 0, lines: 0, entries: 0, recovered: 0, damaged: 0, damage: [], pending: null };

/** Damaged lines that a report describes, of those it counts: a file may have as many as half its bytes. */
export const MAX_DAMAGE = 1_000_000;

/**
 * Gives what the public sees of a damaged line.
 *
 * @param {DamagedLine} line
 * @returns {Damage}
 */
export function damageOf({ kind, reason, offset, length, line, whole }) {
  return { kind, reason, offset, length, ...(line !== undefined && { line }), recovered: whole.length };
}

/**
 * Reads a log to its end, and reports.
 *
 * @param {Source} source
 * @param {number} maxLineBytes
 * @param {ProgressOptions} options
 * @param {(line: DamagedLine) => void} [onDamagedLine]
 * @returns {Promise<Report>}
 */
export async function verifySource(source, maxLineBytes, { signal, onProgress }, onDamagedLine) {
  const total = await source.size();
  /** @type {Report} */
  const report = { ...EMPTY_REPORT, damage: [] };
  const reading = { from: 0, to: Infinity, strict: false, output: /** @type {const} */ ("none"), maxLineBytes, signal };
  for await (const { places, damage, lines, restOffset, restLength } of readBatches(source, reading)) {
    report.entries += places.length / 4;
    for (let at = 3; at < places.length; at += 4) report.recovered += places[at];
    for (const line of damage) {
      report.damaged += 1;
      if (report.damaged <= MAX_DAMAGE) report.damage.push(damageOf(line));
      onDamagedLine?.(line);
    }
    report.lines = lines;
    report.bytes = restOffset + restLength;
    report.pending = restLength > 0 ? { offset: restOffset, length: restLength } : null;
    onProgress?.({ bytes: report.bytes, total: Math.max(total, report.bytes) });
  }
  return report;
}
