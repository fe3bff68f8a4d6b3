// Reads a log to its end, and describes its damage.

import { FOREIGN, readBatches, RECOVERED } from "../reading/batches.js";

/** @import { Damage, Pending, Report, VerifyOptions } from "../types.js" */
/** @import { DamagedLine, Source } from "../storage/storage.js" */

/** @type {Report} */
export const EMPTY_REPORT = {
  bytes: 0,
  lines: 0,
  entries: 0,
  recovered: 0,
  foreign: 0,
  doubtful: 0,
  damaged: 0,
  damage: [],
  pending: null,
};

/**
 * The most descriptions of damage in a report. A file may have half as many damaged lines as bytes.
 */
export const MAX_DAMAGE = 1_000_000;

/**
 * How long after the last change pending bytes count as unfinished, in milliseconds. No write takes
 * that long.
 */
export const UNFINISHED_AGE = 60_000;

/**
 * Returns the public description of a damaged line.
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
    ...(doubtful.length > 0 && {
      doubtful: doubtful.map(([offset, length]) => ({ offset, length })),
    }),
  };
}

/**
 * Joins damage to the damage before it, if the lines are adjacent, with the same fault and no
 * entry. The core joins such lines too, but only within one chunk.
 *
 * @param {Damage | null | undefined} before
 * @param {Damage} after
 * @returns {Damage | null} null when the two must stay apart
 */
export function joinedDamage(before, after) {
  if (!before || before.kind !== after.kind || before.reason !== after.reason) return null;
  if (before.offset + before.length + 1 !== after.offset) return null;
  if (before.recovered + after.recovered > 0 || before.doubtful || after.doubtful) return null;
  return {
    ...before,
    length: after.offset + after.length - before.offset,
    lines: (before.lines ?? 1) + (after.lines ?? 1),
  };
}

/**
 * Reads a log to its end, and reports what it holds.
 *
 * @param {Source} source
 * @param {number} maxLineBytes
 * @param {VerifyOptions} options
 * @param {(line: DamagedLine) => void} [onDamagedLine]
 * @returns {Promise<Report>}
 */
export async function verifySource(
  source,
  maxLineBytes,
  { signal, onProgress, onDamage },
  onDamagedLine,
) {
  const total = await source.size();
  /** @type {Report} */
  const report = { ...EMPTY_REPORT, damage: [] };
  /** @type {Damage | null} the last damage, to which the next damage may be joined */
  let last = null;
  const flush = () => {
    if (!last) return;
    if (onDamage) onDamage(last);
    else if (report.damage.length < MAX_DAMAGE) report.damage.push(last);
    last = null;
  };
  const reading = {
    from: 0,
    to: Infinity,
    strict: false,
    output: /** @type {const} */ ("none"),
    maxLineBytes,
    signal,
  };
  for await (const {
    places,
    damage,
    lines,
    restOffset,
    restLength,
    pendingOffset,
    pendingLength,
  } of readBatches(source, reading)) {
    report.entries += places.length / 4;
    for (let at = 3; at < places.length; at += 4) {
      if (places[at] & RECOVERED) report.recovered += 1;
      if (places[at] & FOREIGN) report.foreign += 1;
    }
    for (const line of damage) {
      report.damaged += line.lines;
      report.doubtful += line.doubtful.length;
      const each = damageOf(line);
      // A last line without a line end stays apart, because more bytes may come.
      /** @type {Damage | null} */
      const both = line.offset < restOffset ? joinedDamage(last, each) : null;
      if (!both) flush();
      last = both ?? each;
      onDamagedLine?.(line);
    }
    report.lines = lines;
    report.bytes = restOffset + restLength;
    report.pending = pendingLength > 0 ? { offset: pendingOffset, length: pendingLength } : null;
    onProgress?.({ bytes: report.bytes, total: Math.max(total, report.bytes) });
  }
  flush();
  if (report.pending) report.pending = await pendingOf(source, report.pending);
  return report;
}

/**
 * Adds to pending bytes when the file was last changed, where that is known.
 *
 * @param {Source} source
 * @param {{ offset: number, length: number }} place
 * @returns {Promise<Pending>}
 */
export async function pendingOf(source, place) {
  const modified = await source.modified?.();
  return modified === undefined ? place : pendingSince(place, modified);
}

/**
 * Adds to pending bytes when the file was last changed.
 *
 * @param {{ offset: number, length: number }} place
 * @param {number} modified in milliseconds since 1970
 * @returns {Pending}
 */
export function pendingSince(place, modified) {
  const isOld = Date.now() - modified > UNFINISHED_AGE;
  return { ...place, modified: new Date(modified), ...(isOld && { unfinished: true }) };
}
