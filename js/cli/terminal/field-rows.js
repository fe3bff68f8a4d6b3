// Prints chosen fields of entries: as a table, as JSON objects, or between tabs.

import { InvalidArgumentError } from "commander";

import { jsonText } from "../json-text.js";
import { durationText, instantOf, localTime } from "../selection/times.js";
import { styledStatus } from "./entry-lines.js";
import { stdout } from "./output.js";
import { printable, printableJson } from "./printable.js";
import { table } from "./table.js";
import { cut } from "./width.js";

/** @import { RawJson } from "../../index.js" */
/** @import { Entry } from "../../types.js" */

/** The fields of an entry, in the order of the format; and what can be said of its attempts. */
const FIELDS = [
  "session_id",
  "timestamp",
  "skill",
  "phase",
  "project_root",
  "input",
  "attempts",
  "final_status",
  "file_path",
  "model_used",
  "duration_ms",
  "message",
  "verified",
];

/** The fields without --fields. */
const USUAL = [
  "session_id",
  "timestamp",
  "skill",
  "phase",
  "final_status",
  "model_used",
  "message",
];

/** How many rows of a table are held back to find the widths of its columns. */
const GATHERED = 1000;

/** The most columns of a cell in a terminal. */
const WIDEST = 60;

/** What a tab, a line end and a backslash become between tabs, as in PostgreSQL's text format. */
const ESCAPES = /** @type {Record<string, string>} */ ({
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
});

/**
 * Parses the typed names of fields.
 *
 * @param {string} text
 */
export function parseFields(text) {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names)
    if (!FIELDS.includes(name))
      throw new InvalidArgumentError(`Expected names with commas between: ${FIELDS.join(", ")}.`);
  return names;
}

/** Formats chosen fields of entries. */
export class FieldRows {
  #fields;
  #form;
  #isFirst = true;
  /** @type {string[][]} */
  #rows = [];

  /**
   * @param {string[] | undefined} fields
   * @param {"json" | "tsv" | "table"} form
   */
  constructor(fields, form) {
    this.#fields = fields ?? USUAL;
    this.#form = form;
  }

  /**
   * Adds an entry.
   *
   * @param {string} session its displayed name
   * @param {Entry} entry read with `{ input: "raw" }`
   * @returns {string} what to write now
   */
  add(session, entry) {
    const fields = this.#fields;
    if (this.#form === "json") {
      const members = fields.flatMap((name) => {
        const json = jsonOf(entry, name);
        return json === undefined ? [] : [`${JSON.stringify(name)}:${json}`];
      });
      const line = `{${members.join(",")}}\n`;
      return stdout.isTerminal ? printableJson(line) : line;
    }
    if (this.#form === "tsv") {
      const cells = fields.map((name) =>
        textOf(entry, name).replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]),
      );
      const line = `${stdout.isTerminal ? printableTsv(cells) : cells.join("\t")}\n`;
      if (!this.#isFirst) return line;
      this.#isFirst = false;
      return `${fields.join("\t")}\n${line}`;
    }
    this.#rows.push(fields.map((name) => cellOf(entry, name)));
    return this.#rows.length < GATHERED ? "" : this.flush();
  }

  /** Returns the rows that were held back. */
  flush() {
    if (this.#rows.length === 0) return "";
    const columns = this.#fields.map((name) => ({
      head: name.toUpperCase(),
      isRight: isNumber(name),
    }));
    const text = table(columns, this.#rows);
    this.#rows = [];
    const start = this.#isFirst ? 0 : text.indexOf("\n") + 1;
    this.#isFirst = false;
    return text.slice(start);
  }
}

/** @param {string} name */
function isNumber(name) {
  return name === "duration_ms" || name === "attempts";
}

/** @param {string[]} cells */
function printableTsv(cells) {
  return cells.map((cell) => printable(cell)).join("\t");
}

/**
 * @param {Entry} entry
 * @param {string} name
 */
function valueOf(entry, name) {
  if (name === "verified") return entry.attempts?.at(-1)?.verified;
  return /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (entry))[name];
}

/**
 * @param {Entry} entry
 * @param {string} name
 * @returns {string | undefined} undefined where the entry has no such field
 */
function jsonOf(entry, name) {
  const value = valueOf(entry, name);
  if (value === undefined) return undefined;
  return name === "input" ? /** @type {RawJson} */ (value).text : jsonText(value);
}

/**
 * @param {Entry} entry
 * @param {string} name
 */
function textOf(entry, name) {
  const value = valueOf(entry, name);
  return typeof value === "string" ? value : (jsonOf(entry, name) ?? "");
}

/**
 * @param {Entry} entry
 * @param {string} name
 */
function cellOf(entry, name) {
  const { timestamp, attempts, duration_ms: took, final_status: status } = entry;
  if (name === "timestamp") return localTime(instantOf(timestamp));
  if (name === "attempts") return attempts ? String(attempts.length) : "";
  if (name === "duration_ms") return took === undefined ? "" : durationText(took);
  const text = printable(textOf(entry, name));
  const shown = stdout.isTerminal ? cut(text, WIDEST) : text;
  return name === "final_status" ? styledStatus(status, shown) : shown;
}
