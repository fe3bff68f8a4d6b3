// An entry as Markdown. What it holds is text: nothing of it is read as Markdown or as HTML.

import { prettyJson, stringEnd } from "../entry/pretty-json.js";

/**
 * Returns a line of a log as Markdown.
 *
 * @param {string} line canonical
 * @param {number} number of the entry, from 1
 */
export function markdownOf(line, number) {
  const entry = JSON.parse(line);
  const name = [entry.skill, entry.phase].filter(Boolean).map(inline).join(" · ");
  const parts = [`## ${number}. ${name} — ${inline(entry.final_status)}`];
  const facts = [
    ["Session", entry.session_id],
    ["Ended", entry.timestamp],
    ["Duration", entry.duration_ms === undefined ? undefined : `${entry.duration_ms} ms`],
    ["Model", entry.model_used],
    ["File", entry.file_path],
    ["Project", entry.project_root],
  ];
  parts.push(
    facts
      .filter(([, value]) => value)
      .map(([title, value]) => `- ${title}: ${inline(value)}`)
      .join("\n"),
  );
  if (entry.message) parts.push(fenced(entry.message));
  for (const attempt of entry.attempts ?? []) {
    const verified = attempt.verified ? "verified" : "not verified";
    parts.push(`### Attempt ${attempt.attempt}: ${inline(attempt.model)}, ${verified}`);
    if (attempt.output_summary) parts.push(fenced(attempt.output_summary));
    if (attempt.runner_output) parts.push(fenced(attempt.runner_output));
  }
  const input = inputOf(line);
  if (input !== null) parts.push("### Input", fenced(prettyJson(input), "json"));
  return `${parts.join("\n\n")}\n\n`;
}

/**
 * Returns the JSON text of an entry's `input`, so that no number is rounded.
 *
 * @param {string} line
 */
function inputOf(line) {
  const key = '"input":';
  let depth = 0;
  let start = -1;
  for (let at = 0; at < line.length; at += 1)
    switch (line[at]) {
      case '"':
        if (depth === 1 && line.startsWith(key, at)) start = at + key.length;
        at = stringEnd(line, at) - 1;
        break;
      case "{":
      case "[":
        depth += 1;
        break;
      case "}":
      case "]":
        depth -= 1;
        if (depth === 0 && start >= 0) return line.slice(start, at);
        break;
      case ",":
        if (depth === 1 && start >= 0) return line.slice(start, at);
        break;
    }
  return null;
}

/**
 * Returns a short text within a line of Markdown.
 *
 * @param {unknown} value
 */
function inline(value) {
  return String(value)
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>()#+\-!|~&@:]/g, "\\$&");
}

/**
 * Returns a text as a block of code, whose fence it does not have.
 *
 * @param {string} text
 * @param {string} [language]
 */
function fenced(text, language = "") {
  let longest = 2;
  for (const [ticks] of text.matchAll(/`+/g)) longest = Math.max(longest, ticks.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\r\n?/g, "\n").replace(/\n$/, "")}\n${fence}`;
}
