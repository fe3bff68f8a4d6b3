// One entry, as it is typed.

import { InvalidArgumentError, Option } from "commander";

import { RawJson } from "../../index.js";
import { UsageError } from "../failures.js";
import { parseDuration } from "../selection/times.js";

/** @import { Command } from "commander" */

/** The options, by the fields they give. */
const names = /** @type {const} */ ({
  timestamp: "timestamp",
  skill: "skill",
  phase: "phase",
  project_root: "projectRoot",
  input: "input",
  attempts: "attempt",
  final_status: "status",
  file_path: "file",
  model_used: "model",
  duration_ms: "duration",
  message: "message",
});

/** Values as JSON: nothing of them is rounded. @typedef {Partial<Record<typeof names[keyof typeof names], string>>} EntryOptions */

/** @param {string} text */
const text = (text) => JSON.stringify(text);

/** @param {string} text @returns {string} */
function json(text) {
  try {
    return new RawJson(text).text;
  } catch (error) {
    throw new InvalidArgumentError(
      `${/** @type {Error} */ (error).message}. A string has quotes of its own: '"text"'.`,
    );
  }
}

/** @param {string} text @param {string} [others] */
function jsonArray(text, others) {
  return others === undefined ? `[${json(text)}]` : `${others.slice(0, -1)},${json(text)}]`;
}

/** @param {string} text */
function milliseconds(text) {
  return String(/^\d+$/.test(text) ? BigInt(text) : parseDuration(text));
}

/**
 * Gives a command the options of one entry.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addEntryOptions(command) {
  const options = [
    new Option("--skill <name>", "its skill").argParser(text),
    new Option("--status <status>", "how it ended, in words of your own").argParser(text),
    new Option("--phase <name>", "its phase").argParser(text),
    new Option("--model <name>", "the model that gave its result").argParser(text),
    new Option("--message <text>", "what there is to say").argParser(text),
    new Option("--input <json>", "what the skill was given: any JSON value").argParser(json),
    new Option(
      "--duration <time>",
      "how long it took: 250ms, 1.5s, 2m; or whole milliseconds",
    ).argParser(milliseconds),
    new Option("--project-root <path>", "where it ran").argParser(text),
    new Option("--file <path>", "the file it was about").argParser(text),
    new Option("--timestamp <time>", "RFC 3339, as 2026-01-31T18:00:00Z (default: now)").argParser(
      text,
    ),
    new Option(
      "--attempt <json>",
      "one try, as a JSON object: attempt, model and verified; output_summary and runner_output if there are any; given again for each, in order",
    ).argParser(jsonArray),
  ];
  for (const option of options) command.addOption(option.helpGroup("One entry:"));
  return command;
}

/**
 * Gives the line of the entry that was typed.
 *
 * @param {EntryOptions} options
 * @returns {Buffer | null} null where none was
 */
export function lineFromOptions(options) {
  const members = Object.entries(names).flatMap(([field, name]) =>
    options[name] === undefined ? [] : [`"${field}":${options[name]}`],
  );
  if (members.length === 0) return null;
  const missing = [
    options.skill === undefined ? "--skill" : "",
    options.status === undefined ? "--status" : "",
  ].filter(Boolean);
  if (missing.length > 0) throw new UsageError(`an entry needs ${missing.join(" and ")} too`);
  return Buffer.from(`{${members.join(",")}}`);
}
