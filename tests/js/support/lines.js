// Entries and lines that tests use.

import { encode } from "skill-log";

/**
 * Returns an entry as reading returns it, with `more` members.
 *
 * @template {object} [More={}]
 * @param {string} skill
 * @param {More} [more]
 */
export function entry(skill, more) {
  return {
    session_id: "s",
    timestamp: "2026-01-02T03:04:05Z",
    skill,
    final_status: "ok",
    .../** @type {More} */ (more),
  };
}

/**
 * Returns an entry's line, without its line end.
 *
 * @param {string} skill
 * @param {object} [more]
 */
export function line(skill, more) {
  return Buffer.from(encode(entry(skill, more)))
    .toString()
    .slice(0, -1);
}

/** An entry's line that was cut within its message. */
export const TORN = line("torn", { message: "cut" }).slice(0, -3);
