// `skill-log verify`: its options, its help and its report.

import fs from "node:fs";

import { Option } from "commander";

import { Sessions } from "../../index.js";
import { parseCount } from "../selection/filter.js";
import { addOperands, findLogs } from "../selection/operands.js";
import { findingsIn } from "../targets/log-findings.js";
import { targets } from "../targets/targets.js";
import { counted } from "../terminal/counted.js";
import { excerptOf, LABEL_COLUMNS } from "../terminal/damage-excerpt.js";
import { reportError, exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { findingLine } from "../terminal/findings.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import {
  damageFacts,
  positionOf,
  damagedLineCount,
  summaryOf,
  writeReport,
} from "../terminal/reports.js";

/** @import { Command } from "commander" */
/** @import { SessionLog } from "../../index.js" */
/** @import { Report } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { Target } from "../targets/targets.js" */

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

/** The most damaged lines that are shown per log, without --limit. */
const LIMIT = 100;

/** The most columns that a row takes. */
const COLUMNS = 120;

/** @param {Command} command */
export function define(command) {
  addOperands(command)
    .option("--limit <n>", `damaged lines to show per log (default: ${LIMIT})`, parseCount)
    .addOption(
      new Option(
        "--for <name>",
        "also show lines that this engine or shipper would not take as they are",
      ).choices(Object.keys(targets)),
    )
    .option(
      "--json",
      "print one JSON object per log: its path, and the report of the package's verify()",
    )
    .addHelpText(
      "after",
      `
Changes nothing. Each damaged line is shown as path:line:byte, with its pieces
and the bytes around it. Then one line sums up each log. Bytes that cannot be
shown are written as <NUL>, <1B> or <U+202E>.

Bytes at the end of a log that more bytes may complete are pending: a write may
be in progress, and they are not damage. When the file has not changed for a
minute, they are an unfinished entry.

With --for, each line that NAME would refuse, drop, cut or change is shown, with
the byte and the setting that raises the limit. Limits are those of the default
settings. Undamaged lines are also looked into: for texts that are not UTF-8,
numbers, depth and repeated names. In a log, engines refuse or lose damaged lines
too; export leaves damage out.

Exit status: 0 when all logs are clean; 1 when a log has damage or an unfinished
entry, or a line that --for shows, or cannot be read; 2 for wrong usage.

Examples:
  $ skill-log verify logs                     every session of a directory
  $ skill-log verify logs session-1 --limit 5
  $ skill-log verify logs --limit 0           one line per log
  $ skill-log verify logs --for vector
  $ skill-log verify logs --json | jq -c 'select(.damaged > 0) | .path'

To repair damaged logs: skill-log repair --help`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {{ limit?: number, json?: boolean, recursive?: boolean, for?: Target }} */
        { limit = LIMIT, json = false, recursive = false, for: target },
      ) => {
        exitWhenReaderLeaves();
        const counts = { clean: 0, damaged: 0, lines: 0, unfinished: 0, unread: 0, found: 0 };
        const reportUnreadable = (/** @type {string} */ message) => {
          counts.unread += 1;
          return reportError(message);
        };
        const logs = await findLogs(operands, {
          recursive,
          onUnreadable: ({ message }) => reportUnreadable(message),
        });
        const progress = new Progress("verifying", logs);
        for await (const { log, clean } of withCleanReports(logs, progress)) {
          try {
            if (clean) {
              const found = target && (await showFindings(log, target, clean, { json, limit }));
              counts.clean += 1;
              counts.found += found?.lines ?? 0;
              if (json) await writeReport(log, { ...clean, ...(found && { for: found }) });
              else await stdout.line(summaryOf(log, clean));
              continue;
            }
            const open = await log.open();
            try {
              const report = await open.verify({ onProgress: progress.update });
              progress.next();
              if (report.pending?.unfinished) counts.unfinished += 1;
              counts[report.damaged > 0 ? "damaged" : "clean"] += 1;
              counts.lines += report.damaged;
              const found = target && (await showFindings(log, target, report, { json, limit }));
              counts.found += found?.lines ?? 0;
              if (json) await writeReport(log, { ...report, ...(found && { for: found }) });
              else await show(log, open, report, limit);
            } finally {
              await open.close();
            }
          } catch (error) {
            if (!(error instanceof Error)) throw error;
            await reportUnreadable(log.errorMessageOf(error));
          }
        }
        progress.stop();
        if (!json && logs.length + counts.unread > 1) await stdout.line(totals(counts));
        const { damaged, unfinished, unread, found } = counts;
        if (!json && target && found > 0)
          await stdout.line(`${counted(found, "line")} that ${target} would not take as they are`);
        if (damaged + unfinished + unread + found > 0) process.exitCode = 1;
      },
    );
}

