// `skill-log archive`: which logs are archived, and its report.

import fs from "node:fs";

import { InvalidArgumentError, Option } from "commander";
import prettyBytes from "pretty-bytes";

import { estimate } from "../archiving/archive-file.js";
import { DirectoryLocks } from "../archiving/directory-lock.js";
import { openRegular } from "../archiving/regular-file.js";
import { linkedFault, SessionArchiver } from "../archiving/session-archiver.js";
import { idFault, sessionsNamed, sessionsOf } from "../archiving/session-files.js";
import { zstdCodec } from "../archiving/zstd-codec.js";
import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";
import { jsonText } from "../json-text.js";
import { refuseEmpty } from "../selection/operands.js";
import { parseAge } from "../selection/times.js";
import { counted } from "../terminal/counted.js";
import { exitWhenReaderLeaves, reportFailureOf, stderr, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { SessionFiles } from "../archiving/session-files.js" */
/** @import { Codec } from "../archiving/zstd-codec.js" */

/**
 * @typedef {{ idle: { age: number, text: string }, level: number, dryRun?: boolean, json?: boolean, recursive?: boolean }}
 *   Options
 */

/** A log that is archived. @typedef {{ files: SessionFiles, bytes: number }} Chosen */

/** The highest level that needs no more memory to decompress. */
const HIGHEST_LEVEL = 19;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY [SESSION...]")
    .argument("<DIRECTORY>", "a directory of logs")
    .argument(
      "[SESSION...]",
      "ids of sessions in it, or patterns such as 'build-*' (none: all sessions)",
    )
    .option("-r, --recursive", "archive the logs in subdirectories too; their ids are paths")
    .addOption(
      new Option("--idle <age>", "archive only logs that were not written to for so long")
        .argParser((text) => ({ age: parseAge(text), text }))
        .default({ age: parseAge("30d"), text: "30d" }, "30d"),
    )
    .option("--dry-run", "only report what would be archived, and about how much it saves")
    .option("--level <n>", "how hard zstd compresses, from 1 to 19", parseLevel, 3)
    .option("--json", "print one JSON object per session")
    .addHelpText(
      "after",
      `
The log of a session becomes SESSION.jsonl.zst, in the seekable format of zstd:
every command reads it as before, and zstd -dc prints its lines. Its text is copied
byte for byte, damage too. When a program appends to the session again, it makes a
new SESSION.jsonl, and both are the session; a later run adds it to the archive.

Readers find every entry at each moment, also when the command is interrupted: run
it again to finish. An open log of this package notices within half a second that
its file was moved. A program that keeps a log open and never looks at its path may
lose what it appends after the file was removed, so such programs must not run.

Exit status: 0 on success; 1 when a log could not be archived; 2 for wrong usage.

Examples:
  $ skill-log archive logs --dry-run
  $ skill-log archive logs                        those idle for 30 days
  $ skill-log archive logs 'build-*' --idle 12h

To turn an archive into a log again: skill-log unarchive --help`,
    )
    .action(archiveLogs);
}

