// Entries as lines of CSV (RFC 4180), for spreadsheets and data frames.

import { stringify } from "csv-stringify/sync";

import { withWritableTimestamp, withWellFormedInput } from "../canonical.js";
import { jsonWithoutFormulas, withoutFormulas } from "./formulas.js";

/** @import { RawJson } from "../../index.js" */
/** @import { Attempt, Entry } from "../../types.js" */

/**
 * @typedef {object} CsvOptions
 * @property {boolean} escapeFormulas whether it is for spreadsheets: what they would take for a formula begins with an apostrophe
 */

/**
 * The columns, in the order of the format. `attempts` is their number and `verified` says of the last one whether it was, as the rows of an
 * index have it; `attempts_json` has all of them, so that nothing of an entry is left out.
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

/** The columns that hold JSON. */
const json = new Set(["input", "attempts_json"]);

/**
 * Gives an attempt as JSON, whatever the size of its number.
 *
 * @param {Attempt} attempt
 */
function attemptJson({ attempt, ...rest }) {
  return `{"attempt":${attempt},${JSON.stringify(rest).slice(1)}`;
}

/** What spreadsheets know UTF-8 by; others may take it for a part of the first name. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Gives the line that names the columns.
 *
 * @param {CsvOptions} options
 */
export function csvHeader({ escapeFormulas }) {
  return (escapeFormulas ? BYTE_ORDER_MARK : "") + stringify([Object.keys(columns)]);
}

/**
 * Gives the line of an entry, its line end included: LF, which every reader takes. What is absent is empty; a text is in quotes where it
 * has a quote, a comma or a line end.
 *
 * @param {Entry} entry read with `{ input: "raw" }`
 * @param {CsvOptions} options
 */
export function csvLine(entry, { escapeFormulas }) {
  const shown = withWellFormedInput(withWritableTimestamp(entry));
  return stringify([
    fields.map(([name, field]) => {
      const value = field(shown);
      // A number is none, and an apostrophe would make a text of it.
      if (!escapeFormulas || typeof value !== "string") return value;
      return json.has(name) ? jsonWithoutFormulas(value) : withoutFormulas(value);
    }),
  ]);
}
