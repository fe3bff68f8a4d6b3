// `skill-log append`: its options, its help and its work; the parts are in ../appending/.

import fs from "node:fs";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import prettyBytes from "pretty-bytes";

import { decode, SessionLog } from "../../index.js";
import { AppendedLines } from "../appending/appended-lines.js";
import { RejectedLines } from "../appending/rejected-lines.js";
import { withoutByteOrderMark } from "../appending/byte-order-mark.js";
import { addEntryOptions, lineFromOptions } from "../appending/entry-options.js";
import { inputEntry, MAX_LINE_BYTES } from "../appending/input-entry.js";
import { LineSpool } from "../appending/line-spool.js";
import { linesOf } from "../appending/lines.js";
import { Failure, UsageError } from "../failures.js";
import { jsonText } from "../json-text.js";
import { parseCount } from "../selection/filter.js";
import { refuseFileName } from "../selection/operands.js";
import { parseDuration } from "../selection/times.js";
import { addRedactOptions, Redacted } from "../selection/redacted.js";
import { counted } from "../terminal/counted.js";
import { stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { NumberedEntry } from "../appending/appended-lines.js" */
/** @import { EntryOptions } from "../appending/entry-options.js" */
/** @import { Line } from "../appending/lines.js" */
/** @import { RedactOptions } from "../selection/redacted.js" */

/**
 * @typedef
 *   {EntryOptions & RedactOptions & { keepGoing?: boolean, sync?: boolean, syncWithin?: number,
 *   maxLineBytes?: number, json?: boolean, quiet?: boolean }}
 *   AppendOptions
 */

/** How many invalid lines are reported one by one when nothing is appended. */
const MOST_REPORTED = 20;

/** The longest time within which entries may be synced, in milliseconds: 24 days. */
const LONGEST_WITHIN = 24 * 86_400_000;

/** @param {Command} command */
export function define(command) {
  addRedactOptions(addEntryOptions(command))
    .usage("[options] DIRECTORY SESSION")
    .argument("<DIRECTORY>", "the directory of the log; created when it does not exist")
    .argument("<SESSION>", "the id of the session; its log is SESSION.jsonl")
    .option("--keep-going", "append each entry as soon as it arrives, and skip invalid lines")
    .option("--sync", "wait until the entries are on the disk")
    .addOption(
      new Option(
        "--sync-within <time>",
        "start to sync each entry within this time, like 200ms, and wait only at the end",
      )
        .argParser(parseWithin)
        .conflicts("sync"),
    )
    .option(
      "--max-line-bytes <n>",
      "refuse longer lines; 1048576 keeps the log readable by the original Go program",
      parseLineBytes,
    )
    .option("--json", "print the result as a JSON object")
    .addOption(new Option("-q, --quiet", "do not print the result").conflicts("json"))
    .addHelpText(
      "after",
      `
Reads entries as JSON lines from standard input. With the options under "One
entry", it appends that entry and does not read standard input. An entry needs
skill and final_status; session_id and timestamp are filled in when they are
absent. Unknown fields are refused.

All of standard input is checked first: when a line is invalid, nothing is
appended and the exit status is 1. With --keep-going, each entry is appended as
soon as its line is complete. Invalid lines are skipped, and the exit status is
1 at the end.

With --redact, secrets are replaced before anything is written, also to temporary
files; the result says which kinds, and how many. A secret without a known shape
stays, such as a password in prose. Strings are cut after that.

Examples:
  $ skill-log append logs session-1 --skill tdd --status pass --duration 1.5s
  $ skill-log append logs session-1 --skill tdd --status fail --input '{"n":1}'
      --attempt '{"attempt":1,"model":"m-1","verified":false}'
  $ skill-log append logs session-1 <entries.jsonl
  $ my-runner | skill-log append logs session-1 --keep-going --sync-within 200ms
  $ my-runner | skill-log append logs session-1 --redact --max-string-bytes 1000000
  $ skill-log append logs session-1 --json <entries.jsonl
  {"appended":3,"bytes":402,"path":"logs/session-1.jsonl"}`,
    )
    .action(
      async (
        /** @type {string} */ dir,
        /** @type {string} */ id,
        /** @type {AppendOptions} */ options,
      ) => {
        const line = lineFromOptions(options);
        const file = path.join(dir, `${id}.jsonl`);
        if (line && options.keepGoing)
          throw new UsageError(
            "--keep-going works only with entries from standard input: leave it out, or leave out the options that describe an entry",
          );
        refuseFileName(dir, id);
        if (id === "-")
          throw new UsageError(
            "SESSION must be the id of a session, not -; standard input is read anyway",
          );
        const redacted = new Redacted(options);
        const log = await openLog(dir, id, options);
        try {
          if (!line) checkStandardInput(file);
          const {
            entries,
            bytes,
            skipped = 0,
          } = await (line
            ? appendFromOptions(line, log, id, options, redacted)
            : options.keepGoing
              ? appendAsTheyCome(log, id, options, redacted)
              : appendAll(log, id, options, redacted));
          // What it syncs may fail. Then there is no result to print.
          await log.close();
          if (options.json)
            await stdout.json(
              jsonText({ appended: entries, bytes, path: file, ...redacted.toJSON() }),
            );
          else if (!options.quiet)
            await stdout.line(
              `${counted(entries, "entry", "entries")} (${prettyBytes(bytes)}) appended to ${printable(file)}${redacted}`,
            );
          if (skipped > 0)
            throw new Failure(
              `standard input: skipped ${skipped === 1 ? "1 line that is not a valid entry" : `${skipped} lines that are not valid entries`}`,
            );
        } finally {
          // After another error, closing says less.
          await log.close().catch(() => {});
        }
      },
    );
}

/** @typedef {{ entries: number, bytes: number, skipped?: number }} Result */

/** @param {string} text */
function parseLineBytes(text) {
  const count = parseCount(text);
  if (count < 1 || count > MAX_LINE_BYTES)
    throw new InvalidArgumentError(`Expected a number of bytes from 1 to ${MAX_LINE_BYTES}.`);
  return count;
}

/** @param {string} text */
function parseWithin(text) {
  const within = parseDuration(text, undefined, Math.floor);
  if (within < 1 || within > LONGEST_WITHIN) throw new InvalidArgumentError("Expected 1ms to 24d.");
  return within;
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {AppendOptions} options
 */
async function openLog(dir, id, { sync = false, syncWithin, maxLineBytes = MAX_LINE_BYTES }) {
  try {
    return await SessionLog.open(dir, id, {
      sync: syncWithin === undefined ? sync : { within: syncWithin },
      maxLineBytes,
    });
  } catch (error) {
    // The log is not touched yet, so only the typed operands can be wrong.
    throw new UsageError(/** @type {Error} */ (error).message, { cause: error });
  }
}

/**
 * Refuses a terminal as standard input, where the program and the user would wait for each other,
 * and the log itself, which would never end.
 *
 * @param {string} file
 */
function checkStandardInput(file) {
  if (process.stdin.isTTY)
    throw new UsageError(
      "standard input is a terminal: pipe JSON lines into it, or describe one entry with --skill, --status and other options",
    );
  const input = fs.fstatSync(0, { bigint: true });
  // Node reads anything else as empty.
  if (!input.isFile() && !input.isFIFO() && !input.isSocket() && !input.isCharacterDevice()) {
    throw new UsageError(
      `standard input is ${input.isDirectory() ? "a directory" : "neither a file nor a pipe"}: pipe JSON lines into it`,
    );
  }
  const log = fs.existsSync(file) && fs.statSync(file, { bigint: true });
  if (log && log.dev === input.dev && log.ino === input.ino)
    throw new UsageError(`standard input is ${file}: a log cannot be appended to itself`);
}

/**
 * Appends the entry that the options describe.
 *
 * @param {Buffer} line
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @param {Redacted} redacted
 * @returns {Promise<Result>}
 */
async function appendFromOptions(line, log, id, options, redacted) {
  const { entry } = await entryFromOptions(line, id, options, redacted);
  const { bytes } = await log.append(entry);
  return { entries: 1, bytes };
}

/**
 * @param {Buffer} line
 * @param {string} id
 * @param {AppendOptions} options
 * @param {Redacted} redacted
 */
async function entryFromOptions(line, id, { maxLineBytes = MAX_LINE_BYTES }, redacted) {
  try {
    return await inputEntry(line, id, maxLineBytes, redacted);
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message, { cause: error });
  }
}

/**
 * Appends all of standard input, after all of its lines were found valid.
 *
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @param {Redacted} redacted
 * @returns {Promise<Result>}
 */
async function appendAll(log, id, { syncWithin, maxLineBytes = MAX_LINE_BYTES }, redacted) {
  const spool = new LineSpool();
  const rejected = new RejectedLines(MOST_REPORTED);
  let count = 0;
  for await (const lines of linesOf(
    standardInput(() => "nothing was appended"),
    MAX_LINE_BYTES,
  )) {
    count += lines.length;
    for (const line of lines) {
      const read = await entryOfLine(line, id, maxLineBytes, rejected, redacted);
      if (read && rejected.count === 0) spool.add(line.number, read.bytes);
    }
  }
  await rejected.reportRest();
  if (rejected.count > 0)
    throw new Failure(
      `standard input: ${invalidOf(rejected.count, count)}; nothing was appended. Correct the input, or skip invalid lines with --keep-going`,
    );
  const appended = new AppendedLines(log, syncWithin !== undefined);
  const progress = new Progress("appending", [spool]);
  try {
    for await (const lines of linesOf(spool.chunks(), MAX_LINE_BYTES)) {
      await appended.append(lines.map(spooledEntry));
      progress.update(appended);
    }
  } finally {
    progress.stop();
  }
  return appended;
}

/**
 * @param {number} invalid
 * @param {number} lines
 */
function invalidOf(invalid, lines) {
  if (lines === 1) return "its only line is not a valid entry";
  return invalid === 1
    ? `1 of ${lines} lines is not a valid entry`
    : `${invalid} of ${lines} lines are not valid entries`;
}

/**
 * @param {Line} line canonical
 * @returns {NumberedEntry}
 */
function spooledEntry({ number, bytes }) {
  const line = /** @type {Buffer} */ (bytes);
  return { number, entry: decode(line, { input: "raw" }), length: line.length + 1 };
}

/**
 * Appends each entry of standard input as soon as its line is complete.
 *
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @param {Redacted} redacted
 * @returns {Promise<Result>}
 */
async function appendAsTheyCome(log, id, { syncWithin, maxLineBytes = MAX_LINE_BYTES }, redacted) {
  const rejected = new RejectedLines(Infinity);
  const appended = new AppendedLines(log, syncWithin !== undefined);
  for await (const lines of linesOf(
    standardInput(() => appended.logState),
    MAX_LINE_BYTES,
  )) {
    /** @type {NumberedEntry[]} */
    const good = [];
    for (const line of lines) {
      const read = await entryOfLine(line, id, maxLineBytes, rejected, redacted);
      if (read) good.push({ number: line.number, entry: read.entry, length: read.bytes.length });
    }
    await appended.append(good);
  }
  return { entries: appended.entries, bytes: appended.bytes, skipped: rejected.count };
}

/**
 * Returns the entry of a line; reports a line that is not a valid entry and returns null.
 *
 * @param {Line} line
 * @param {string} id
 * @param {number} maxLineBytes
 * @param {RejectedLines} rejected
 * @param {Redacted} redacted
 */
async function entryOfLine({ number, bytes }, id, maxLineBytes, rejected, redacted) {
  try {
    if (!bytes)
      throw new Failure(
        `the line is longer than ${MAX_LINE_BYTES} bytes, the most that any reader accepts`,
      );
    return await inputEntry(bytes, id, maxLineBytes, redacted);
  } catch (error) {
    await rejected.report(number, /** @type {Error} */ (error).message);
    return null;
  }
}

/**
 * Reads standard input, without a byte order mark at its start.
 *
 * @param {() => string} logState says what is in the log when standard input cannot be read to its
 *   end
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
async function* standardInput(logState) {
  try {
    yield* withoutByteOrderMark(process.stdin);
  } catch (cause) {
    throw new Failure(
      `cannot read standard input: ${/** @type {Error} */ (cause).message}; ${logState()}`,
      {
        cause,
      },
    );
  }
}
