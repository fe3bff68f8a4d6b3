// Searching a log for the entries that hold a text.

import { SessionLog } from "skill-log";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { has, lineEnds, printed } from "../peers/commands.js";
import { openDuckDb } from "../peers/duckdb.js";
import { eachLine, split } from "../peers/readers.js";

/**
 * A text to search for. No line spells it with an escape and no key holds it, so that peers which
 * search the lines find the same entries.
 *
 * @typedef {{ text: string, ignoreCase?: boolean }} Wanted
 */

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
 * Returns a function that returns whether an entry, or a line, holds the text.
 *
 * @param {Wanted} wanted
 * @returns {(value: any) => boolean}
 */
function matcher({ text, ignoreCase }) {
  const wanted = ignoreCase ? text.toLowerCase() : text;
  const holds = (/** @type {string} */ string) =>
    (ignoreCase ? string.toLowerCase() : string).includes(wanted);
  return (value) => (typeof value === "string" ? holds(value) : inEntry(value, holds));
}

/**
 * Searches where `search` does: in each string, and in the keys inside `input`.
 *
 * @param {any} entry
 * @param {(text: string) => boolean} holds
 */
function inEntry({ input, attempts = [], ...rest }, holds) {
  const inStrings = (/** @type {object} */ object) =>
    Object.values(object).some((value) => typeof value === "string" && holds(value));
  return inStrings(rest) || attempts.some(inStrings) || inValue(input, holds);
}

/**
 * @param {any} value
 * @param {(text: string) => boolean} holds
 * @returns {boolean}
 */
function inValue(value, holds) {
  if (typeof value === "string") return holds(value);
  if (Array.isArray(value)) return value.some((item) => inValue(item, holds));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => holds(key) || inValue(item, holds));
}

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