/** @param {string} text */
function parseLevel(text) {
  const level = Number(text);
  if (!/^\d+$/.test(text) || level < 1 || level > HIGHEST_LEVEL)
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${HIGHEST_LEVEL}.`);
  return level;
}

/**
 * @param {string} dir
 * @param {string[]} operands
 * @param {Options} options
 */
async function archiveLogs(dir, operands, options) {
  const { idle, level, dryRun = false, json = false, recursive } = options;
  refuseEmpty([dir, ...operands]);
  if (dryRun) exitWhenReaderLeaves();
  const codec = await zstdCodec(level);
  // Wrong operands are reported before anything is made in the directory.
  /** @type {[dir: string, error: unknown][]} */
  const unlisted = [];
  const onFailure = (/** @type {string} */ below, /** @type {unknown} */ error) =>
    void unlisted.push([below, error]);
  const all = sessionsNamed(sessionsOf(dir, { recursive, onFailure }), dir, operands);
  const dirs = [dir, ...all.map((files) => files.dir)];
  for (const [below, error] of unlisted) await reportFailureOf(below, error);
  const lock = dryRun ? null : new DirectoryLocks(recursive ? dirs : [dir]);
  try {
    const report = new Report({ idle: idle.text, isDry: dryRun, json });
    // Not those of a directory that was made meanwhile: it is not locked.
    const sessions = sessionsNamed(
      sessionsOf(dir, { recursive, onFailure: () => {} }),
      dir,
      operands,
    ).filter((files) => lock?.has(files.dir) !== false);
    const chosen = await choose(sessions, idle.age, report);
    if (lock) {
      const leftovers = chosen.flatMap(({ files }) => (files.asides.size > 0 ? [files] : []));
      await archiveAll(chosen, { codec, lock, report });
      // These sessions may have a new log by now, which may be idle too.
      const completed = leftovers.filter(({ asides }) => asides.size === 0);
      await archiveAll(await choose(completed, idle.age, report), { codec, lock, report });
    } else await reportEstimates(chosen, codec, report);
    await report.end();
  } finally {
    lock?.release();
  }
}

/**
 * Chooses the logs that are idle, and those that an earlier run left.
 *
 * @param {SessionFiles[]} sessions
 * @param {number} idle milliseconds
 * @param {Report} report
 */
async function choose(sessions, idle, report) {
  /** @type {Chosen[]} */
  const chosen = [];
  const now = Date.now();
  for (const files of sessions) {
    try {
      if (report.isReal) files.removeIncomplete();
      const log = files.lookAtLog();
      const [aside] = files.asides;
      if (aside !== undefined) {
        chosen.push({ files, bytes: fs.lstatSync(files.aside(aside)).size });
      } else if (log && log.size > 0) {
        const fault = await idFault(files);
        if (fault !== undefined) await report.keep(files, `is not archived: ${fault}`);
        else if (log.nlink > 1) await report.keep(files, linkedFault(log.nlink));
        else if (now - log.mtimeMs < idle) await report.keep(files, null);
        else chosen.push({ files, bytes: log.size });
      }
    } catch (error) {
      if (error instanceof Failure) await report.keep(files, error.message);
      else await report.fail(files, error);
    }
  }
  return chosen;
}

/**
 * @param {Chosen[]} chosen
 * @param {Codec} codec
 * @param {Report} report
 */
async function reportEstimates(chosen, codec, report) {
  for (const { files, bytes } of chosen) {
    try {
      const [aside] = files.asides;
      const path = aside === undefined ? files.log : files.aside(aside);
      const fd = openRegular(path);
      try {
        await report.add(files, bytes, estimate({ path, fd, size: bytes }, codec));
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      await report.fail(files, error);
    }
  }
}

/**
 * @param {Chosen[]} chosen
 * @param {{ codec: Codec, lock: DirectoryLocks, report: Report }} options
 */
async function archiveAll(chosen, { codec, lock, report }) {
  const cancelNotice = onExit(sayInterrupted);
  // Each byte is compressed, and compared.
  const progress = new Progress("archiving", [...chosen, ...chosen]);
  let done = 0;
  const archiver = new SessionArchiver(lock, codec, async (bytes) => {
    done += bytes;
    progress.update({ bytes: done });
    await new Promise((next) => setImmediate(next));
  });
  const fail = (/** @type {SessionFiles} */ files, /** @type {unknown} */ error) =>
    report.fail(files, error);
  for (const { files } of chosen) {
    try {
      const before = files.lookAtArchive()?.size ?? 0;
      const archived = await archiver.compress(files);
      if (archived) await report.add(files, archived.bytes, archived.archived - before);
    } catch (error) {
      await fail(files, error);
    }
    await archiver.settle(false, fail);
  }
  await archiver.settle(true, fail);
  progress.stop();
  cancelNotice();
}

/** Says that the command can be run again. Synchronous, because a signal ends the program. */
function sayInterrupted() {
  stderr.line(
    `${stderr.style.bold("skill-log:")} interrupted: no entry is lost. Run the command again to finish.`,
  );
  void stderr.flush();
}

/** What was done, and what was left. */
class Report {
  #options;
  #sessions = 0;
  #bytes = 0;
  #archived = 0;
  #active = 0;

  /** @param {{ idle: string, isDry: boolean, json: boolean }} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether something is changed. */
  get isReal() {
    return !this.#options.isDry;
  }

  /**
   * Adds a log that is archived, or would be.
   *
   * @param {SessionFiles} files
   * @param {number} bytes
   * @param {number} archived the bytes that it adds to its archive
   */
  async add({ name: id, log }, bytes, archived) {
    const { isDry, json } = this.#options;
    this.#sessions += 1;
    this.#bytes += bytes;
    this.#archived += archived;
    if (json) {
      const action = isDry ? "would archive" : "archived";
      await stdout.json(jsonText({ id, action, bytes, archived_bytes: archived }));
      return;
    }
    const { bold, green, yellow } = stdout.style;
    const what = isDry ? yellow("would be archived") : green("archived");
    await stdout.line(
      `${bold(printable(log))}: ${prettyBytes(bytes)}, ${what}${isDry ? ", about" : ":"} ${prettyBytes(archived)}`,
    );
  }

  /**
   * Adds a log that is left.
   *
   * @param {SessionFiles} files
   * @param {string | null} reason null: it is not idle
   */
  async keep({ name: id, log }, reason) {
    if (reason === null) this.#active += 1;
    if (this.#options.json)
      await stdout.json(jsonText({ id, action: "kept", reason: reason ?? "not idle" }));
    else if (reason !== null) {
      const named = reason.includes(log) ? reason : `${log} ${reason}`;
      await stdout.line(`left: ${printable(named)}`);
    }
  }

  /**
   * @param {SessionFiles} files
   * @param {unknown} error an unexpected one is thrown again
   */
  fail({ log }, error) {
    return reportFailureOf(log, error);
  }

  async end() {
    const { idle, isDry, json } = this.#options;
    if (json) return;
    const parts = [
      this.#sessions === 0
        ? `nothing ${isDry ? "would be" : "was"} archived`
        : `${counted(this.#sessions, "session")}${isDry ? " would be archived, about" : " archived:"} ${prettyBytes(this.#archived)} instead of ${prettyBytes(this.#bytes)}`,
      ...(this.#active > 0
        ? [`${counted(this.#active, "session")} left: written to within ${idle}`]
        : []),
    ];
    await stdout.line(parts.join("; "));
  }
}
