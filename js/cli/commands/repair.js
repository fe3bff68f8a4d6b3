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
  totalLines,
  summaryOf,
  writeReport,
} from "../terminal/reports.js";

/** @import { Command } from "commander" */
/** @import { RepairReport } from "../../types.js" */

/** @typedef {{ report: RepairReport, separated: number }} Outcome `separated`: lines whose entries touched */

/** Damaged lines of a log that are listed. */
const LISTED = 20;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY [SESSION...] | FILE.jsonl...")
    .argument("<DIRECTORY...>", "a directory, and sessions in it (none: all); or files")
    .option("--yes", "do it; without this, only tell what would be done")
    .option(
      "--exclusive",
      "also part whole entries that touch, by writing the file anew: nobody else may have it open",
    )
    .addOption(
      new Option(
        "--doubtful <what>",
        "what becomes of objects that may be entries, or part of others",
      ).choices(["keep", "drop"]),
    )
    .option("--json", "a JSON object a log: its path, and what repair() of the package reports")
    .addHelpText(
      "after",
      `
Damaged bytes are saved to SESSION.damaged beside the log, synced, and then
overwritten with line ends. Whole entries stay where they are, bytes at the end
that more may make an entry are not touched, unless the log has not changed for a
minute, and others may go on appending. Killed anywhere, it can be run again; run
again, it changes nothing.

An object on a damaged line may be an entry, or part of another one that a model
wrote. Such a line is left, unless --doubtful says what becomes of the object.

Whole entries that touch have no room for a line end between them. They stay as
they are, and readable, but with --exclusive. Lines over 256 MiB are left.

Exits with 1 where a log could not be repaired, or damage is left after --yes;
without --yes with 0 whatever there is to repair.

Examples:
  $ skill-log repair logs                     what would be done
  $ skill-log repair logs --yes
  $ skill-log repair logs/session-1.jsonl --yes
  $ skill-log repair logs session-1 --yes --exclusive

To look at the damage itself: skill-log verify --help`,
    )
    .action(repairLogs);
}

/**
 * @param {string[]} operands
 * @param {{ yes?: boolean, exclusive?: boolean, doubtful?: "keep" | "drop", json?: boolean }} options
 */
