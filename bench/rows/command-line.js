// The command line. Each run is a new process, whose start is part of its time.

import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { sessionsOf } from "../directories.js";
import { logOf } from "../logs.js";
import { matcher } from "../matcher.js";
import { has, lineEnds, printed, sumOfCounts } from "../peers/commands.js";
import { splitEach } from "../peers/readers.js";
import { scratch } from "../scratch.js";
import { rareText } from "../sessions.js";

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

/** Prints the size and the time of each file of a directory, and does nothing else. */
const LISTS = `
const fs = require("node:fs");
const dir = process.argv[1];
let text = "";
for (const name of fs.readdirSync(dir)) {
  const { size, mtime } = fs.lstatSync(dir + "/" + name, { bigint: true });
  text += name + "  " + size + "  " + mtime.toISOString() + "\\n";
}
process.stdout.write(text);`;

const doesNothing = (/** @type {number} */ atLeast) =>
  asProcess("node -e 0", ["-e", "0"], { atLeast });

/** @type {import("../measure.js").Row[]} */
const single = [
  {
    name: "cli/version",
    title: "`skill-log --version`",
    rounds: 21,
    setUp: () => ({
      unit: "ms",
      contenders: [asProcess("skill-log --version", [program, "--version"]), doesNothing(0.5)],
    }),
  },
  {
    name: "cli/read",
    title: "`skill-log read` of a small session",
    rounds: 21,
    setUp: () => ({
      unit: "ms",
      contenders: [asProcess("skill-log read", [program, "read", small]), doesNothing(0.33)],
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

/** @type {import("../measure.js").Row[]} */
const many = [
  ...[
    {
      name: "cli/list-cached",
      title: "`skill-log list -l` of 10,000 sessions, with a cache",
      isCached: true,
      limit: 4,
    },
    {
      name: "cli/list-uncached",
      title: "`skill-log list -l` of 10,000 sessions, without a cache",
      isCached: false,
      limit: 12,
    },
  ].map(({ name, title, isCached, limit }) => ({
    name,
    title,
    rounds: isCached ? 15 : 5,
    async setUp(/** @type {import("../measure.js").Scale} */ { quick }) {
      const { dir, names } = sessions(quick);
      const run = skillLog(isCached);
      // Without the line above the table.
      const list = async () => lineEnds(await run(["list", "-l", dir])) - 1;
      await list();
      return {
        unit: "ms",
        contenders: [
          counted("skill-log list -l", names.length, list, { process: true }),
          doesNothing(1 / limit),
          counted(
            "node: readdir + lstat of each, a line each",
            names.length,
            async () => lineEnds(await printed(process.execPath, ["-e", LISTS, dir])),
            { process: true, lesser: true },
          ),
        ],
      };
    },
  })),
  {
    name: "cli/stats-sessions",
    title: "`skill-log stats` of 10,000 sessions, without a cache",
    rounds: 5,
    setUp({ quick }) {
      const { dir, names, bytes, entries } = sessions(quick);
      const run = skillLog(false);
      const count = (/** @type {Buffer} */ json) => JSON.parse(String(json)).entries;
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          counted(
            "skill-log stats",
            entries,
            async () => count(await run(["stats", "--json", dir])),
            {
              process: true,
            },
          ),
          ...(has("jq")
            ? [
                counted(
                  "jq, the same statistics",
                  entries,
                  async () => count(await printed("jq", ["-n", jqStats, ...names], {}, dir)),
                  { process: true, atLeast: 5 },
                ),
              ]
            : []),
        ],
      };
    },
  },
  {
    name: "cli/search-sessions",
    title: "`skill-log search -c` in 10,000 sessions, with a cache",
    rounds: 9,
    async setUp({ quick }) {
      const { dir, bytes } = sessions(quick);
      const text = rareText;
      const holds = matcher({ text });
      let expected = 0;
      splitEach(dir, (entry) => void (expected += Number(holds(entry))));
      if (expected === 0) throw new Error(`no entry has ${text}`);
      const run = skillLog(true);
      const search = async () => sumOfCounts(await run(["search", "-c", text, dir]));
      await search();
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          counted("skill-log search -c", expected, search, { process: true }),
          ...(has("rg")
            ? [
                counted(
                  "rg -c, in the lines as spelled",
                  expected,
                  // Git ignores the folder of the logs.
                  async () =>
                    sumOfCounts(await printed("rg", ["-c", "--no-ignore", "-F", text, dir])),
                  { process: true, lesser: true, atLeast: 1 / 6 },
                ),
              ]
            : []),
        ],
      };
    },
  },
];

export const rows = [...single, ...many];

/** @param {boolean} quick */
function sessions(quick) {
  return sessionsOf(quick ? 1_000 : 10_000, "15kb");
}

/**
 * Returns a function that runs the program, and returns what it printed.
 *
 * @param {boolean} isCached whether the runs share a cache; otherwise none has a cache
 */
function skillLog(isCached) {
  const env = { XDG_CACHE_HOME: scratch() };
  return (/** @type {string[]} */ args) =>
    printed(process.execPath, [program, ...args, ...(isCached ? [] : ["--no-cache"])], env);
}
