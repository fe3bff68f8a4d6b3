// Entries that tell who appended them when, and can be made again to be compared.

import { Random } from "../../conformance/random.js";

const random = new Random(2026);

/** Text that is nowhere the same: a piece that is moved, or twice there, shows. */
const text = Array.from({ length: 8192 }, () => String.fromCharCode(random.between(97, 122))).join(
  "",
);

/**
 * @param {{ tab: string, life: number, attempt: number, number: number }} of the tab's `life` begins anew when it is loaded; no two
 *   appends of one life have the same `attempt`
 * @returns {import("skill-log").Entry} which `JSON.stringify` makes the line of
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
