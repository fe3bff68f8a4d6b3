// The entries of hosts, each made from its number alone, so that a test can make it again.

const SKILLS = ["tdd", "review", "docs", "plan"];
const MODELS = ["m-small", "m-large", undefined];
const STATUSES = ["pass", "fail", "skipped"];

/** How many days the entries are of. */
const DAYS = 5;

/**
 * @param {string} host
 * @param {number} session
 * @param {number} number
 * @returns {import("skill-log").EntryInput}
 */
export function writtenEntry(host, session, number) {
  const mixed = Math.imul(number + 1, 0x9e3779b1) >>> 7;
  const time = Date.UTC(2026, 4, 1 + (mixed % DAYS)) + number;
  const attempts = Array.from({ length: mixed % 4 }, (_, index) => ({
    attempt: index + 1,
    model: "m-small",
    output_summary: "x".repeat(mixed % 50),
    verified: (mixed >> index) % 3 !== 0,
  }));
  return {
    session_id: `session-${session}`,
    timestamp: new Date(time),
    skill: SKILLS[mixed % 4],
    phase: `${host}/${number}`,
    input: { number, nested: [mixed, { text: "ü < & \u2028" }] },
    attempts: attempts.length > 0 ? attempts : undefined,
    final_status: STATUSES[mixed % 3],
    model_used: MODELS[mixed % 3],
    duration_ms: mixed % 5 === 0 ? undefined : mixed % 100_000,
    message: "m".repeat(mixed % 300),
  };
}