async function repairLogs(operands, { yes = false, exclusive = false, doubtful, json = false }) {
  if (operands.includes("-"))
    throw new UsageError("standard input (-) cannot be repaired: there is no file to write to");
  if (!yes) exitWhenReaderLeaves();
  const reportUnreadable = (/** @type {string} */ message) => {
    process.exitCode = 1;
    return reportError(message);
  };
  const logs = await findLogs(operands, ({ message }) => reportUnreadable(message));
  if (exclusive)
    await warn(
      `--exclusive writes files anew: what others append to them meanwhile is lost. Nobody else may have them open${yes ? "" : " when this is run with --yes"}.`,
    );
  const progress = new Progress(yes ? "repairing" : "verifying", logs);
  let repairable = 0;
  for (const log of logs) {
    try {
      const { report, separated } = await repaired(
        log,
        { yes, exclusive, doubtful },
        progress.update,
      ).catch((error) => reportIfClean(log, error));
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
  if (json) await warn("nothing was changed; to do it, say it again with --yes");
  else await stdout.line("\nNothing was changed. To do it, say it again with --yes.");
}

/**
 * Gives a log as one that can be opened by its session: what is damaged in it is saved under that name.
 *
 * @param {NamedLog} log
 */
function repairableLog(log) {
  const { path: file, dir, id, name, bytes, modified } = log;
  if (dir !== undefined && id !== undefined) return log;
  if (!file.endsWith(EXTENSION))
    throw new Failure(`${name}: can be repaired only under a name as SESSION${EXTENSION}`);
  return new NamedLog(file, {
    dir: path.dirname(file),
    id: path.basename(file, EXTENSION),
    name,
    bytes,
    modified,
  });
}

/**
 * Repairs a log, or finds out what that would do.
 *
 * @param {NamedLog} log
 * @param {{ yes: boolean, exclusive: boolean, doubtful: "keep" | "drop" | undefined }} options
 * @param {(progress: { bytes: number }) => void} onProgress
 * @returns {Promise<Outcome>}
 */
async function repaired(log, { yes, exclusive, doubtful }, onProgress) {
  const open = await repairableLog(log).open();
  const cancelNotice = yes ? onExit(sayInterrupted) : () => {};
  try {
    // What only a rewrite can do is what is left without one.
    const without = exclusive ? await open.repair({ onProgress, doubtful, dryRun: true }) : null;
    const report = await open.repair({ onProgress, doubtful, dryRun: !yes, exclusive });
    return { report, separated: without ? without.left - report.left : 0 };
  } finally {
    cancelNotice();
    await open.close();
  }
}

/**
 * Takes a log that cannot be opened to be repaired, as its name is no session's or a link, for done where it is clean.
 *
 * @param {NamedLog} log
 * @param {unknown} refusal why it cannot be repaired
 * @returns {Promise<Outcome>}
 */
async function reportIfClean(log, refusal) {
  const { code, message, cause } =
    /** @type {{ code?: string, message: string, cause?: { syscall?: string } }} */ (refusal);
  // What failed on the way is told, whatever the log is like by now.
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
    ? new Failure(`${log.name}: is damaged, and cannot be repaired under its name: ${message}`)
    : refusal;
}

/** Nothing can be awaited when a signal ends the program. */
function sayInterrupted() {
  stderr.line(
    `${stderr.style.bold("skill-log:")} interrupted: no byte is lost. Run it again to finish.`,
  );
  void stderr.flush();
}

/**
 * Tells what was done with a log, or would be.
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
  const left = report.damaged - totalLines(listed);
  if (left > 0) await stdout.line(`  … and ${counted(left, "more damaged line")}`);
  if (report.damaged === 0) return;
  for (const line of actionLines(log, report, separated, options)) await stdout.line(`  ${line}`);
}

/**
 * Says what was done with a damaged log, or would be.
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
  if (entries === 0) yield red("no entry is in it: perhaps it is no session log");
  if (sealed)
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? "ended the last line, which nobody went on with"
        : "end the last line, which nobody goes on with");
  if (repaired > 0) {
    const what = `${counted(repaired, "stretch", "stretches")} of damaged bytes (${counted(saved, "byte")})`;
    const where = bold(printable(`${file.slice(0, -EXTENSION.length)}.damaged`));
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? `saved ${what} to ${where}, and wrote line ends over them`
        : `save ${what} to ${where}, and write line ends over them`);
  }
  if (separated > 0) {
    const lines = `${counted(separated, "line")} of whole entries that touch, by writing the file anew`;
    yield done(yes ? "repaired: " : "to repair: ") +
      (yes
        ? `parted ${lines}: entries behind them have other offsets now`
        : `part ${lines}: entries behind them get other offsets`);
  }
  if (repaired > 0 && entries > 0 && separated === 0)
    yield `${yes ? "kept" : "to keep"}: ${counted(entries, "entry", "entries")}, where they are${pending ? "; and the bytes that are pending" : ""}`;
  const tooLong = totalLines(damage.filter(({ kind }) => kind === "too_long"));
  const inDoubt = doubtful
    ? 0
    : totalLines(
        damage.filter(({ kind, doubtful = [] }) => kind !== "too_long" && doubtful.length > 0),
      );
  const touching = left - tooLong - inDoubt;
  if (inDoubt > 0)
    yield `${red("left:")} ${counted(inDoubt, "line")} with objects in doubt. --doubtful says what becomes of them`;
  if (touching > 0)
    yield `${red("left:")} ${counted(touching, "line")} of whole entries that touch. All are readable; --exclusive parts them, where nobody else has the log open`;
  if (tooLong > 0)
    yield `${red("left:")} ${counted(tooLong, "line")} over 256 MiB. A larger maxLineBytes may read them: see SessionLog.open of the package`;
}
