// Prints an entry in full, for people.

import { durationText, instantOf, localTime } from "../selection/times.js";
import { styledStatus } from "./entry-lines.js";
import { stdout } from "./output.js";
import { printable, printableJson } from "./printable.js";

/** @import { RawJson } from "../../index.js" */
/** @import { Attempt, Entry } from "../../types.js" */

/**
 * Returns an entry in full: its fields, its `input` as indented JSON, and its attempts.
 *
 * @param {string} log the displayed name of the log
 * @param {Entry} entry read with `{ input: "raw" }`
 */
export function entryPage(log, entry) {
  const { style } = stdout;
  const {
    session_id,
    timestamp,
    skill,
    phase,
    final_status,
    model_used,
    duration_ms,
    project_root,
    file_path,
    message,
    input,
    attempts = [],
  } = entry;
  const lines = [
    style.bold(printable(`${skill}${phase ? `/${phase}` : ""}`)) +
      `  ${styledStatus(final_status, printable(final_status))}`,
  ];
  const fields = {
    session: session_id === log ? session_id : `${session_id} in ${log}`,
    time: `${localTime(instantOf(timestamp))} (${timestamp})`,
    model: model_used,
    duration:
      duration_ms === undefined ? undefined : `${durationText(duration_ms)} (${duration_ms} ms)`,
    project: project_root,
    file: file_path,
  };
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined)
      lines.push(`  ${style.dim(name.padEnd(9))}${printable(value, style.inverse)}`);
  if (message !== undefined) lines.push(fieldText("message", message));
  if (input !== undefined)
    lines.push(fieldText("input", printableJson(indented(/** @type {RawJson} */ (input).text))));
  for (const attempt of attempts) lines.push(attemptText(attempt));
  return `${lines.join("\n")}\n`;
}

/**
 * Indents JSON. Numbers and strings stay as they are written.
 *
 * @param {string} json valid
 */
export function indented(json) {
  const parts = [];
  let level = 0;
  const start = () => `\n${"  ".repeat(level)}`;
  for (let at = 0; at < json.length; ) {
    const from = at;
    at += 1;
    const token = json[from];
    if (token === '"') {
      at = stringEnd(json, from);
      parts.push(json.slice(from, at));
    } else if (token === "{" || token === "[") {
      while (BLANK.includes(json[at])) at += 1;
      const isEmpty = json[at] === "}" || json[at] === "]";
      if (!isEmpty) level += 1;
      parts.push(isEmpty ? token + json[at++] : token + start());
    } else if (token === "}" || token === "]") {
      level -= 1;
      parts.push(start() + token);
    } else if (token === ",") {
      parts.push(token + start());
    } else if (token === ":") {
      parts.push(": ");
    } else if (!BLANK.includes(token)) {
      parts.push(token);
    }
  }
  return parts.join("");
}

const BLANK = " \t\n\r";

/**
 * Returns the index after the closing quote of a string. (A regular expression needs memory for
 * each of its characters.)
 *
 * @param {string} json
 * @param {number} start the index of the opening quote
 */
function stringEnd(json, start) {
  for (let at = start; ; ) {
    at = json.indexOf('"', at + 1);
    let slashes = 0;
    while (json[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
}

/** @param {Attempt} attempt */
function attemptText({ attempt, model, verified, output_summary, runner_output }) {
  const { style } = stdout;
  const mark = verified ? style.green("✓ verified") : style.red("✗ not verified");
  const lines = [`  ${style.dim("attempt")}  ${attempt}  ${style.cyan(printable(model))}  ${mark}`];
  if (output_summary !== undefined) lines.push(fieldText("summary", output_summary, 4));
  if (runner_output !== undefined) lines.push(fieldText("output", runner_output, 4));
  return lines.join("\n");
}

/**
 * Returns a named text, which may have several lines, as it is printed.
 *
 * @param {string} name
 * @param {string} text
 * @param {number} [indent]
 */
function fieldText(name, text, indent = 2) {
  const { style } = stdout;
  const lines = text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => printable(line, style.inverse));
  const start = " ".repeat(indent);
  if (lines.length === 1) return `${start}${style.dim(name.padEnd(9))}${lines[0]}`;
  return [`${start}${style.dim(name)}`, ...lines.map((line) => `${start}  ${line}`)].join("\n");
}
