// Whatever entries and conditions are, `matches` judges an entry as `LogIndex.select` judges its
// row.

import assert from "node:assert/strict";
import test from "node:test";
import { decode, encode, matches, SessionLog } from "skill-log";

import { randomEntry } from "./random-entries.js";
import { Random } from "./random.js";

/** @import { Conditions, Entry } from "skill-log" */

const seed = Number(process.env.SKILL_LOG_SEED ?? 20_260_104);

/**
 * Conditions that some of the entries meet.
 *
 * @param {Random} random
 * @param {Entry[]} entries
 * @param {boolean} [mayExclude] whether they may have `not`
 * @returns {Conditions}
 */
function randomConditions(random, entries, mayExclude = true) {
  const [one, other] = [random.pick(entries), random.pick(entries)];
  const text = (/** @type {string | undefined} */ a = "", b = "") =>
    random.pick([a, [a], [a, b], [b, "unheard of"]]);
  const duration = BigInt(one.duration_ms ?? 0);
  return {
    ...(random.chance(0.3) && { skill: text(one.skill, other.skill) }),
    ...(random.chance(0.3) && { phase: text(one.phase, other.phase) }),
    ...(random.chance(0.3) && { final_status: text(one.final_status, other.final_status) }),
    ...(random.chance(0.2) && { model_used: text(one.model_used, other.model_used) }),
    ...(random.chance(0.2) && { verified: random.chance(0.5) }),
    ...(random.chance(0.3) && { since: one.timestamp }),
    ...(random.chance(0.3) && { until: other.timestamp }),
    ...(random.chance(0.3) && { min_duration_ms: duration + BigInt(random.below(3)) - 1n }),
    ...(random.chance(0.2) && { max_duration_ms: duration + BigInt(random.below(3)) - 1n }),
    ...(mayExclude && random.chance(0.3) && { not: randomConditions(random, entries, false) }),
  };
}

test("matches agrees with select, for entries read in any way", async (t) => {
  t.diagnostic(`SKILL_LOG_SEED=${seed}`);
  const random = new Random(seed);
  const lines = Array.from({ length: 500 }, () => encode(randomEntry(random, "s")));
  const entries = lines.map((line) => decode(line));
  const raw = lines.map((line) => decode(line, { input: "raw", integers: "number" }));
  const index = await (await SessionLog.from(Buffer.concat(lines))).index();
  let some = 0;
  for (let i = 0; i < 500; i += 1) {
    const conditions = randomConditions(random, entries);
    const rows = [...index.select(conditions)];
    for (const read of [entries, raw]) {
      const matched = read.flatMap((entry, row) => (matches(entry, conditions) ? [row] : []));
      assert.deepEqual(
        matched,
        rows,
        JSON.stringify(conditions, (_, value) => String(value)),
      );
    }
    if (rows.length > 0 && rows.length < entries.length) some += 1;
  }
  assert.ok(some > 200, `${some} conditions told some entries from others`);
});
