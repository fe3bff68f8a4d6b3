import fs from "node:fs";

import { parseCount } from "../selection/filter.js";
import { addOperands, findLogs } from "../selection/operands.js";
import { counted } from "../terminal/counted.js";
import { excerptOf, LABEL } from "../terminal/damage-excerpt.js";
import { reportError, exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";
import {
  damageFacts,
  positionOf,
  totalLines,
  summaryOf,
  writeReport,
} from "../terminal/reports.js";

/** @import { Command } from "commander" */
/** @import { SessionLog } from "../../index.js" */
/** @import { Report } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

/** Damaged lines of a log that are shown. */
const SHOWN = 100;

/** Columns that a row takes where nobody tells how many there are. */
const COLUMNS = 120;

/** @param {Command} command */
export function define(command) {
  addOperands(command)
    .option("--limit <n>", `damaged lines to show of a log (default: ${SHOWN})`, parseCount)
    .option("--json", "a JSON object a log: its path, and what verify() of the package reports")
    .addHelpText(
      "after",
      `
Nothing is written. Each damaged line is shown with its place (path:line:byte of
the line), its pieces, and what is around it; then each log in one line. What
cannot be shown is spelled <NUL>, <1B> or <U+202E>. Bytes at the end of a log
that more may make an entry are pending: a write may be going on, that is no
damage. Where the file has not changed for a minute, that entry is unfinished.

Exits with 1 where there is damage or an unfinished entry, or a log cannot be
read.

Examples:
  $ skill-log verify logs                     every session of a directory
  $ skill-log verify logs session-1 --limit 5
  $ skill-log verify logs --limit 0           one line a log
  $ skill-log verify logs --json | jq -c 'select(.damaged > 0) | .path'

To mend what is damaged: skill-log repair --help`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {{ limit?: number, json?: boolean }} */ { limit = SHOWN, json = false },
      ) => {
        exitWhenReaderLeaves();
        const counts = { clean: 0, damaged: 0, lines: 0, unfinished: 0, unread: 0 };
        const reportUnreadable = (/** @type {string} */ message) => {
          counts.unread += 1;
          return reportError(message);
        };
        const logs = await findLogs(operands, ({ message }) => reportUnreadable(message));
        const progress = new Progress("verifying", logs);
        for (const log of logs) {
          try {
            const open = await log.open();
            try {
              const report = await open.verify({ onProgress: progress.update });
              progress.next();
              if (report.pending?.unfinished) counts.unfinished += 1;
              counts[report.damaged > 0 ? "damaged" : "clean"] += 1;
              counts.lines += report.damaged;
              if (json) await writeReport(log, report);
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
        if (counts.damaged > 0 || counts.unfinished > 0 || counts.unread > 0) process.exitCode = 1;
      },
    );
}

/**
 * Shows the damage of a log, and what the log is like.
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
      const columns = Math.min(stdout.width, COLUMNS) - LABEL - 2;
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
    const left = report.damaged - totalLines(listed);
    if (left > 0) await stdout.line(`… and ${counted(left, "more damaged line")}\n`);
  }
  await stdout.line(summaryOf(log, report));
}

/** @param {{ clean: number, damaged: number, lines: number, unfinished: number, unread: number }} found */
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