/** About the most bytes, and the most logs, that are verified together before any is printed. */
const TOGETHER_BYTES = 256 << 20;
const TOGETHER_LOGS = 5000;

/**
 * Verifies logs together, which takes a part of the time, and gives those that have nothing to show
 * with their reports. Other logs are left to be verified one by one.
 *
 * @param {NamedLog[]} logs
 * @param {Progress} progress
 * @returns {AsyncGenerator<{ log: NamedLog, clean: Report | undefined }, void, void>}
 */
async function* withCleanReports(logs, progress) {
  for (let from = 0; from < logs.length; ) {
    let [to, bytes] = [from, 0];
    while (to < logs.length && to - from < TOGETHER_LOGS && bytes <= TOGETHER_BYTES)
      bytes += logs[to++].bytes;
    const together = logs.slice(from, to);
    from = to;
    const reports = together.length > 1 ? await cleanReports(together, progress) : null;
    for (const log of together) yield { log, clean: reports?.get(log.path) };
  }
}

/**
 * @param {NamedLog[]} logs
 * @param {Progress} progress
 */
async function cleanReports(logs, progress) {
  const sessions = await Sessions.open([...new Set(logs.map(({ path }) => path))]);
  /** @type {Map<string, Report>} by path */
  const reports = new Map();
  try {
    const found = await sessions.verify({ onProgress: progress.update, onFailure() {} });
    for (const { session, ...report } of found)
      if (report.damaged === 0 && !report.pending) reports.set(session, report);
  } finally {
    await sessions.close();
  }
  progress.next();
  return reports;
}

/** The most findings that are reported of a log. */
const MOST_FINDINGS = 10_000;

/**
 * Looks for lines that a target would not take as they are, and prints the first ones.
 *
 * @param {NamedLog} log
 * @param {Target} name
 * @param {Report} report
 * @param {{ json: boolean, limit: number }} options
 */
async function showFindings(log, name, { damage }, { json, limit }) {
  const found = [];
  let [lines, last, shown] = [0, 0, 0];
  for (const finding of findingsIn(log, name, damage)) {
    if (finding.line !== last) lines += 1;
    last = finding.line;
    if (json) {
      const { rule, ...place } = finding;
      const { source: _, ...facts } = rule;
      if (found.length < MOST_FINDINGS) found.push({ ...place, ...facts });
    } else if (shown < limit) {
      shown += 1;
      await stdout.line(findingLine(log, name, finding));
    }
  }
  return { name, lines, found };
}

/**
 * Prints the damage of a log, and a line that sums it up.
 *
 * @param {NamedLog} log
 * @param {SessionLog} open
 * @param {Report} report
 * @param {number} limit
 */
async function show(log, open, report, limit) {
  const listed = report.damage.slice(0, limit);
  if (listed.length > 0) {
    const file = fs.openSync(
      log.path,
      O_RDONLY | O_NONBLOCK | (log.id === undefined ? 0 : O_NOFOLLOW),
    );
    try {
      const columns = Math.min(stdout.width, COLUMNS) - LABEL_COLUMNS - 2;
      for (const damage of listed) {
        const { column, rows } = await excerptOf(open, file, damage, columns);
        await stdout.line(
          `${positionOf(log, damage, column)}: ${damageFacts(damage)}: ${printable(damage.reason)}`,
        );
        for (const { label, text } of rows) await stdout.line(`  ${label}${text}`);
        await stdout.line("");
      }
    } finally {
      fs.closeSync(file);
    }
    const left = report.damaged - damagedLineCount(listed);
    if (left > 0) await stdout.line(`… and ${counted(left, "more damaged line")}\n`);
  }
  await stdout.line(summaryOf(log, report));
}

/**
 * @param {{ clean: number, damaged: number, lines: number, unfinished: number, unread: number }}
 *   counts
 */
function totals({ clean, damaged, lines, unfinished, unread }) {
  const { green, red } = stdout.style;
  const number = (/** @type {number} */ count) => count.toLocaleString("en");
  const parts = [
    ...(clean > 0 ? [green(`${number(clean)} clean`)] : []),
    ...(damaged > 0 ? [red(`${number(damaged)} damaged (${counted(lines, "line")})`)] : []),
    ...(unfinished > 0 ? [red(`${number(unfinished)} with an unfinished entry`)] : []),
    ...(unread > 0 ? [red(`${number(unread)} not read`)] : []),
  ];
  return `${counted(clean + damaged + unread, "log")}: ${parts.join(", ")}`;
}
