// Makes realistic entries as plain values, as an agent runner would append them.

/** @import { Random } from "./random.js" */

const words = [
  "added",
  "branch",
  "build",
  "cache",
  "fixed",
  "flaky",
  "kept",
  "merge",
  "parser",
  "refactored",
  "retry",
  "rolled back",
  "schema",
  "tests",
  "the",
  "timeout",
  "unchanged",
  "verified",
  "works",
  "größer",
  "façade",
  "日本語",
  "проверка",
];

/** Text that some encoders get wrong. */
const oddText = [
  "<b>",
  "&amp;",
  "a > b",
  "\u2028",
  "\u2029",
  "\0",
  "\b\f\n\r\t",
  "\v",
  "\x1b[31m",
  "\x7f",
  "\x85",
  "\ufeff",
  "\ufffd",
  "\uffff",
  '"',
  "\\",
  "/",
  "\\n",
  "\\u0041",
  "😀",
  "👩‍💻",
  "\u{10ffff}",
  "\ud7ff\ue000",
  "ſK",
  "e\u0301",
  "\ud83d",
  "\ude00",
  "\ude00\ud83d",
  "\ud83d\ud83d\ude00",
  '{"session_id":"x"',
  "}\n{",
  "null",
  "𝒳",
];

const skills = ["tdd", "debug", "docs", "lint-fix", "plan", "test-gen", "risk check"];
const phases = ["red", "green", "refactor", "apply", "verify", ""];
const statuses = ["pass", "fail", "skipped", "timeout", "error: 2 > 1"];
const models = ["small:7b", "coder-small:14b", "general-70b-q4", "reasoner-r1:32b", ""];
const paths = [
  "internal/store/store.go",
  "web/src/App.tsx",
  "docs/guide & faq.md",
  "D:\\acme\\desktop",
  "",
  "src/größe.rs",
];

/** @param {Random} random */
export function randomText(random) {
  const parts = [];
  for (let i = random.below(8); i > 0; i--)
    parts.push(random.pick(random.chance(0.12) ? oddText : words));
  return parts.join(random.chance(0.9) ? " " : "");
}

/**
 * Makes a JSON value.
 *
 * @param {Random} random
 * @param {number} [depth] how deep arrays and objects may nest
 * @returns {any}
 */
export function randomValue(random, depth = 4) {
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.between(-1000, 100_000);
    case 2:
      return random.pick([0.1, -2.5e-7, 1e21, 2 ** 53 + 2, 1.7976931348623157e308, 5e-324]);
    case 3:
    case 4:
      return randomText(random);
    case 5:
      return Array.from({ length: random.below(5) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [
          random.chance(0.8)
            ? random.pick([
                "spec",
                "files",
                "opts",
                "dry_run",
                "seed",
                "é",
                "",
                "__proto__",
                "10",
                "2",
              ])
            : randomText(random),
          randomValue(random, depth - 1),
        ]),
      );
  }
}

/** @param {Random} random */
export function randomAttempt(random) {
  return {
    attempt: random.between(1, 5),
    model: random.pick(models),
    ...(random.chance(0.6) && { output_summary: randomText(random) }),
    ...(random.chance(0.4) && { runner_output: randomText(random) }),
    verified: random.chance(0.5),
  };
}

/**
 * Makes a timestamp as Go's RFC3339Nano writes it: the fraction ends in no zero.
 *
 * @param {Random} random
 */
export function randomTimestamp(random) {
  const date = new Date(Date.UTC(2024, 0, 1) + random.below(3 * 366 * 86_400) * 1000)
    .toISOString()
    .slice(0, 19);
  const fraction = random.chance(0.7)
    ? `.${random.between(1, 999_999_999).toString().padStart(9, "0")}`.replace(/0+$/, "")
    : "";
  return date + fraction + random.pick(["Z", "Z", "Z", "+02:00", "-08:00", "+05:45"]);
}

/**
 * Makes an entry that the Go original and the package accept. Optional members may be absent or
 * empty.
 *
 * @param {Random} random
 * @param {string} sessionId
 */
export function randomEntry(random, sessionId) {
  return {
    session_id: sessionId,
    timestamp: randomTimestamp(random),
    skill: random.pick(skills),
    ...(random.chance(0.7) && { phase: random.pick(phases) }),
    ...(random.chance(0.5) && { project_root: random.pick(paths) }),
    ...(random.chance(0.6) && { input: randomValue(random) }),
    ...(random.chance(0.6) && {
      attempts: Array.from({ length: random.below(4) }, () => randomAttempt(random)),
    }),
    final_status: random.pick(statuses),
    ...(random.chance(0.6) && { file_path: random.pick(paths) }),
    ...(random.chance(0.6) && { model_used: random.pick(models) }),
    ...(random.chance(0.8) && {
      duration_ms: random.pick([0, 1, 60_252, 2 ** 53 - 1, random.below(1e6)]),
    }),
    ...(random.chance(0.6) && { message: randomText(random) }),
  };
}
