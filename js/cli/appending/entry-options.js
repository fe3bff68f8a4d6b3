// The options of `skill-log append` that describe one entry.

import { InvalidArgumentError, Option } from "commander";

import { RawJson } from "../../index.js";
import { UsageError } from "../failures.js";
import { parseDuration } from "../selection/times.js";

/** @import { Command } from "commander" */

/** Field of an entry → name of its option. */
const optionNames = /** @type {const} */ ({
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

/**
 * Values as JSON text, so that no number is rounded.
 *
 * @typedef {Partial<Record<typeof optionNames[keyof typeof optionNames], string>>} EntryOptions
 */

/** @param {string} text */
const text = (text) => JSON.stringify(text);

/** @param {string} text @returns {string} */
function json(text) {
  try {
    return new RawJson(text).text;
  } catch (error) {
    throw new InvalidArgumentError(
      `${sentence(/** @type {Error} */ (error).message)}. A string needs quotes inside the quotes: '"text"'.`,
    );
  }
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
 * Adds the options that describe one entry.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addEntryOptions(command) {
  const options = [
    new Option("--skill <name>", "the skill that ran").argParser(text),
    new Option("--status <status>", "how it ended, in your own words").argParser(text),
    new Option("--phase <name>", "the phase of the skill").argParser(text),
    new Option("--model <name>", "the model that produced the result").argParser(text),
    new Option("--message <text>", "a message for people").argParser(text),
    new Option("--input <json>", "the input of the skill: any JSON value").argParser(json),
    new Option(
      "--duration <time>",
      "how long it took: 250ms, 1.5s, 2m, or whole milliseconds",
    ).argParser(milliseconds),
    new Option("--project-root <path>", "the directory of the project").argParser(text),
    new Option("--file <path>", "the file that the skill worked on").argParser(text),
    new Option(
      "--timestamp <time>",
      "when it ended: RFC 3339, like 2026-01-31T18:00:00Z (default: now)",
    ).argParser(text),
    new Option(
      "--attempt <json>",
      "one attempt, a JSON object with attempt, model and verified, and optionally output_summary and runner_output; repeat for each attempt, in order",
    ).argParser(jsonArray),
  ];
  for (const option of options) command.addOption(option.helpGroup("One entry:"));
  return command;
}

/**
 * Returns the JSON line of the entry that the options describe.
 *
 * @param {EntryOptions} options
 * @returns {Buffer | null} null when none of the options was given
 */
export function lineFromOptions(options) {
  const members = Object.entries(optionNames).flatMap(([field, name]) =>
    options[name] === undefined ? [] : [`"${field}":${options[name]}`],
  );
  if (members.length === 0) return null;
  const missing = [
    options.skill === undefined ? "--skill" : "",
    options.status === undefined ? "--status" : "",
  ].filter(Boolean);
  if (missing.length > 0)
    throw new UsageError(`an entry needs a skill and a status; add ${missing.join(" and ")}`);
  return Buffer.from(`{${members.join(",")}}`);
}
