// The command line. Each run is a new process, whose start is part of its time.

import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { has, lineEnds, printed } from "../peers/commands.js";

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
const small = fileURLToPath(
  new URL("../../tests/cli/fixtures/logs/fix-login.jsonl", import.meta.url),
);

/**
 * What `stats` computes per skill, status and model. jq has no percentiles, so the filter sorts.
 */
const jqStats = `
def percentile(p): sort | if length == 0 then null else .[((length * p) | ceil) - 1] end;
def rate(f): map(select(.attempts)) | if length == 0 then null else (map(select(f)) | length) / length end;
def measured(key): group_by(key) | map({
  name: (.[0] | key), entries: length,
  verified_rate: rate(.attempts[-1].verified), first_try_rate: rate(.attempts[0].verified),
  attempts_mean: (map(.attempts | length) | add / length),
  duration_ms: (map(.duration_ms | select(.)) | { p50: percentile(0.5), p95: percentile(0.95), max: max })
});
[inputs | { skill, final_status, model_used, duration_ms, attempts: (.attempts | if . then map({ verified }) else null end) }]
| { entries: length, skills: measured(.skill), statuses: measured(.final_status), models: measured(.model_used) }`;

/** @param {string} name @param {string[]} args @param {object} [about] */
function asProcess(name, args, about) {
  return {
    name,
    process: true,
    ...about,
    start: () => ({ run: () => printed(process.execPath, args) }),
  };
}

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "cli/version",
    title: "`skill-log --version`",
    rounds: 21,
    setUp: () => ({
      unit: "ms",
      contenders: [
        asProcess("skill-log --version", [program, "--version"]),
        asProcess("node -e 0", ["-e", "0"], { atLeast: 0.5 }),
      ],
    }),
  },
  {
    name: "cli/read",
    title: "`skill-log read` of a small session",
    rounds: 21,
    setUp: () => ({
      unit: "ms",
      contenders: [
        asProcess("skill-log read", [program, "read", small]),
        asProcess("node -e 0", ["-e", "0"], { atLeast: 0.33 }),
      ],
    }),
  },
  {
    name: "cli/stats-1gb",
    title: "`skill-log stats` of a 1 GB session",
    rounds: 3,
    setUp({ quick }) {
      const { path, bytes, entries } = logOf(quick ? 102.4 : 1024);
      const count = async (/** @type {string} */ command, /** @type {string[]} */ args) =>
        JSON.parse((await printed(command, args)).toString()).entries;
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          counted(
            "skill-log stats",
            entries,
            () => count(process.execPath, [program, "stats", path, "--json"]),
            { process: true },
          ),
          ...(has("jq")
            ? [
                counted(
                  "jq, the same statistics",
                  entries,
                  () => count("jq", ["-n", jqStats, path]),
                  {
                    process: true,
                    atLeast: 10,
                  },
                ),
              ]
            : []),
        ],
      };
    },
  },
  {
    name: "cli/search-1gb",
    title: "`skill-log read --grep` of a rare text in a 1 GB session",
    rounds: 3,
    setUp({ quick }) {
      const { path, bytes } = logOf(quick ? 102.4 : 1024);
      const text = "no entry has this";
      const hits = async (/** @type {string} */ command, /** @type {string[]} */ args) =>
        lineEnds(await printed(command, args));
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          counted(
            "skill-log read --grep",
            0,
            () => hits(process.execPath, [program, "read", path, "--grep", text, "--json"]),
            { process: true },
          ),
          ...(has("jq")
            ? [
                counted(
                  "jq, in any string",
                  0,
                  () => hits("jq", ["-c", `select(any(.. | strings; contains("${text}")))`, path]),
                  { process: true },
                ),
              ]
            : []),
          ...(has("grep")
            ? [
                counted(
                  "grep -F, in the lines as spelled",
                  0,
                  () => hits("grep", ["-F", text, path]),
                  { process: true, lesser: true },
                ),
              ]
            : []),
        ],
      };
    },
  },
];
