// Lines that tests are made of.

import { encode } from "skill-log";

/**
 * An entry as it is read.
 *
 * @param {string} skill
 * @param {object} [more]
 */
export function entry(skill, more = {}) {
  return { session_id: "s", timestamp: "2026-01-02T03:04:05Z", skill, final_status: "ok", ...more };
}

/**
 * An entry's line, without its line end.
 *
 * @param {string} skill
 * @param {object} [more]
 */
export function line(skill, more) {
  return Buffer.from(encode(entry(skill, more)))
    .toString()
    .slice(0, -1);
}

/** An entry that was cut within its message. */
export const TORN = line("torn", { message: "cut" }).slice(0, -3);
