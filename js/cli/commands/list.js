// `skill-log list`: its options, its help and its table.

import fs from "node:fs";
import path from "node:path";

import { jsonText } from "../json-text.js";
import { entriesOfRows } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { indexLogs } from "../selection/indexed-logs.js";
import {
  addOperands,
  EXTENSION,
  logBelow,
  Operands,
  skipUnreadable,
  warnOfNoSessions,
} from "../selection/operands.js";
import { sortOption } from "../selection/sorting.js";
import { byInstant, instantOf, localTime, localTimeOf } from "../selection/times.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { styledStatus } from "../terminal/entry-lines.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { addPagerOption } from "../terminal/pager.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import { sizeText } from "../terminal/sizes.js";
import { tableOf } from "../terminal/table.js";
import { cut } from "../terminal/width.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { Pending, SessionSummary } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */
/** @import { Column } from "../terminal/table.js" */

/**
 * @typedef {{
 *   entries: number, damaged: number, foreign: number, pending: Pending | null,
 *   first?: string | undefined, last?: string | undefined, final_status?: string | undefined,
 *   message?: string | undefined,
 * }} Contents
 */
/**
 * A log that is listed, and what it holds if it was read.
 *
 * @typedef {{
 *   log: Pick<NamedLog, "label" | "path" | "bytes" | "modified" | "unsafe" | "link" | "archived">,
 *   contents?: Contents,
 * }} Listed
 */

/**
 * @typedef
 *   {Omit<FilterOptions, "sort"> & OperandOptions & { long?: boolean, message?: boolean,
 *   json?: boolean, sort?: { by: string, descending: boolean } }}
 *   ListOptions
 */

/** The most columns that a name, and a message, takes in a terminal. */
const WIDEST = 40;
const WIDEST_MESSAGE = 60;

/**
 * By what the list can be sorted, and whether the logs must be read for it.
 *
 * @type {Record<string, { isRead?: boolean, compare: (a: Listed, b: Listed) => number }>}
 */
const FIELDS = {
  id: { compare: byId },
  size: { compare: (a, b) => a.log.bytes - b.log.bytes },
  modified: { compare: (a, b) => a.log.modified.getTime() - b.log.modified.getTime() },
  entries: {
    isRead: true,
    compare: (a, b) => (a.contents?.entries ?? 0) - (b.contents?.entries ?? 0),
  },
  first: { isRead: true, compare: (a, b) => byTime(a.contents?.first, b.contents?.first) },
  last: { isRead: true, compare: (a, b) => byTime(a.contents?.last, b.contents?.last) },
};

/** @param {Command} command */
export function define(command) {
  addFilter(
    addPagerOption(
      addQuietOption(
        addOperands(command, { hasCache: true })
          .option(
            "-l, --long",
            "read each log: number of entries, first and last time, last status, damage",
          )
          .option("-m, --message", "show the last message of each log, too")
          .addOption(sortOption(Object.keys(FIELDS), "default: modified:desc"))
          .option("--json", "print one JSON object per session"),
      ),
    ),
  )
    .addHelpText(
      "after",
      `
Sessions are listed newest first. With -l or -m, with options that select entries,
and to sort by what is in the logs, each log is read; sessions without a selected
entry are left out.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log list logs
  $ skill-log list logs -l --sort entries:desc
  $ skill-log list logs --status fail --since 7d     sessions with failures
  $ skill-log list logs 'build-*' --message
  $ skill-log list logs --json | jq -r .id`,
    )
    .action(
      async (/** @type {string[]} */ words, /** @type {ListOptions} */ { sort, ...options }) => {
        exitWhenReaderLeaves();
        const filter = new Filter(options);
        const operands = new Operands(words, options);
        const { message = false, json } = options;
        const isFiltered = !filter.selectsAll || filter.last !== undefined;
        const isLong =
          options.long === true || message || isFiltered || FIELDS[sort?.by ?? ""]?.isRead === true;
        const areSummaries = isLong && operands.dir !== null && !message && !isFiltered;
        const listed = !isLong
          ? (await operands.logs()).map((log) => ({ log }))
          : areSummaries
            ? await summaries(operands, /** @type {string} */ (operands.dir))
            : await readEach(operands, filter, { isFiltered, message });
        // Summaries come newest first.
        if (sort || !areSummaries) {
          const { by, descending } = sort ?? { by: "modified", descending: true };
          const direction = descending ? -1 : 1;
          listed.sort((a, b) => direction * FIELDS[by].compare(a, b) || byId(a, b));
        }
        if (json) for (const each of listed) await stdout.json(jsonText(facts(each)));
        else await stdout.write(shown(listed, isLong, message));
      },
    );
}

/** @param {Listed} a @param {Listed} b */
function byId(a, b) {
  return a.log.label < b.log.label ? -1 : Number(a.log.label > b.log.label);
}

/** @param {string | undefined} a @param {string | undefined} b */
function byTime(a, b) {
  return byInstant(a ? instantOf(a) : NEVER, b ? instantOf(b) : NEVER);
}

