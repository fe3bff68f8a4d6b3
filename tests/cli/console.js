// Reads transcripts of a console, and runs their commands again.
//
//   # what it does when        a case: one or more commands in a folder of its own (places.js)
//   $ skill-log read logs      a command with piped outputs; lines that start with "> " continue it
//   a line of standard output
//   ! a line of standard error
//   [1]                        its exit status, unless it is 0
//
//   % skill-log read logs      the same in a terminal of 100 columns, with both outputs together
//   ^C entry                   types Ctrl-C after "entry" was printed
//
// Characters that are not printable are written as ␛ for an escape, and as ⟦U+202E⟧ for all others.
// A last line without its line end has a struck-out ⏎.

import { inPipe, inTerminal } from "./running.js";

/** @import { Keys, Outcome } from "./running.js" */

/** @typedef {{ isTerminal: boolean, command: string, keys: Keys[] }} Step */
/** @typedef {{ title: string, steps: Step[], text: string }} Case */

const NO_LINE_END = "⏎\u0338";

/**
 * Returns the cases of a transcript.
 *
 * @param {string} text
 * @returns {Case[]}
 */
export function casesOf(text) {
  return text
    .split(/^(?=# )/m)
    .filter((part) => part.startsWith("# "))
    .map((part) => {
      const lines = part.trimEnd().split("\n");
      /** @type {Step[]} */
      const steps = [];
      for (const line of lines) {
        const kind = line.slice(0, 2);
        if (kind === "$ " || kind === "% ")
          steps.push({ isTerminal: kind === "% ", command: line.slice(2), keys: [] });
        const step = steps.at(-1);
        if (kind === "> " && step) step.command += `\n${line.slice(2)}`;
        if (line.startsWith("^C ") && step) step.keys.push({ after: line.slice(3), type: "\x03" });
      }
      return { title: lines[0].slice(2), steps, text: part.trimEnd() };
    });
}

/**
 * Returns the programs that a case runs and that some machines lack.
 *
 * @param {Case} of
 */
export function programsOf({ steps }) {
  const runs = (/** @type {RegExp} */ program) =>
    steps.some(({ command }) => program.test(command));
  const isInTerminal = steps.some(({ isTerminal }) => isTerminal);
  return [
    ...(isInTerminal || runs(/[|;&] *python3\b/) ? ["python3"] : []),
    ...(runs(/[|;&] *zstd\b/) ? ["zstd"] : []),
  ];
}

/**
 * Runs a case, and returns its transcript.
 *
 * @param {Case} of
 * @param {string} cwd
 * @returns {Promise<string>}
 */
export async function transcriptOf({ title, steps }, cwd) {
  const parts = [`# ${title}`];
  for (const { isTerminal, command, keys } of steps) {
    const run = isTerminal ? inTerminal : inPipe;
    const outcome = await run(command, { cwd, keys });
    parts.push(
      (isTerminal ? "% " : "$ ") + command.replaceAll("\n", "\n> "),
      ...keys.map(({ after }) => `^C ${after}`),
      ...printed(outcome),
    );
  }
  return parts.join("\n");
}

/** @param {Outcome} outcome */
function printed({ stdout, stderr, status }) {
  return [
    ...visible(stdout),
    ...visible(stderr).map((line) => `! ${line}`),
    ...(status === 0 ? [] : [`[${status}]`]),
  ];
}

/** @param {Buffer} bytes */
function visible(bytes) {
  const text = bytes
    .toString()
    .replaceAll("\r\n", "\n")
    .replaceAll("\x1b", "␛")
    .replace(
      /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) =>
        `⟦U+${/** @type {number} */ (character.codePointAt(0)).toString(16).toUpperCase().padStart(4, "0")}⟧`,
    );
  if (text === "") return [];
  return text.endsWith("\n") ? text.slice(0, -1).split("\n") : `${text}${NO_LINE_END}`.split("\n");
}
