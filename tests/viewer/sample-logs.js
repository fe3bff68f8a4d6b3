// Logs as people have them, for tests that look at the page.

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encode } from "skill-log";

/** @import { EntryInput } from "skill-log" */

/** When the newest entry is, unless a test says so. */
export const NOW = Date.parse("2026-11-29T18:00:00Z");

const skills = ["tdd", "code-review", "refactor", "write-docs", "fix-flaky-test", "release"];
const phases = ["plan", "implement", "verify"];
const models = ["claude-opus-4", "claude-sonnet-4", "gpt-5"];
const statuses = ["pass", "pass", "pass", "failed", "partial", "needs_review"];
const projects = ["checkout", "search", "billing", "mobile", "infra"];
const words = ["timeout", "retry", "null check", "race", "schema", "cache key", "locale"];

/**
 * Makes the entries of a session.
 *
 * @param {string} session
 * @param {number} seed so that sessions differ
 * @param {number} count
 * @param {number} end when the last one is, in milliseconds since 1970
 * @returns {EntryInput[]}
 */
export function sampleEntries(session, seed, count, end) {
  return Array.from({ length: count }, (_, at) => {
    const pick = (/** @type {readonly string[]} */ from, salt = 1) =>
      from[(seed * 7 + at * salt + ((at * at) % 5)) % from.length];
    const status = pick(statuses);
    const tries = status === "pass" ? 1 + ((seed + at) % 2) : 3;
    return {
      session_id: session,
      timestamp: new Date(end - (count - 1 - at) * 47_000 - ((seed * at) % 9) * 1000),
      skill: pick(skills),
      phase: pick(phases),
      project_root: `/srv/work/${pick(projects, 0)}`,
      input: { file: `src/${pick(projects, 0)}/${at}.js`, goal: `Fix the ${pick(words)}` },
      attempts: Array.from({ length: tries }, (_, attempt) => ({
        attempt: attempt + 1,
        model: pick(models, attempt + 1),
        output_summary: `Changed ${1 + ((at + attempt) % 5)} files for the ${pick(words)}`,
        runner_output: `${12 + at} tests, ${attempt + 1 < tries ? 2 : 0} failed`,
        verified: attempt + 1 === tries && status === "pass",
      })),
      final_status: status,
      file_path: `src/${pick(projects, 0)}/${at}.js`,
      model_used: pick(models),
      duration_ms: 800 + ((seed * 131 + at * 977) % 60_000),
      message: `The ${pick(words)} in ${pick(projects, 0)} was looked at.`,
    };
  });
}

/**
 * Writes logs into a folder.
 *
 * @param {string} folder
 * @param {number} count of sessions
 * @returns {string[]} their paths, the newest first
 */
export function writeSampleLogs(folder, count) {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: count }, (_, at) => {
    const id = `${projects[at % projects.length]}-${skills[(at * 3) % skills.length]}-${1000 - at}`;
    const end = NOW - Math.round(at ** 2.2 * 240_000);
    const entries = sampleEntries(id, at, 3 + ((at * 37) % 140), end);
    const lines = entries.map((entry) => Buffer.from(encode(entry)));
    // As a kill in the middle of a write leaves a log, and as another one continues it.
    if (at % 9 === 4)
      lines.splice(2, 0, Buffer.concat([lines[1].subarray(0, 90), Buffer.from("\n")]));
    if (at % 11 === 6) lines.push(lines[0].subarray(0, 120));
    const path = join(folder, `${id}.jsonl`);
    writeFileSync(path, Buffer.concat(lines));
    utimesSync(path, end / 1000, end / 1000);
    return path;
  });
}
