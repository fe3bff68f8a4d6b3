// `skill-log repair`: its options, its help and its report of what was done.

import { Option } from "commander";
import path from "node:path";

import { onExit } from "../cleanup.js";
import { Failure, UsageError } from "../failures.js";
import { EXTENSION, findLogs, NamedLog } from "../selection/operands.js";
import { counted } from "../terminal/counted.js";
import { reportError, exitWhenReaderLeaves, stderr, stdout, warn } from "../terminal/output.js";
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
/** @import { RepairReport } from "../../types.js" */

/**
 * @typedef {{ report: RepairReport, separated: number }} Outcome `separated`: lines of entries that
 *   had no line end between them
 */

/** The most damaged lines that are listed per log. */
const LISTED = 20;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY [SESSION...] | FILE.jsonl...")
    .argument(
      "<DIRECTORY...>",
      "a directory of logs, and ids of sessions in it (none: all sessions); or .jsonl files",
    )
    .option("--yes", "repair the logs; without it, only report what would be done")
    .option(
      "--exclusive",
      "also separate entries that have no line end between them, by rewriting the file: no other process may have it open",
    )
    .addOption(
      new Option(
        "--doubtful <what>",
        "keep or drop objects that may be entries, or parts of other entries",
      ).choices(["keep", "drop"]),
    )
    .option(
      "--json",
      "print one JSON object per log: its path, and the report of the package's repair()",
    )
    .addHelpText(
      "after",
      `
Damaged bytes are first saved to SESSION.damaged beside the log, then overwritten
with line ends. Whole entries stay in place, and other processes may go on
appending. Bytes at the end that more bytes may complete are left alone until
the log has not changed for a minute. An interrupted repair can be run again.

An object on a damaged line may be an entry, or part of another entry that a
model wrote. Such a line is left as it is, unless --doubtful says whether these
objects are entries to keep, or damage to save and overwrite.

Entries without a line end between them stay as they are and can be read; only
--exclusive separates them. Lines over 256 MiB are left as they are.

Exit status: 0 on success, and without --yes; 1 when a log cannot be read or
repaired, or when damage is left after --yes; 2 for wrong usage.

Examples:
  $ skill-log repair logs                     only report
  $ skill-log repair logs --yes
  $ skill-log repair logs/session-1.jsonl --yes
  $ skill-log repair logs session-1 --yes --exclusive

To see the damage itself: skill-log verify --help`,
    )
    .action(repairLogs);
}

/**
 * @param {string[]} operands
 * @param {{ yes?: boolean, exclusive?: boolean, doubtful?: "keep" | "drop", json?: boolean }}
 *   options
 */
async function repairLogs(operands, { yes = false, exclusive = false, doubtful, json = false }) {
  if (operands.includes("-"))
    throw new UsageError("standard input (-) cannot be repaired; name a file");
  if (!yes) exitWhenReaderLeaves();
  const reportUnreadable = (/** @type {string} */ message) => {
    process.exitCode = 1;
    return reportError(message);
  };
  const logs = await findLogs(operands, {
    onUnreadable: ({ message }) => reportUnreadable(message),
  });
  if (exclusive)
    await warn(
      `--exclusive rewrites files: entries that other processes append meanwhile are lost. Make sure that no other process has the logs open${yes ? "" : " before you add --yes"}.`,
    );
  const progress = new Progress(yes ? "repairing" : "verifying", logs);
  let repairable = 0;
  for (const log of logs) {
    try {
      const { report, separated } = await repairLog(
        log,
        { yes, exclusive, doubtful },
        progress.update,
      ).catch((error) => acceptIfClean(log, error));
      progress.next();
      repairable += report.repaired + separated;
      if (yes && report.left > 0) process.exitCode = 1;
      if (json) await writeReport(log, report);
      else await show(log, report, separated, { yes, doubtful });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      await reportUnreadable(log.errorMessageOf(error));
    }
  }
  progress.stop();
  if (yes || repairable === 0) return;
  if (json) await warn("nothing was changed; run the command again with --yes to repair");
  else await stdout.line("\nNothing was changed. Run the command again with --yes to repair.");
}

/**
 * Returns the log under a session id, because its damaged bytes are saved to SESSION.damaged.
 *
 * @param {NamedLog} log
 */
function repairableLog(log) {
  const { path: file, dir, id, name, bytes, modified } = log;
  log.refuseToChangeCompressed();
  if (dir !== undefined && id !== undefined) return log;
  if (!file.endsWith(EXTENSION))
    throw new Failure(
      `${name}: only a file with a name like SESSION${EXTENSION} can be repaired; rename it first`,
    );
  return new NamedLog(file, {
    dir: path.dirname(file),
    id: path.basename(file, EXTENSION),
    name,
    bytes,
    modified,
  });
}

/**
 * Repairs a log; without `yes`, only finds out what a repair would do.
 *
 * @param {NamedLog} log
 * @param {{ yes: boolean, exclusive: boolean, doubtful: "keep" | "drop" | undefined }} options
 * @param {(progress: { bytes: number }) => void} onProgress
 * @returns {Promise<Outcome>}
 */
