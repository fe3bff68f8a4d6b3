// The logs that the pictures of the page show: a team's sessions of one day.

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encode } from "skill-log";

/** The instant at which the pictures are taken. */
export const NOW = Date.parse("2026-11-29T18:00:00Z");

/** Of each skill, its phases and what its entries say. */
const work = [
  ["plan", "", "Split the change into three steps", 4200],
  ["tdd", "test", "Wrote a test for coupons that expire at midnight", 18_500],
  ["tdd", "implement", "A coupon rounds twice when a cart has two currencies", 96_400],
  ["code-review", "", "No problem found in 4 files", 21_000],
  ["fix-flaky-test", "reproduce", "Failed 3 of 200 runs: a timeout in the payment stub", 184_000],
  ["fix-flaky-test", "fix", "The stub answers before the timeout now", 41_300],
  ["refactor", "", "Moved the price rules out of the cart", 63_700],
  ["tdd", "verify", "All 312 tests pass", 38_900],
  ["write-docs", "", "Described the coupon rules for support", 12_800],
  ["release", "", "Waits for the review of the migration", 2100],
];

const ids = [
  ...[
    ["checkout-coupons", 64, 0],
    ["checkout-refunds", 58, 22],
    ["mobile-login", 37, 48],
  ],
  ...[
    ["search-synonyms", 91, 95],
    ["billing-invoices", 44, 140],
    ["infra-upgrade", 120, 220],
  ],
  ...[
    ["docs-migration", 18, 400],
    ["checkout-tax-rules", 73, 600],
    ["mobile-offline", 52, 900],
  ],
  ...[
    ["search-ranking", 105, 1300],
    ["billing-dunning", 29, 1500],
    ["infra-backups", 66, 2900],
  ],
];

/**
 * Writes the logs into a folder.
 *
 * @param {string} folder
 */
export function writeLogs(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [at, [id, count, minutes]] of /** @type {[string, number, number][]} */ (
    ids
  ).entries()) {
    const end = NOW - minutes * 60_000 - 30_000;
    const lines = entriesOf(id, at, count, end).map((entry) => Buffer.from(encode(entry)));
    if (id === "mobile-login") {
      // A write that was cut, and bytes of another program before an entry.
      lines.splice(3, 0, Buffer.concat([lines[3].subarray(0, 110), Buffer.from("\n")]));
      lines[6] = Buffer.concat([Buffer.from("npm warn deprecated\x1b[0m "), lines[6]]);
    }
    if (id === "search-synonyms") lines.push(lines[0].subarray(0, 140));
    const path = join(folder, `${id}.jsonl`);
    writeFileSync(path, Buffer.concat(lines));
    utimesSync(path, end / 1000, end / 1000);
  }
}

/**
 * @param {string} id
 * @param {number} seed
 * @param {number} count
 * @param {number} end when the last entry is, in milliseconds since 1970
 */
function entriesOf(id, seed, count, end) {
  // A pause at noon.
  const pause = 2_700_000;
  return Array.from({ length: count }, (_, at) => {
    const [skill, phase, message, usual] = /** @type {[string, string, string, number]} */ (
      work[(at + seed) % work.length]
    );
    const chance = ((at + 3) * 7919 + seed * 104_729) % 97;
    const tries = message.includes("rounds twice") || chance > 82 ? 2 + (chance % 2) : 1;
    const status = skill === "release" ? "needs_review" : chance > 88 ? "failed" : "pass";
    const duration = Math.round(usual * (0.6 + chance / 97));
    const before = (count - 1 - at) * 132_000 + (chance % 60) * 1000;
    const start = end - (at === count - 1 ? 0 : before) - (at < count / 3 ? pause : 0);
    return {
      session_id: id,
      timestamp: new Date(start),
      skill,
      ...(phase && { phase }),
      project_root: `/work/${id.split("-")[0]}`,
      input: {
        goal: message,
        files: [`src/cart/coupon-${1 + (at % 4)}.js`, "src/cart/rounding.js"],
        limits: { attempts: 3, minutes: 10 },
      },
      attempts: Array.from({ length: tries }, (__, attempt) => ({
        attempt: attempt + 1,
        model: ["m-large", "m-small"][(at + attempt) % 2],
        output_summary:
          attempt + 1 < tries ? "Rounds each line" : "Rounds the sum of the lines once",
        runner_output: [
          "> vitest run cart",
          "",
          " \u2713 adds a coupon (4 ms)",
          attempt + 1 < tries || status === "failed"
            ? " \x1b[31m\u2717 rounds once for two currencies\x1b[39m (6 ms)\n   expected 10.05, got 10.06"
            : " \x1b[32m\u2713\x1b[39m rounds once for two currencies (5 ms)",
          "",
          attempt + 1 < tries || status === "failed"
            ? "Tests  \x1b[31m1 failed\x1b[39m, 11 passed"
            : "Tests  \x1b[32m12 passed\x1b[39m",
        ].join("\n"),
        verified: attempt + 1 === tries && status === "pass",
      })),
      final_status: status,
      file_path: `src/cart/coupon-${1 + (at % 4)}.js`,
      model_used: ["m-large", "m-small"][at % 2],
      duration_ms: duration,
      message,
    };
  });
}
