// `skill-log du`: its options, its help and its tables.

import { Option } from "commander";
import prettyBytes from "pretty-bytes";

import { statAt } from "../archiving/regular-file.js";
import { sessionsOf } from "../archiving/session-files.js";
import { SessionText } from "../archiving/session-text.js";
import { zstdCodec } from "../archiving/zstd-codec.js";
import { jsonText } from "../json-text.js";
import { LineFields } from "../measuring/line-fields.js";
import { addFields, groupsOf, largestFirst, restOf } from "../measuring/space-groups.js";
import { indexLogs } from "../selection/indexed-logs.js";
import { addOperands, Operands, skipUnreadable } from "../selection/operands.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { addPagerOption } from "../terminal/pager.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import { table } from "../terminal/table.js";

/** @import { Command } from "commander" */
/** @import { SessionFiles } from "../archiving/session-files.js" */
/** @import { SpaceReport } from "../measuring/space-groups.js" */
/** @import { IndexedLogs } from "../selection/indexed-logs.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */

const GROUPINGS = /** @type {const} */ (["session", "day", "skill", "field"]);

/** @typedef {typeof GROUPINGS[number]} By */
/** The files of a session. @typedef {{ name: string, bytes: number, log: number, archive: number, damaged: number }} SessionSpace */

/** @param {Command} command */
export function define(command) {
  addPagerOption(
    addQuietOption(
      addOperands(command, { hasCache: true })
        .addOption(
          new Option("--by <what>", "what to measure").choices(GROUPINGS).default("session"),
        )
        .option("--json", "print one JSON object, with exact bytes"),
    ),
  )
    .addHelpText(
      "after",
      `
By session, the files are measured: the log, its archive, and the damaged bytes that
a repair saved. By day (in UTC, of the timestamps) and by skill, the bytes of the
lines are measured. By field, all lines are read, and each member's bytes counted,
with its name: attempts are the list itself, and attempts.runner_output the outputs
in it. What belongs to none of these is in parentheses, so that the sum is that of
the files: line ends, damage, unfinished entries. Archives count with their text.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log du logs
  $ skill-log du logs --by field
  $ skill-log du logs --by day --json | jq '.groups[-1]'

To make logs smaller: skill-log archive --help, skill-log prune --help`,
    )
    .action(measure);
}

/**
 * @param {string[]} words
 * @param {OperandOptions & { by: By, json?: boolean }} options
 */
async function measure(words, { by, json = false, ...options }) {
  exitWhenReaderLeaves();
  const operands = new Operands(words, options);
  if (by === "session") {
    const sessions = largestFirst(await sessionSpace(operands, options.recursive === true));
    const bytes = sessions.reduce((sum, { bytes }) => sum + bytes, 0);
    if (json) await stdout.json(jsonText({ by, bytes, groups: sessions }));
    else await stdout.write(sessionTable(sessions, bytes));
    return;
  }
  const progress = new Progress("reading", [], by === "field" ? 2 : 1);
  const indexed = await indexLogs(operands, progress, { onFailure: skipUnreadable });
  const { index } = indexed;
  const counted =
    by === "field"
      ? await fieldSpace(indexed, progress)
      : { groups: groupsOf(index, by), structure: 0 };
  progress.stop();
  await indexed.warnOfDamage();
  const report = { ...counted, ...restOf(index) };
  if (json) {
    const { groups, structure, lineEnds, damage, pending, bytes } = report;
    const own = by === "field" ? { structure } : {};
    await stdout.json(
      jsonText({ by, bytes, groups, ...own, line_ends: lineEnds, damage, pending }),
    );
  } else await stdout.write(spaceTable(by, report));
}

/**
 * Returns the bytes of the files of each session.
 *
 * @param {Operands} operands
 * @param {boolean} isRecursive
 * @returns {Promise<SessionSpace[]>}
 */
async function sessionSpace(operands, isRecursive) {
  if (operands.dir !== null && !isRecursive)
    return [...sessionsOf(operands.dir).values()].map((files) => spaceOf(files.id, files));
  /** @type {Map<string, Map<string, SessionFiles>>} */
  const directories = new Map();
  return (await operands.logs()).map((log) => {
    const files = filesOf(log, directories);
    return files
      ? spaceOf(log.label, files)
      : { name: log.label, bytes: log.bytes, log: log.bytes, archive: 0, damaged: 0 };
  });
}

/**
 * Returns the files of a log that a session id names.
 *
 * @param {NamedLog} log
 * @param {Map<string, Map<string, SessionFiles>>} directories the sessions of those that were listed
 */