/** @type {import("../selection/times.js").Instant} */
const NEVER = [-Infinity, 0];

/**
 * Lists the sessions of a directory, with what each holds.
 *
 * @param {Operands} operands
 * @param {string} dir
 */
async function summaries(operands, dir) {
  const { sessions } = await operands.open();
  const progress = new Progress("reading", []);
  /** @type {Listed[]} */
  const listed = [];
  /** @type {[NamedLog, unknown][]} */
  const failed = [];
  let isEmpty = true;
  for await (const summary of sessions.list({ onProgress: progress.update })) {
    isEmpty = false;
    const { link, error, damaged } = summary;
    const log = new SummarizedLog(dir, summary);
    if (link !== undefined && isDangling(log)) listed.push({ log: new DanglingLog(dir, summary) });
    else if (error !== undefined) failed.push([log.named, error]);
    else {
      const why = damaged > 0 ? compressionFailure(log.named) : undefined;
      if (why !== undefined) failed.push([log.named, why]);
      else listed.push({ log, contents: summary });
    }
  }
  progress.stop();
  if (isEmpty) await warnOfNoSessions(dir);
  for (const [log, error] of failed) await skipUnreadable(log, error);
  const damaged = listed.filter(({ contents }) => (contents?.damaged ?? 0) > 0);
  if (damaged.length > 0) {
    const named = damaged.map(({ log }) => /** @type {SummarizedLog} */ (log).named).reverse();
    const indexed = await indexLogs(Operands.of(named), new Progress("reading", []), {});
    await indexed.warnOfDamage();
  }
  return listed;
}

/** A log of a directory. Thousands of them are made. */
class SummarizedLog {
  dir;
  summary;

  /**
   * @param {string} dir
   * @param {SessionSummary} summary
   */
  constructor(dir, summary) {
    this.dir = dir;
    this.summary = summary;
  }

  get label() {
    return this.summary.id;
  }

  get path() {
    return path.join(this.dir, this.label + EXTENSION);
  }

  get bytes() {
    return this.summary.bytes;
  }

  get modified() {
    return this.summary.modified;
  }

  get unsafe() {
    return this.summary.unsafe;
  }

  get link() {
    return this.summary.link;
  }

  get archived() {
    return this.summary.archived;
  }

  get named() {
    return logBelow(this.dir, this.label, this.summary);
  }
}

/** A link that leads to no file. */
class DanglingLog extends SummarizedLog {
  get bytes() {
    return fs.lstatSync(this.path).size;
  }
}

/**
 * Returns why a log that seems damaged cannot be read, if it is compressed.
 *
 * @param {NamedLog} log
 */
