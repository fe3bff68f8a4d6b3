// Entries as lines of CSV (RFC 4180), for spreadsheets and data frames.

import { stringify } from "csv-stringify/sync";

import { withWritableTimestamp, withWellFormedInput } from "../canonical.js";
import { jsonWithoutFormulas, withoutFormulas } from "./formulas.js";

/** @import { RawJson } from "../../index.js" */
/** @import { Attempt, Entry } from "../../types.js" */

/**
 * @typedef {object} CsvOptions
 * @property {boolean} escapeFormulas whether texts that a spreadsheet would run as formulas start
 *   with an apostrophe
 */

/**
 * The columns, in the order of the format. As in the rows of an index, `attempts` is the number of
 * attempts and `verified` is that of the last attempt. `attempts_json` has all attempts, so that no
 * field is lost.
 *
 * @type {Record<string, (entry: Entry) => string | number | bigint | undefined>}
 */
const columns = {
  session_id: (entry) => entry.session_id,
  timestamp: (entry) => entry.timestamp,
  skill: (entry) => entry.skill,
  phase: (entry) => entry.phase,
  project_root: (entry) => entry.project_root,
  input: ({ input }) => /** @type {RawJson | undefined} */ (input)?.text,
  attempts: ({ attempts = [] }) => attempts.length,
  verified: ({ attempts = [] }) => attempts.at(-1)?.verified.toString(),
  attempts_json: ({ attempts }) => attempts && `[${attempts.map(attemptJson).join(",")}]`,
  final_status: (entry) => entry.final_status,
  file_path: (entry) => entry.file_path,
  model_used: (entry) => entry.model_used,
  duration_ms: (entry) => entry.duration_ms,
  message: (entry) => entry.message,
};

const fields = Object.entries(columns);

/** The columns whose values are JSON. */
const json = new Set(["input", "attempts_json"]);

/**
 * Returns the JSON of an attempt. Its number may be a bigint, which JSON.stringify refuses.
 *
 * @param {Attempt} attempt
 */
function attemptJson({ attempt, ...rest }) {
  return `{"attempt":${attempt},${JSON.stringify(rest).slice(1)}`;
}

/**
 * Lets spreadsheets recognize UTF-8; other programs may read it as part of the first column name.
 */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Returns the line of column names.
 *
 * @param {CsvOptions} options
 */
export function csvHeader({ escapeFormulas }) {
  return (escapeFormulas ? BYTE_ORDER_MARK : "") + stringify([Object.keys(columns)]);
}

/**
 * Returns the line of an entry, with its line end (LF, which every reader accepts). Absent fields
 * are empty. A text is quoted when it has a quote, a comma or a line end.
 *
 * @param {Entry} entry read with `{ input: "raw" }`
 * @param {CsvOptions} options
 */
export function csvLine(entry, { escapeFormulas }) {
  const shown = withWellFormedInput(withWritableTimestamp(entry));
  return stringify([
    fields.map(([name, field]) => {
      const value = field(shown);
      // A number is not a formula, and an apostrophe would turn it into a text.
      if (!escapeFormulas || typeof value !== "string") return value;
      return json.has(name) ? jsonWithoutFormulas(value) : withoutFormulas(value);
    }),
  ]);
}
