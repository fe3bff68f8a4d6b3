// Which colour a status gets. Statuses are the user's own words: only common words have a tone.

/** @typedef {"good" | "bad" | "warn" | "plain"} Tone the name of a class, and of a colour */

/** @type {[Tone, RegExp][]} */
const words = [
  [
    "bad",
    /^(fail|failed|failure|error|errored|crash(ed)?|fatal|broken|rejected|timed?[ _-]?out)$/i,
  ],
  [
    "good",
    /^(pass|passed|ok|okay|success|succeeded|successful|done|complete[d]?|verified|fixed)$/i,
  ],
  [
    "warn",
    /^(warn|warning|partial|partly|unverified|skip|skipped|cancel|cancell?ed|abort|aborted|unknown|retry|retried|blocked|escalated|needs?[ _-].+)$/i,
  ],
];

/**
 * Returns the tone of a status.
 *
 * @param {string} status
 * @returns {Tone} `plain` for a word of the user's own
 */
export function toneOf(status) {
  return words.find(([, word]) => word.test(status))?.[0] ?? "plain";
}