async function repairLog(log, { yes, exclusive, doubtful }, onProgress) {
  const open = await repairableLog(log).open();
  const cancelNotice = yes ? onExit(sayInterrupted) : () => {};
  try {
    // What a repair in place leaves, and a rewrite does not, are the entries that the rewrite
    // separates.
    const without = exclusive ? await open.repair({ onProgress, doubtful, dryRun: true }) : null;
    const report = await open.repair({ onProgress, doubtful, dryRun: !yes, exclusive });
    return { report, separated: without ? without.left - report.left : 0 };
  } finally {
    cancelNotice();
    await open.close();
  }
}

/**
 * Checks a log that cannot be opened for repair, because it is a link or its name is not a session
 * id. A clean log counts as repaired; for a damaged log, throws why it cannot be repaired.
 *
 * @param {NamedLog} log
 * @param {unknown} refusal why the log cannot be repaired
 * @returns {Promise<Outcome>}
 */
async function acceptIfClean(log, refusal) {
  const { code, message, cause } =
    /** @type {{ code?: string, message: string, cause?: { syscall?: string } }} */ (refusal);
  // The repair itself failed: report that, whether the log is clean by now or not.
  if (
    !(refusal instanceof Failure) &&
    code !== "INVALID_SESSION_ID" &&
    code !== "NOT_A_REGULAR_FILE" &&
    cause?.syscall !== "open"
  )
    throw refusal;
  const open = await log.open();
  const report = await open.verify().finally(() => open.close());
  if (report.damaged === 0)
    return { report: { ...report, repaired: 0, saved: 0, left: 0 }, separated: 0 };
  throw code === "INVALID_SESSION_ID"
    ? new Failure(
        `${log.name}: is damaged, but cannot be repaired under this name: ${message}; rename it first`,
      )
    : refusal;
}

/** Says that a repair can be run again. Synchronous, because a signal ends the program. */
function sayInterrupted() {
  stderr.line(
    `${stderr.style.bold("skill-log:")} interrupted: no data is lost. Run the command again to finish.`,
  );
  void stderr.flush();
}

/**
 * Prints the damage of a log, and what was done or would be done.
 *
 * @param {NamedLog} log
 * @param {RepairReport} report
 * @param {number} separated
 * @param {{ yes: boolean, doubtful: "keep" | "drop" | undefined }} options
 */
async function show(log, report, separated, options) {
  await stdout.line(summaryOf(log, report));
  const listed = report.damage.slice(0, LISTED);
  for (const damage of listed)
    await stdout.line(`  ${positionOf(log, damage)}: ${damageFacts(damage)}`);
  const left = report.damaged - damagedLineCount(listed);
  if (left > 0) await stdout.line(`  … and ${counted(left, "more damaged line")}`);
  if (report.damaged === 0) return;
  for (const line of actionLines(log, report, separated, options)) await stdout.line(`  ${line}`);
}

/**
 * Yields lines that say what was done with a damaged log, or what would be done.
 *
 * @param {NamedLog} log
 * @param {RepairReport} report
 * @param {number} separated
 * @param {{ yes: boolean, doubtful: "keep" | "drop" | undefined }} options
 */
function* actionLines(
  { path: file },
  { entries, repaired, saved, left, damage, pending, sealed },
  separated,
  { yes, doubtful },
) {
  const { bold, green, red, yellow } = stdout.style;
  const done = yes ? green : yellow;
  if (entries === 0) yield red("it has no entries: it may not be a session log");
  if (sealed)
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? "ended the last line, which was left unfinished"
        : "end the last line, which was left unfinished");
  if (repaired > 0) {
    const what = `${counted(repaired, "damaged stretch", "damaged stretches")} (${counted(saved, "byte")})`;
    const where = bold(printable(`${file.slice(0, -EXTENSION.length)}.damaged`));
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? `saved ${what} to ${where}, and overwrote ${repaired === 1 ? "it" : "them"} with line ends`
        : `save ${what} to ${where}, and overwrite ${repaired === 1 ? "it" : "them"} with line ends`);
  }
  if (separated > 0) {
    const lines = `the entries on ${counted(separated, "line")}, by rewriting the file`;
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? `separated ${lines}; later entries have new offsets`
        : `separate ${lines}; later entries get new offsets`);
  }
  if (repaired > 0 && entries > 0 && separated === 0)
    yield `${yes ? "kept" : "to keep"}: ${counted(entries, "entry", "entries")}${pending ? ", and the pending bytes" : ""}, in place`;
  const tooLong = damagedLineCount(damage.filter(({ kind }) => kind === "too_long"));
  const inDoubt = doubtful
    ? 0
    : damagedLineCount(
        damage.filter(({ kind, doubtful = [] }) => kind !== "too_long" && doubtful.length > 0),
      );
  const touching = left - tooLong - inDoubt;
  if (inDoubt > 0)
    yield `${red("left:")} ${counted(inDoubt, "line")} with doubtful objects; --doubtful keep or --doubtful drop decides about them`;
  if (touching > 0)
    yield `${red("left:")} ${counted(touching, "line")} with entries that have no line end between them. All of them can be read; --exclusive separates them, when no other process has the log open`;
  if (tooLong > 0)
    yield `${red("left:")} ${counted(tooLong, "line")} over 256 MiB. A program may read them with a larger maxLineBytes: see SessionLog.open of the package`;
}
