// What `matches` refuses, and what it looks at. That it agrees with `LogIndex.select` is shown by
// hand in log-index.test.js, and at random in tests/conformance/matches.test.js.

import assert from "node:assert/strict";
import test from "node:test";
import { matches, RawJson, SessionLog } from "skill-log";

import { entry, line } from "../support/lines.js";

/** @type {[select: any][]} */
const refusedSelections = [
  [null],
  ["plan"],
  [{ skills: "plan" }],
  [{ skill: 5 }],
  [{ final_status: ["ok", 5] }],
  [{ verified: 1 }],
  [{ since: "2026-01-01" }],
  [{ until: new Date(NaN) }],
  [{ min_duration_ms: 1.5 }],
  [{ min_duration_ms: 2n ** 63n }],
  [{ max_duration_ms: "5" }],
  [{ not: "plan" }],
  [{ not: null }],
  [{ not: { skills: "plan" } }],
  [{ not: { not: {} } }],
  [{ not: { skill: [5] } }],
  [{ not: { max_duration_ms: 0.5 } }],
];

test("throws the error of select when conditions are wrong", async () => {
  const index = await (await SessionLog.from(Buffer.from(line("x")))).index();
  const errorOf = (/** @type {() => unknown} */ call) => {
    try {
      call();
    } catch (error) {
      const { code, message } = /** @type {any} */ (error);
      // An entry is not one of several rows, and does not say where it was read.
      return { code, message: message.replace(/, session, recovered, foreign|, rows/g, "") };
    }
    return assert.fail("not refused");
  };
  for (const [select] of refusedSelections) {
    const refused = errorOf(() => matches(entry("x"), select));
    assert.equal(refused.code, "INVALID_ARGUMENT");
    assert.deepEqual(
      refused,
      errorOf(() => index.select(select)),
    );
  }
  for (const asked of ["rows", "session", "recovered", "foreign"])
    for (const select of [{ [asked]: [] }, { not: { [asked]: [] } }])
      assert.match(
        errorOf(() => matches(entry("x"), /** @type {any} */ (select))).message,
        /^(options|not)\.\w+: unknown option/,
      );
});

const aTime = "a string with an RFC 3339 time, or a Date";

/** @type {[entry: any, field: string, message: string][]} */
const refusedEntries = [
  [undefined, "entry", "entry: expected an object, got undefined"],
  [null, "entry", "entry: expected an object, got null"],
  [[entry("x")], "entry", "entry: expected an object, got an array"],
  [entry("x", { skill: undefined }), "skill", "skill: missing, but required"],
  [entry("x", { skill: 5 }), "skill", "skill: expected a string, got the number 5"],
  [entry("x", { phase: null }), "phase", "phase: expected a string, got null"],
  [entry("x", { final_status: undefined }), "final_status", "final_status: missing, but required"],
  [entry("x", { model_used: 1n }), "model_used", "model_used: expected a string, got the bigint 1"],
  [
    entry("x", { timestamp: "today" }),
    "timestamp",
    `timestamp: expected ${aTime}, got the string "today"`,
  ],
  [entry("x", { timestamp: 5 }), "timestamp", `timestamp: expected ${aTime}, got the number 5`],
  [
    entry("x", { duration_ms: 0.5 }),
    "duration_ms",
    "duration_ms: expected a whole number, got the number 0.5",
  ],
  [
    entry("x", { attempts: {} }),
    "attempts",
    "attempts: expected an array of objects, got an object",
  ],
  [
    entry("x", { attempts: [{}] }),
    "attempts[0].verified",
    "attempts[0].verified: missing, but required",
  ],
  [
    entry("x", { attempts: [null, { verified: 1 }] }),
    "attempts[1].verified",
    "attempts[1].verified: expected true or false, got the number 1",
  ],
  [
    {
      get skill() {
        throw new Error("no");
      },
    },
    "skill",
    "skill: expected a value, got an error when it was read: no",
  ],
];

test("throws with the field's name when an entry is bad", () => {
  for (const [given, field, message] of refusedEntries)
    assert.throws(() => matches(given, {}), { code: "INVALID_ENTRY", field, message });
});

test("matches an entry when it was read, or is as append takes it", () => {
  const time = "2026-01-02T03:04:05Z";
  const since = { since: time };
  assert.equal(matches(entry("x", { timestamp: new Date(time) }), since), true);
  // It is now.
  assert.equal(matches({ skill: "x", final_status: "ok" }, since), true);
  assert.equal(matches(entry("x", { input: new RawJson("1") }), {}), true);
  // Rounding may lead beyond 64 bits.
  assert.equal(
    matches(entry("x", { duration_ms: 2 ** 63 }), { min_duration_ms: 2n ** 63n - 1n }),
    true,
  );
  assert.equal(matches(entry("x", { duration_ms: -(2 ** 64) }), { min_duration_ms: -1 }), false);
  assert.equal(matches(entry("x", { attempts: [] }), { verified: false }), false);
});
