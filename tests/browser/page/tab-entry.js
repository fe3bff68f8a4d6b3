// Entries that hold who appended them and when, and that can be made again for comparison.

import { Random } from "../../conformance/random.js";

const random = new Random(2026);

/** Text without repetition, so that a piece that is moved or doubled shows. */
const text = Array.from({ length: 8192 }, () => String.fromCharCode(random.between(97, 122))).join(
  "",
);

/**
 * @param {object} of
 * @param {string} of.tab
 * @param {number} of.life counts how often the tab was loaded
 * @param {number} of.attempt counts the appends of a life
 * @param {number} of.number
 * @returns {import("skill-log").Entry} an entry whose line `JSON.stringify` makes
 */
export function entryOf({ tab, life, attempt, number }) {
  const length = (number * 7919) % 600;
  const from = (number * 104_729) % (text.length - length);
  return {
    session_id: "s",
    timestamp: new Date(Date.UTC(2026, 0, 2) + number * 1000).toISOString().replace(".000Z", "Z"),
    skill: tab,
    phase: `${life}`,
    attempts: [{ attempt, model: "m", verified: true }],
    final_status: "ok",
    duration_ms: number,
    message: text.slice(from, from + length + 1),
  };
}

/** @param {import("skill-log").Entry} entry */
export function identityOf({ skill, phase, attempts, duration_ms }) {
  return `${skill} ${phase} ${attempts?.[0].attempt} ${duration_ms}`;
}
