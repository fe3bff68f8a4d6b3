// Reports of verify and repair, for people and as JSON.

import { jsonText } from "../json-text.js";
import { instantOf, localTime as timeOf } from "../selection/times.js";
import { counted } from "./counted.js";
import { stdout } from "./output.js";
import { printable, printableJson } from "./printable.js";

/** @import { Damage, Pending, Report } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** All kinds of damage, in the order in which a line is tested for them. */
const KINDS = /** @type {const} */ (["corrupt", "fused", "nul", "torn", "too_long"]);

/** How many items of a list are written at once. */
const FEW = 1000;

/**
 * Returns one line that sums up a log.
 *
 * @param {NamedLog} log
 * @param {Report} report
 */
export function summaryOf({ name }, report) {
  const { bold, green, red, yellow } = stdout.style;
  const { bytes, entries, recovered, foreign, doubtful, damaged, pending } = report;
  const facts = [
    damaged === 0
      ? green("clean")
      : `${red(counted(damaged, "damaged line"))} (${kindsOf(report)})`,
    ...(bytes === 0
      ? ["empty"]
      : [
          `${counted(entries, "entry", "entries")}${recovered > 0 ? ` (${recovered.toLocaleString("en")} recovered)` : ""}`,
          counted(bytes, "byte"),
        ]),
    ...(foreign > 0
      ? [
          yellow(
            `${counted(foreign, "line is JSON but not a skill-log entry", "lines are JSON but not skill-log entries")}`,
          ),
        ]
      : []),
    ...(doubtful > 0
      ? [yellow(`${counted(doubtful, "doubtful object")}: entries, or parts of other entries`)]
      : []),
    ...(pending ? [pendingNote(pending)] : []),
  ];
  return `${bold(printable(name))}: ${facts.join(", ")}`;
}

/**
 * Returns a remark on the pending bytes of a log.
 *
 * @param {Pending} pending
 */
function pendingNote({ length, modified, unfinished }) {
  const { red, yellow } = stdout.style;
  const bytes = length.toLocaleString("en");
  if (!modified || !unfinished)
    return yellow(`the last ${bytes} pending: a write may be in progress`);
  return red(
    `the last ${bytes} unfinished since ${timeOf(instantOf(modified.toISOString()))}: the next append or repair ends the line`,
  );
}

/**
 * Counts the kinds of damage.
 *
 * @param {Report} report
 */
function kindsOf({ damage, damaged }) {
  const counts = new Map(KINDS.map((kind) => [kind, 0]));
  for (const each of damage)
    counts.set(each.kind, /** @type {number} */ (counts.get(each.kind)) + lineCount(each));
  const described = damagedLineCount(damage);
  const known = [...counts]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count.toLocaleString("en")} ${kind}`);
  return [
    ...known,
    ...(damaged > described ? [`${(damaged - described).toLocaleString("en")} more`] : []),
  ].join(", ");
}

/** @param {Damage[]} damage */
export function damagedLineCount(damage) {
  return damage.reduce((sum, each) => sum + lineCount(each), 0);
}

/**
 * Returns the number of lines of a damage: neighbouring lines with the same fault are reported
 * together.
 *
 * @param {Damage} damage
 */
export function lineCount({ lines = 1 }) {
  return lines;
}

/**
 * Returns the position of a damaged line, in the form of compilers.
 *
 * @param {NamedLog} log
 * @param {Damage} damage
 * @param {number} [column] the byte of the line, counted from 1
 */
export function positionOf({ name }, { line }, column) {
  return stdout.style.bold(`${printable(name)}:${line}${column === undefined ? "" : `:${column}`}`);
}

/**
 * Describes a damage: its kind, length and offset, and what was recovered.
 *
 * @param {Damage} damage
 */
export function damageFacts({ kind, offset, length, lines = 1, recovered, doubtful = [] }) {
  return [
    stdout.style.red(kind),
    ...(lines > 1 ? [counted(lines, "line")] : []),
    `${counted(length, "byte")} at byte ${offset}`,
    ...(recovered > 0 ? [`${counted(recovered, "entry", "entries")} recovered`] : []),
    ...(doubtful.length > 0 ? [counted(doubtful.length, "doubtful object")] : []),
  ].join(", ");
}

/**
 * Writes a report as one line of JSON, in several writes, because its list of damage may be long.
 *
 * @param {NamedLog} log
 * @param {Report} report
 */
export async function writeReport({ name }, report) {
  const json = (/** @type {unknown} */ value) =>
    stdout.isTerminal ? printableJson(jsonText(value)) : jsonText(value);
  let start = "{";
  for (const [key, value] of Object.entries({ path: name, ...report })) {
    await stdout.write(`${start}${json(key)}:`);
    if (Array.isArray(value)) {
      await stdout.write("[");
      for (let at = 0; at < value.length; at += FEW)
        await stdout.write(`${at > 0 ? "," : ""}${json(value.slice(at, at + FEW)).slice(1, -1)}`);
      await stdout.write("]");
    } else {
      await stdout.write(json(value));
    }
    start = ",";
  }
  await stdout.write("}\n");
}
