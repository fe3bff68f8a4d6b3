// `skill-log stats`: its options, its help and its tables.

import prettyBytes from "pretty-bytes";

import { Totals } from "../../index.js";
import { jsonText } from "../json-text.js";
import { addFilter, Filter } from "../selection/filter.js";
import { sessionIdsOf } from "../selection/session-ids.js";
import { addOperands, findLogs, skipUnreadable } from "../selection/operands.js";
import { selectedRows } from "../selection/selected-rows.js";
import { durationText, instantOf, localTime } from "../selection/times.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { styledStatus } from "../terminal/entry-lines.js";
import { counted } from "../terminal/counted.js";
import { drawBars, Histogram } from "../terminal/histogram.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import { table } from "../terminal/table.js";

/** @import { Command } from "commander" */
/** @import { Stats, StatsGroup } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { Bar } from "../terminal/histogram.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** @param {Command} command */
export function define(command) {
  addFilter(addQuietOption(addOperands(command).option("--json", "print one JSON object")))
    .addHelpText(
      "after",
      `
Columns of the tables by skill, phase, status and model:
  VERIFIED   share of the entries with attempts whose last attempt was verified
  FIRST TRY  share of the same entries whose first attempt was verified
  ATTEMPTS   attempts per entry: the mean, and the maximum in parentheses
  P50 P95    the durations that 50 % and 95 % of the entries did not exceed
  MAX        the longest duration

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log stats logs
  $ skill-log stats logs --since 7d --skill tdd
  $ skill-log stats session-1.jsonl --json | jq '.skills[0].verified_rate'`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {FilterOptions & { json?: boolean }} */ options,
      ) => {
        exitWhenReaderLeaves();
        const logs = await findLogs(operands);
        const { sessions, stats, bars } = await measure(logs, new Filter(options));
        if (options.json) await stdout.json(jsonText({ sessions, ...stats, over_time: bars }));
        else await stdout.write(shown(sessions, stats, bars));
      },
    );
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 */
async function measure(logs, filter) {
  const progress = new Progress("reading", logs);
  const totals = new Totals();
  const histogram = new Histogram();
  let sessions = logs.length;
  const failed = (/** @type {NamedLog} */ log, /** @type {unknown} */ error) => {
    sessions -= 1;
    return skipUnreadable(log, error);
  };
  for await (const { log, index, rows } of selectedRows(logs, filter, progress, {
    onFailure: failed,
  })) {
    if (log.mayHoldManySessions)
      sessions += Math.max(0, (await sessionIdsOf(index, log.path)).size - 1);
    totals.add(index, rows);
    histogram.add(index, rows);
  }
  progress.stop();
  return { sessions, stats: totals.stats(), bars: histogram.bars() };
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

/**
 * @param {string} head
 * @param {StatsGroup[]} groups
 */
function groupTable(head, groups) {
  const numbers = ["ENTRIES", "VERIFIED", "FIRST TRY", "ATTEMPTS", "P50", "P95", "MAX"];
  const percent = (/** @type {number | undefined} */ rate) =>
    rate === undefined ? "" : `${(100 * rate).toFixed(rate === 1 ? 0 : 1)}%`;
  return table(
    [{ head }, ...numbers.map((head) => ({ head, isRight: true }))],
    groups.map((group) => {
      const {
        name,
        entries,
        verified_rate,
        first_try_rate,
        attempts_mean,
        attempts_max,
        duration_ms: took,
      } = group;
      const shown = name === "" ? stdout.style.dim("(none)") : printable(name);
      return [
        head === "STATUS" ? styledStatus(name, shown) : shown,
        entries.toLocaleString("en"),
        percent(verified_rate),
        percent(first_try_rate),
        attempts_max === 0 ? "" : `${attempts_mean.toFixed(1)} (${attempts_max})`,
        ...(took ? [took.p50, took.p95, took.max].map(durationText) : ["", "", ""]),
      ];
    }),
  );
}