function compressionFailure(log) {
  try {
    log.refuseCompressed();
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Lists logs with what the selected entries of each hold.
 *
 * @param {Operands} operands
 * @param {Filter} filter
 * @param {{ isFiltered: boolean, message: boolean }} options
 */
async function readEach(operands, filter, { isFiltered, message }) {
  const progress = new Progress("reading", [], filter.hasText ? 2 : 1);
  const named = new Map((await operands.logs()).map((log) => [log.path, log]));
  /** @type {Listed[]} */
  const listed = [];
  const indexed = await indexLogs(operands, progress, {
    async onFailure(log, error) {
      const known = named.get(log.path) ?? log;
      if (!isDangling(known)) await skipUnreadable(known, error);
      else if (!isFiltered) listed.push({ log: known });
    },
  });
  const { index } = indexed;
  const selected =
    filter.last === undefined
      ? undefined
      : indexed.bySession(indexed.latest(filter, await indexed.rows(filter, progress)));
  const contents = new Map(indexed.logs.map(({ log, contents }) => [log, contents]));
  /** @type {Map<number, Contents>} by the row of the last entry */
  const ends = new Map();
  const each = selected
    ? indexed.logs.map(({ log, contents: { session } }) => ({ log, rows: selected.get(session) }))
    : indexed.allSelected(filter, progress);
  for await (const { log, rows = NO_ROWS } of each) {
    if (isFiltered && rows.length === 0) continue;
    const { damaged = 0, foreign = 0, pending = null } = contents.get(log) ?? {};
    const end = rows.at(-1);
    const own = {
      entries: rows.length,
      ...timesOf(index, rows),
      ...(end !== undefined && { final_status: index.row(end).final_status }),
      damaged,
      foreign,
      pending,
    };
    if (end !== undefined) ends.set(end, own);
    listed.push({ log: named.get(log.path) ?? log, contents: own });
  }
  progress.stop();
  if (message) await addMessages(index, ends);
  return listed;
}

/**
 * Returns the first and the last time of rows.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 */
function timesOf(index, rows) {
  if (rows.length === 0) return {};
  const { first, last } = index.stats(rows);
  return { first, last };
}

/**
 * Reads the messages of the last entries.
 *
 * @param {LogIndex} index
 * @param {Map<number, Contents>} ends by row
 */
async function addMessages(index, ends) {
  const rows = Uint32Array.from(ends.keys()).sort();
  let at = 0;
  for await (const { message } of entriesOfRows(index, rows)) {
    const contents = ends.get(rows[at++]);
    if (contents && message !== undefined) contents.message = message;
  }
}

const NO_ROWS = new Uint32Array(0);

/** Reports whether a log is a link to a file that does not exist. @param {Listed["log"]} log */
function isDangling({ link, path }) {
  return link !== undefined && !fs.existsSync(path);
}

/** @param {Listed} listed */
function facts({ log: { label, path, bytes, modified, unsafe, link, archived }, contents }) {
  return {
    id: label,
    path,
    bytes,
    modified,
    ...(unsafe !== undefined && { unsafe }),
    ...(link !== undefined && { link }),
    ...(archived && { archived }),
    ...(contents && contentsFacts(contents)),
  };
}

/** @param {Contents} contents */
function contentsFacts({ entries, first, last, final_status, damaged, foreign, pending, message }) {
  return {
    entries,
    ...(first !== undefined && { first, last }),
    ...(final_status !== undefined && { last_status: final_status }),
    damaged,
    foreign,
    pending,
    ...(message !== undefined && { message }),
  };
}

/**
 * @param {Listed[]} listed
 * @param {boolean} isLong
 * @param {boolean} hasMessages
 */
function shown(listed, isLong, hasMessages) {
  if (listed.length === 0) return "";
  const { style } = stdout;
  const length = stdout.isTerminal ? WIDEST_MESSAGE : Infinity;
  /** @type {(Column & { cellOf: (listed: Listed) => string })[]} */
  const columns = [
    { head: "SESSION", cellOf: ({ log }) => nameOf(log) },
    { head: "SIZE", isRight: true, isPlain: true, cellOf: ({ log }) => sizeText(log.bytes) },
  ];
  if (!isLong) {
    const cellOf = (/** @type {Listed} */ { log }) =>
      localTime([Math.floor(log.modified.getTime() / 1000), 0]);
    columns.push({ head: "MODIFIED", isPlain: true, cellOf });
    return lines(columns, listed);
  }
  /**
   * Adds a column of what the logs hold.
   *
   * @param {Column} column
   * @param {(contents: Contents) => string} textOf
   */
  const add = (column, textOf) => {
    const cellOf = (/** @type {Listed} */ { contents }) => (contents ? textOf(contents) : "");
    columns.push({ ...column, cellOf });
  };
  /** @type {Map<string, string>} few differ */
  const statuses = new Map();
  const statusText = (/** @type {string} */ status) => {
    let text = statuses.get(status);
    if (text === undefined) {
      text = styledStatus(status, printable(status));
      statuses.set(status, text);
    }
    return text;
  };
  add({ head: "ENTRIES", isRight: true, isPlain: true }, ({ entries }) => String(entries));
  add({ head: "FIRST", isPlain: true }, ({ first }) => (first ? localTimeOf(first) : ""));
  add({ head: "LAST", isPlain: true }, ({ last }) => (last ? localTimeOf(last) : ""));
  add({ head: "ENDED" }, ({ final_status: status = "" }) => statusText(status));
  add({ head: "DAMAGED", isRight: true }, ({ damaged }) =>
    damaged > 0 ? style.red(String(damaged)) : "",
  );
  if (listed.some(({ contents }) => contents && noteOf(contents) !== ""))
    add({ head: "NOTE" }, (contents) => style.yellow(noteOf(contents)));
  if (hasMessages) add({ head: "MESSAGE" }, ({ message = "" }) => cut(printable(message), length));
  return lines(columns, listed);
}

/**
 * @param {(Column & { cellOf: (listed: Listed) => string })[]} columns
 * @param {Listed[]} listed
 */
function lines(columns, listed) {
  return tableOf(
    columns,
    columns.map(({ cellOf }) => listed.map(cellOf)),
  );
}

/**
 * Returns remarks on a log: an unfinished entry, and lines that are not skill-log entries.
 *
 * @param {Contents} contents
 */
function noteOf({ foreign, pending }) {
  if (foreign === 0 && pending === null) return "";
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
 * @param {Listed["log"]} log
 */
function whatItIs(log) {
  const { link, unsafe, archived } = log;
  if (archived) return "(archived)";
  if (link !== undefined)
    return isDangling(log)
      ? `(a broken link to ${short(link)})`
      : `(a link to ${short(link)}: read only)`;
  if (unsafe === undefined) return "";
  return unsafe.startsWith("not a") ? `(${unsafe})` : "(its name is not a session id)";
}

/** Names a log, and says what it is if that is unusual. @param {Listed["log"]} log */
function nameOf(log) {
  const what = whatItIs(log);
  return what === "" ? short(log.label) : `${short(log.label)} ${stdout.style.yellow(what)}`;
}

/** @param {string} name */
function short(name) {
  const shown = printable(name);
  return stdout.isTerminal ? cut(shown, WIDEST) : shown;
}
