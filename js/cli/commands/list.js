// `skill-log list`: its options, its help and its table.

import fs from "node:fs";

import prettyBytes from "pretty-bytes";

import { jsonText } from "../json-text.js";
import { addFilter, Filter } from "../selection/filter.js";
import { addOperands, findLogs, skipUnreadable } from "../selection/operands.js";
import { selectedRows } from "../selection/selected-rows.js";
import { instantOf, localTime } from "../selection/times.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { styledStatus } from "../terminal/entry-lines.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import { table } from "../terminal/table.js";
import { cut } from "../terminal/width.js";

/** @import { Command } from "commander" */
/** @import { Pending } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/**
 * @typedef {{
 *   entries: number, damaged: number, foreign: number, pending: Pending | null,
 *   first?: string, last?: string, last_status?: string,
 * }} Contents
 */
/** @typedef {{ log: NamedLog, contents?: Contents }} Listed */

/** The most columns that a name takes in a terminal. */
const WIDEST = 40;

/** @param {Command} command */
export function define(command) {
  addFilter(
    addQuietOption(
      addOperands(command)
        .option(
          "-l, --long",
          "read each log: number of entries, first and last time, last status, damage",
        )
        .option("--json", "print one JSON object per session"),
    ),
  )
    .addHelpText(
      "after",
      `
Sessions are listed newest first. With -l, or with options that select entries,
each log is read; sessions without a selected entry are left out.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log list logs
  $ skill-log list logs -l
  $ skill-log list logs --status fail --since 7d     sessions with failures
  $ skill-log list logs --json | jq -r .id`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {FilterOptions & { long?: boolean, json?: boolean }} */ options,
      ) => {
        exitWhenReaderLeaves();
        const filter = new Filter(options);
        const isLong = options.long === true || !filter.selectsAll || filter.last !== undefined;
        const logs = (await findLogs(operands)).sort(
          (a, b) => b.modified.getTime() - a.modified.getTime(),
        );
        const listed = isLong ? await readEach(logs, filter) : logs.map((log) => ({ log }));
        if (options.json) for (const each of listed) await stdout.json(jsonText(facts(each)));
        else await stdout.write(shown(listed, isLong));
      },
    );
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @returns {Promise<Listed[]>}
 */
async function readEach(logs, filter) {
  const progress = new Progress("reading", logs);
  /** @type {Listed[]} */
  const listed = [];
  const there = logs.filter((log) => !isDangling(log));
  for await (const { log, index, rows } of selectedRows(there, filter, progress, {
    onFailure: skipUnreadable,
  })) {
    if (!filter.selectsAll && rows.length === 0) continue;
    const { entries, first, last } = index.stats(rows);
    const end = rows.at(-1);
    listed.push({
      log,
      contents: {
        entries,
        ...(first !== undefined && { first, last }),
        ...(end !== undefined && { last_status: index.row(end).final_status }),
        damaged: index.damaged,
        foreign: index.foreign,
        pending: index.pending,
      },
    });
  }
  progress.stop();
  if (filter.selectsAll && filter.last === undefined)
    listed.push(...logs.filter(isDangling).map((log) => ({ log })));
  const position = new Map(logs.map((log, at) => [log, at]));
  return listed.sort((a, b) => Number(position.get(a.log)) - Number(position.get(b.log)));
}

/** Reports whether a log is a link to a file that does not exist. @param {NamedLog} log */
function isDangling({ link, path }) {
  return link !== undefined && !fs.existsSync(path);
}

/** @param {Listed} listed */
function facts({ log: { label, path, bytes, modified, unsafe, link }, contents }) {
  return {
    id: label,
    path,
    bytes,
    modified,
    ...(unsafe !== undefined && { unsafe }),
    ...(link !== undefined && { link }),
    ...contents,
  };
}

/**
 * @param {Listed[]} listed
 * @param {boolean} isLong
 */
function shown(listed, isLong) {
  if (listed.length === 0) return "";
  const { style } = stdout;
  const hasNotes = listed.some(({ contents }) => contents && noteOf(contents) !== "");
  const columns = [
    { head: "SESSION" },
    { head: "SIZE", isRight: true },
    ...(isLong
      ? [
          { head: "ENTRIES", isRight: true },
          { head: "FIRST" },
          { head: "LAST" },
          { head: "ENDED" },
          { head: "DAMAGED", isRight: true },
          ...(hasNotes ? [{ head: "NOTE" }] : []),
        ]
      : [{ head: "MODIFIED" }]),
  ];
  const time = (/** @type {string} */ timestamp) => localTime(instantOf(timestamp));
  return table(
    columns,
    listed.map(({ log, contents }) => {
      const { label, bytes, modified } = log;
      const what = whatItIs(log);
      const row = [
        what === "" ? short(label) : `${short(label)} ${style.yellow(what)}`,
        prettyBytes(bytes),
      ];
      if (!contents)
        return isLong
          ? [...row, ...columns.slice(row.length).map(() => "")]
          : [...row, time(modified.toISOString())];
      const { entries, first, last, last_status: status = "", damaged } = contents;
      return [
        ...row,
        String(entries),
        first ? time(first) : "",
        last ? time(last) : "",
        styledStatus(status, printable(status)),
        damaged > 0 ? style.red(String(damaged)) : "",
        ...(hasNotes ? [style.yellow(noteOf(contents))] : []),
      ];
    }),
  );
}

/**
 * Returns remarks on a log: an unfinished entry, and lines that are not skill-log entries.
 *
 * @param {Contents} contents
 */
function noteOf({ foreign, pending }) {
  return [
    ...(pending?.unfinished && pending.modified
      ? [`unfinished since ${localTime(instantOf(pending.modified.toISOString()))}`]
      : []),
    ...(foreign > 0
      ? [
          `${foreign.toLocaleString("en")} ${foreign === 1 ? "line is not a skill-log entry" : "lines are not skill-log entries"}`,
        ]
      : []),
  ].join(", ");
}

/**
 * Describes a log that is not a regular file with a session id as its name.
 *
 * @param {NamedLog} log
 */
function whatItIs(log) {
  const { link, unsafe } = log;
  if (link !== undefined)
    return isDangling(log)
      ? `(a broken link to ${short(link)})`
      : `(a link to ${short(link)}: read only)`;
  if (unsafe === undefined) return "";
  return unsafe.startsWith("not a") ? `(${unsafe})` : "(its name is not a session id)";
}

/** @param {string} name */
function short(name) {
  const shown = printable(name);
  return stdout.isTerminal ? cut(shown, WIDEST) : shown;
}
