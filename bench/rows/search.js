// Searching a log for the entries that hold a text.

import { SessionLog } from "skill-log";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { matcher } from "../matcher.js";
import { has, lineEnds, printed } from "../peers/commands.js";
import { openDuckDb } from "../peers/duckdb.js";
import { eachLine, split } from "../peers/readers.js";

/** @typedef {import("../matcher.js").Wanted} Wanted */

/** @type {{ name: string, title: string, wanted: Wanted }[]} */
const searches = [
  // Ten minutes: few entries have the text, but each timestamp begins like it.
  {
    name: "search/rare",
    title: "search a 256 MB log for a rare text",
    wanted: { text: "2026-01-07T14:3" },
  },
  {
    name: "search/frequent",
    title: "search a 256 MB log for a frequent text",
    wanted: { text: "normalize" },
  },
  {
    name: "search/ignore-case",
    title: "search a 256 MB log for a text in any case",
    wanted: { text: "PRÜFUNG SCHLÄGT", ignoreCase: true },
  },
];

/** @type {import("../measure.js").Row[]} */
export const rows = searches.map(({ name, title, wanted }) => ({
  name,
  title,
  rounds: 3,
  async setUp({ quick }) {
    const { path, bytes } = logOf(quick ? 25.6 : 256);
    const log = await SessionLog.from(path);
    const index = await log.index();
    const duckDb = await openDuckDb();
    const { text, ignoreCase = false } = wanted;
    const count = async (/** @type {typeof parsed} */ way) => {
      const holds = matcher(wanted);
      let found = 0;
      await way(path, (entry) => void (found += Number(holds(entry))));
      return found;
    };
    // Each contender must find what JSON.parse and a walk through all strings find.
    const expected = await count(parsed);
    if (expected === 0) throw new Error(`no entry has the text of ${name}`);
    return {
      unit: "MB/s",
      value: (time) => bytes / 1_000 / time,
      contenders: [
        counted(
          "skill-log search",
          expected,
          async () => (await index.search(text, { ignoreCase })).length,
        ),
        counted("readFile + split + JSON.parse + includes", expected, () => count(parsed), {
          atLeast: 10,
        }),
        counted("readFile + split + includes in the line", expected, () => count(eachLine), {
          lesser: true,
        }),
        ...(duckDb
          ? [
              counted("DuckDB, contains in each column", expected, () =>
                duckDb.search(path, wanted),
              ),
            ]
          : []),
        ...(has("jq")
          ? [
              counted("jq, contains in each string", expected, () => jq(path, wanted), {
                process: true,
              }),
            ]
          : []),
        ...(has("grep")
          ? [
              counted(`grep -c ${ignoreCase ? "-i " : ""}-F`, expected, () => grep(path, wanted), {
                process: true,
                lesser: true,
              }),
            ]
          : []),
      ],
      async end() {
        duckDb?.close();
        await log.close();
      },
    };
  },
}));

const parsed = split.read;

/**
 * @param {string} path
 * @param {Wanted} wanted
 */
async function jq(path, { text, ignoreCase }) {
  const holds = ignoreCase ? 'test($text; "i")' : "contains($text)";
  const filter = `select(any((.. | strings), (.input | .. | objects | keys[]); ${holds})) | 1`;
  return lineEnds(await printed("jq", ["-c", "--arg", "text", text, filter, path]));
}

/**
 * @param {string} path
 * @param {Wanted} wanted
 */
async function grep(path, { text, ignoreCase }) {
  const options = ["-c", "-F", ...(ignoreCase ? ["-i"] : [])];
  return Number(await printed("grep", [...options, "-e", text, path], { LC_ALL: "C.UTF-8" }));
}
