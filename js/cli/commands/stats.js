// `skill-log stats`: its options, its help and its tables.

import { Option } from "commander";
import prettyBytes from "pretty-bytes";

import { jsonText } from "../json-text.js";
import { addFilter, Filter } from "../selection/filter.js";
import { groupsOf } from "../selection/grouping.js";
import { indexLogs } from "../selection/indexed-logs.js";
import { addOperands, Operands, skipUnreadable } from "../selection/operands.js";
import { sessionIdsOf } from "../selection/session-ids.js";
import { instantOf, localTime } from "../selection/times.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { counted } from "../terminal/counted.js";
import { groupTable } from "../terminal/groups.js";
import { barsOf, drawBars } from "../terminal/histogram.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { addPagerOption } from "../terminal/pager.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { Stats, StatsGroup } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { Bar } from "../terminal/histogram.js" */
/** @import { IndexedLogs } from "../selection/indexed-logs.js" */
/** @import { OperandOptions } from "../selection/operands.js" */

/** By what entries can be grouped; some of the groups are those of `LogIndex.stats`. */
const GROUPINGS = /** @type {const} */ ([
  "session",
  "day",
  "hour",
  "skill",
  "phase",
  "status",
  "model",
]);

/** @typedef {typeof GROUPINGS[number]} By */

/** @typedef {FilterOptions & OperandOptions & { json?: boolean, by?: By }} StatsOptions */

/** @param {Command} command */
export function define(command) {
  addFilter(
    addPagerOption(
      addQuietOption(
        addOperands(command, { hasCache: true })
          .option("--json", "print one JSON object")
          .addOption(
            new Option("--by <what>", "print only the table of these groups").choices(GROUPINGS),
          ),
      ),
    ),
  )
    .addHelpText(
      "after",
      `
Columns of the tables by skill, phase, status and model:
  VERIFIED   share of the entries with attempts whose last attempt was verified
  FIRST TRY  share of the same entries whose first attempt was verified
  ATTEMPTS   attempts per entry: the mean, and the maximum in parentheses
  P50 P95    the durations that 50 % and 95 % of the entries did not exceed
  MAX        the longest duration
The tables by session, day and hour have all of them but FIRST TRY.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log stats logs
  $ skill-log stats logs --since 7d --skill tdd
  $ skill-log stats logs --by day --not-status pass
  $ skill-log stats session-1.jsonl --json | jq '.skills[0].verified_rate'`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {StatsOptions} */ { json, by, ...options },
      ) => {
        exitWhenReaderLeaves();
        const filter = new Filter(options);
        const progress = new Progress("reading", [], filter.hasText ? 2 : 1);
        const indexed = await indexLogs(new Operands(operands, options), progress, {
          onFailure: skipUnreadable,
        });
        const { index } = indexed;
        const rows = await selectedBy(filter, indexed, progress);
        progress.stop();
        if (by) {
          const groups = groupedBy(indexed, rows, by);
          if (json) await stdout.json(jsonText({ by, groups }));
          else if (groups.length > 0) await stdout.write(groupTable(by.toUpperCase(), groups));
          return;
        }
        const sessions = await sessionCount(indexed);
        const stats = index.stats(rows);
        const bars = barsOf(index, rows);
        if (json) await stdout.json(jsonText({ sessions, ...stats, over_time: bars }));
        else await stdout.write(shown(sessions, stats, bars));
      },
    );
}

/**
 * @param {Filter} filter
 * @param {IndexedLogs} indexed
 * @param {Progress} progress
 */
async function selectedBy(filter, indexed, progress) {
  // In any order, if all are counted once.
  if (!filter.hasText && filter.last === undefined && indexed.inDirectory !== undefined) {
    await indexed.warnOfDamage();
    return filter.select(indexed.index);
  }
  return indexed.latest(filter, await indexed.rows(filter, progress));
}

/**
 * Counts the sessions. A log that may hold several is read for it.
 *
 * @param {IndexedLogs} indexed
 */
async function sessionCount(indexed) {
  if (indexed.inDirectory !== undefined) return indexed.inDirectory;
  const { index, logs } = indexed;
  let count = logs.length;
  for (const { log, contents } of logs) {
    if (!log.mayHoldManySessions) continue;
    const rows = index.select({ session: contents.session });
    count += Math.max(0, (await sessionIdsOf(index, log.path, rows)).size - 1);
  }
  return count;
}

/**
 * @param {IndexedLogs} indexed
 * @param {Uint32Array} rows
 * @param {By} by
 * @returns {StatsGroup[]}
 */
function groupedBy({ index, logs }, rows, by) {
  if (by === "session") {
    const labels = new Map(logs.map(({ log, contents }) => [contents.session, log.label]));
    return groupsOf(index, rows, by).map((group) => ({
      ...group,
      name: labels.get(group.name) ?? group.name,
    }));
  }
  if (by === "day" || by === "hour") return groupsOf(index, rows, by);
  const { skills, phases, statuses, models } = index.stats(rows);
  return { skill: skills, phase: phases, status: statuses, model: models }[by];
}

/**
 * @param {number} sessions
 * @param {Stats} stats
 * @param {Bar[]} bars
 */
function shown(sessions, { entries, bytes, first, last, skills, phases, statuses, models }, bars) {
  const time = (/** @type {string} */ timestamp) => localTime(instantOf(timestamp));
  const when =
    first === undefined || last === undefined
      ? ""
      : `, ${first === last ? time(first) : `${time(first)} to ${time(last)}`}`;
  const parts = [
    `${counted(entries, "entry", "entries")} in ${counted(sessions, "session")}, ${prettyBytes(bytes)}${when}\n`,
  ];
  const lists = { SKILL: skills, PHASE: phases, STATUS: statuses, MODEL: models };
  for (const [head, groups] of Object.entries(lists))
    if (groups.length > 0) parts.push(groupTable(head, groups));
  if (bars.length > 0) parts.push(`${stdout.style.bold("ENTRIES OVER TIME")}\n${drawBars(bars)}`);
  return parts.join("\n");
}