function filesOf({ dir, id }, directories) {
  if (dir === undefined || id === undefined) return null;
  const sessions = directories.get(dir) ?? sessionsOf(dir);
  directories.set(dir, sessions);
  return sessions.get(id) ?? null;
}

/**
 * @param {string} name
 * @param {SessionFiles} files
 * @returns {SessionSpace}
 */
function spaceOf(name, files) {
  const size = (/** @type {string} */ file) => statAt(file)?.size ?? 0;
  const log = [files.log, ...[...files.asides].map((parts) => files.aside(parts))].reduce(
    (sum, file) => sum + size(file),
    0,
  );
  const [archive, damaged] = [size(files.archive), size(files.damaged)];
  return { name, bytes: log + archive + damaged, log, archive, damaged };
}

/**
 * Counts the bytes of fields.
 *
 * @param {IndexedLogs} indexed
 * @param {Progress} progress
 */
async function fieldSpace({ index, logs }, progress) {
  const fields = new LineFields();
  const total = logs.reduce((sum, { contents }) => sum + contents.bytes, 0);
  let done = total;
  const codec = await zstdCodec(1);
  for (const { log, contents } of logs) {
    const rows = index.select({ session: contents.session });
    const text = await SessionText.ofLog(log, () => codec);
    const read = (/** @type {number} */ offset, /** @type {number} */ length) =>
      text.read(offset, length);
    try {
      await addFields(index, rows, read, fields, async (bytes) => {
        done += bytes;
        progress.update({ bytes: done, total });
        await new Promise((next) => setImmediate(next));
      });
    } finally {
      text.close();
    }
  }
  const groups = [...fields.fields].map(([name, field]) => ({ name, ...field }));
  return { groups: largestFirst(groups), structure: fields.structure };
}

/**
 * @param {SessionSpace[]} sessions
 * @param {number} bytes
 */
function sessionTable(sessions, bytes) {
  if (sessions.length === 0) return "";
  const sum = (/** @type {"log" | "archive" | "damaged"} */ of) =>
    sessions.reduce((total, each) => total + each[of], 0);
  const parts = /** @type {const} */ (["log", "archive", "damaged"]);
  const shown = parts.filter((part) => part === "log" || sum(part) > 0);
  const cells = (/** @type {SessionSpace | (Omit<SessionSpace, "name">)} */ each) => [
    prettyBytes(each.bytes),
    share(each.bytes, bytes),
    ...(shown.length > 1
      ? shown.map((part) => (each[part] === 0 ? "" : prettyBytes(each[part])))
      : []),
  ];
  const heads = [
    "SIZE",
    "SHARE",
    ...(shown.length > 1 ? shown.map((part) => part.toUpperCase()) : []),
  ];
  const total = { bytes, log: sum("log"), archive: sum("archive"), damaged: sum("damaged") };
  return table(
    [{ head: "SESSION" }, ...heads.map((head) => ({ head, isRight: true, isPlain: true }))],
    [
      ...sessions.map((each) => [printable(each.name), ...cells(each)]),
      [stdout.style.bold("total"), ...cells(total)],
    ],
  );
}

/**
 * @param {By} by
 * @param {SpaceReport} report
 */
function spaceTable(by, { groups, structure, lineEnds, damage, pending, bytes }) {
  const rest = Object.entries({
    "(braces, commas, blanks)": structure,
    "(line ends, blank lines)": lineEnds,
    "(damage)": damage,
    "(unfinished entries)": pending,
  }).filter(([, bytes]) => bytes > 0);
  const row = (/** @type {string} */ name, /** @type {number} */ own, entries = "") => [
    name,
    entries,
    prettyBytes(own),
    share(own, bytes),
  ];
  const { bold, dim } = stdout.style;
  return table(
    [
      { head: by.toUpperCase() },
      ...[by === "field" ? "COUNT" : "ENTRIES", "SIZE", "SHARE"].map((head) => ({
        head,
        isRight: true,
        isPlain: true,
      })),
    ],
    [
      ...groups.map(({ name, count, bytes: own }) =>
        row(name === "" ? dim("(none)") : printable(name), own, count.toLocaleString("en")),
      ),
      ...rest.map(([name, own]) => row(dim(name), own)),
      row(bold("total"), bytes),
    ],
  );
}

/**
 * @param {number} part
 * @param {number} whole
 */
function share(part, whole) {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)}%`;
}
