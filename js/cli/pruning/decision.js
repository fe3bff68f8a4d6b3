// Decides which sessions are removed. Whatever is in doubt is kept.

import { counted } from "../terminal/counted.js";

/**
 * What is known of a session.
 *
 * @typedef {object} SessionFacts
 * @property {number} active when it was active last, in milliseconds since 1970: the newest of the
 *   times of its files and of its entries
 * @property {string} [fault] why it cannot be removed: a link, or files that are in use
 * @property {string} [unsafe] why its name cannot be that of a session
 * @property {Contents | null} contents null when it was not read
 * @property {ReadonlySet<string>} statuses those of its entries
 */

/** @typedef {{ bytes: number, entries: number, damaged: number, foreign: number, pending: unknown }} Contents */

/**
 * What the user wants.
 *
 * @typedef {object} Rules
 * @property {number} now
 * @property {number} older milliseconds
 * @property {number} [keep] how many sessions are kept that were active last
 * @property {readonly string[]} [keepStatus] sessions with an entry of one of these statuses are kept
 * @property {boolean} [damaged] whether to remove damaged logs
 * @property {boolean} [unsafe] whether to remove logs whose names cannot be those of sessions
 */

/**
 * Why a session is kept: it is not old, or there is a reason that its user may want to know. `null`: it
 * is removed.
 *
 * @typedef {"not old" | { why: string } | null} Kept
 */

/**
 * Decides about sessions.
 *
 * @template {SessionFacts} T
 * @param {T[]} sessions
 * @param {Rules} rules
 * @returns {Map<T, Kept>} in the same order
 */
export function decide(sessions, rules) {
  const decisions = new Map(sessions.map((each) => [each, keptBecause(each, rules)]));
  const { keep = 0 } = rules;
  if (keep > 0) {
    const newest = [...sessions].sort((a, b) => b.active - a.active).slice(0, keep);
    for (const each of newest)
      if (decisions.get(each) === null)
        decisions.set(each, { why: `one of the ${counted(keep, "session")} active last` });
  }
  return decisions;
}

/**
 * @param {SessionFacts} session
 * @param {Rules} rules
 * @returns {Kept}
 */
function keptBecause({ active, fault, unsafe, contents, statuses }, rules) {
  if (!(rules.now - active > rules.older)) return "not old";
  const status = rules.keepStatus?.find((status) => statuses.has(status));
  const why = [
    [fault !== undefined, fault],
    [unsafe !== undefined && !rules.unsafe, `${unsafe}; --unsafe removes it`],
    [contents === null, "could not be read"],
    [contents && contents.pending !== null, "its last entry is unfinished; repair it first"],
    [contents && contents.foreign > 0, "has lines that are not skill-log entries"],
    [contents && contents.damaged > 0 && !rules.damaged, damageOf(contents)],
    [contents && contents.entries === 0 && contents.bytes > 0, "has no entries"],
    [status !== undefined, `has an entry with the status ${status}`],
  ].find(([is]) => is)?.[1];
  return why === undefined ? null : { why: String(why) };
}

/** @param {Contents | null} contents */
function damageOf(contents) {
  return `has ${counted(contents?.damaged ?? 0, "damaged line")}; repair it, or --damaged removes it`;
}
