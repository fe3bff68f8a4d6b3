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
import { counted } from "../terminal/counted.js";
import { stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { NumberedEntry } from "../appending/appended-lines.js" */
/** @import { EntryOptions } from "../appending/entry-options.js" */
/** @import { Line } from "../appending/lines.js" */

/** @typedef {EntryOptions & { keepGoing?: boolean, sync?: boolean, maxLineBytes?: number, json?: boolean, quiet?: boolean }} AppendOptions */

/** Bad lines that are told one by one where nothing is appended: whoever mends them looks at the first ones. */
const MOST_REPORTED = 20;

/** @param {Command} command */
export function define(command) {
  addEntryOptions(command)
    .usage("[options] DIRECTORY SESSION")
    .argument("<DIRECTORY>", "where the log is; made where it does not exist")
    .argument("<SESSION>", "the session's id: the log is SESSION.jsonl")
    .option("--keep-going", "append each entry as it comes, and leave bad lines out")
    .option("--sync", "wait until what is appended is on the disk")
    .option(
      "--max-line-bytes <n>",
      "refuse longer lines; 1048576 keeps the log readable to the Go original",
      parseLineBytes,
    )
    .option("--json", "say what was appended as a JSON object")
    .addOption(new Option("-q, --quiet", "do not say what was appended").conflicts("json"))
    .addHelpText(
      "after",
      `
Entries are JSON lines on standard input, or one entry is given by options;
standard input is not read then. An entry needs skill and final_status;
session_id and timestamp may be left out. What the format does not know is
refused.

All of standard input is checked first: where a line is bad, nothing is
appended, and the exit status is 1. With --keep-going an entry is in the log as
soon as its line is complete; bad lines are left out, and the exit status is 1
at the end.

Examples:
  $ skill-log append logs session-1 --skill tdd --status pass --duration 1.5s
  $ skill-log append logs session-1 --skill tdd --status fail --input '{"n":1}'
      --attempt '{"attempt":1,"model":"m-1","verified":false}'
  $ skill-log append logs session-1 <entries.jsonl
  $ my-runner | skill-log append logs session-1 --keep-going --sync
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
            "--keep-going is for standard input, which is not read where options give the entry",
          );
        refuseFileName(dir, id);
        if (id === "-")
          throw new UsageError(
            "standard input (-) is read in any case: what is asked for is the session's id",
          );
        const log = await openLog(dir, id, options);
        try {
          if (!line) checkStandardInput(file);
          const {
            entries,
            bytes,
            bad = 0,
          } = await (line
            ? appendFromOptions(line, log, id, options)
            : options.keepGoing
              ? appendAsTheyCome(log, id, options)
              : appendAll(log, id, options));
          if (options.json) await stdout.json(jsonText({ appended: entries, bytes, path: file }));
          else if (!options.quiet)
            await stdout.line(
              `${counted(entries, "entry", "entries")} (${prettyBytes(bytes)}) appended to ${printable(file)}`,
            );
          if (bad > 0)
            throw new Failure(
              `standard input: ${bad === 1 ? "1 line was no entry, and is" : `${bad} lines were no entries, and are`} left out`,
            );
        } finally {
          await log.close();
        }
      },
    );
}

/** @typedef {{ entries: number, bytes: number, bad?: number }} Result */

/** @param {string} text */
function parseLineBytes(text) {
  const count = parseCount(text);
  if (count < 1 || count > MAX_LINE_BYTES)
    throw new InvalidArgumentError(`Expected 1 to ${MAX_LINE_BYTES}.`);
  return count;
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {AppendOptions} options
 */
async function openLog(dir, id, { sync = false, maxLineBytes = MAX_LINE_BYTES }) {
  try {
    return await SessionLog.open(dir, id, { sync, maxLineBytes });
  } catch (error) {
    // Nothing but what was typed can be wrong yet.
    throw new UsageError(/** @type {Error} */ (error).message, { cause: error });
  }
}

/**
 * Refuses what would wait for somebody who waits, and what would never end.
 *
 * @param {string} file
 */
function checkStandardInput(file) {
  if (process.stdin.isTTY)
    throw new UsageError(
      "standard input is this terminal: pipe JSON lines into it, or give one entry by --skill, --status and others",
    );
  const input = fs.fstatSync(0, { bigint: true });
  // Node takes anything else for empty.
  if (!input.isFile() && !input.isFIFO() && !input.isSocket() && !input.isCharacterDevice()) {
    throw new UsageError(
      `standard input is ${input.isDirectory() ? "a directory" : "no file and no pipe"}: pipe JSON lines into it`,
    );
  }
  const log = fs.existsSync(file) && fs.statSync(file, { bigint: true });
  if (log && log.dev === input.dev && log.ino === input.ino)
    throw new UsageError(`${file} is standard input, too: it would be appended to itself`);
}

/**
 * Appends the entry that was typed.
 *
 * @param {Buffer} line
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @returns {Promise<Result>}
 */
async function appendFromOptions(line, log, id, options) {
  const { entry } = entryFromOptions(line, id, options);
  return { entries: 1, ...(await log.append(entry)) };
}

/**
 * @param {Buffer} line
 * @param {string} id
 * @param {AppendOptions} options
 */
function entryFromOptions(line, id, { maxLineBytes = MAX_LINE_BYTES }) {
  try {
    return inputEntry(line, id, maxLineBytes);
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message, { cause: error });
  }
}

/**
 * Appends all of standard input, when all of it is known to be good.
 *
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @returns {Promise<Result>}
 */
async function appendAll(log, id, { maxLineBytes = MAX_LINE_BYTES }) {
  const spool = new LineSpool();
  const rejected = new RejectedLines(MOST_REPORTED);
  let count = 0;
  for await (const lines of linesOf(
    standardInput(() => "nothing was appended"),
    MAX_LINE_BYTES,
  )) {
    count += lines.length;
    for (const line of lines) {
      const given = await entryOfLine(line, id, maxLineBytes, rejected);
      if (given && rejected.count === 0) spool.add(line.number, given.bytes);
    }
  }
  await rejected.reportRest();
  if (rejected.count > 0)
    throw new Failure(
      `standard input: ${rejected.count} of ${count === 1 ? "1 line is no entry" : `${count} lines are no entries`}; nothing was appended`,
    );
  const appended = new AppendedLines(log);
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
 * @param {Line} line a canonical one
 * @returns {NumberedEntry}
 */
function spooledEntry({ number, bytes }) {
  const line = /** @type {Buffer} */ (bytes);
  return { number, entry: decode(line, { input: "raw" }), length: line.length + 1 };
}

/**
 * Appends what comes on standard input when it comes.
 *
 * @param {SessionLog} log
 * @param {string} id
 * @param {AppendOptions} options
 * @returns {Promise<Result>}
 */
async function appendAsTheyCome(log, id, { maxLineBytes = MAX_LINE_BYTES }) {
  const rejected = new RejectedLines(Infinity);
  const appended = new AppendedLines(log);
  for await (const lines of linesOf(
    standardInput(() => appended.logState),
    MAX_LINE_BYTES,
  )) {
    /** @type {NumberedEntry[]} */
    const good = [];
    for (const line of lines) {
      const given = await entryOfLine(line, id, maxLineBytes, rejected);
      if (given) good.push({ number: line.number, entry: given.entry, length: given.bytes.length });
    }
    await appended.append(good);
  }
  return { entries: appended.entries, bytes: appended.bytes, bad: rejected.count };
}

/**
 * Reads the entry that a line gives, or tells why it gives none.
 *
 * @param {Line} line
 * @param {string} id
 * @param {number} maxLineBytes
 * @param {RejectedLines} rejected
 */
async function entryOfLine({ number, bytes }, id, maxLineBytes, rejected) {
  try {
    if (!bytes) throw new Failure(`longer than ${MAX_LINE_BYTES} bytes`);
    return inputEntry(bytes, id, maxLineBytes);
  } catch (error) {
    await rejected.report(number, /** @type {Error} */ (error).message);
    return null;
  }
}

/**
 * Reads standard input, without the byte order mark that it may start with.
 *
 * @param {() => string} logState says how far it was used, where it cannot be read to its end
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
async function* standardInput(logState) {
  try {
    yield* withoutByteOrderMark(process.stdin);
  } catch (cause) {
    throw new Failure(`standard input: ${/** @type {Error} */ (cause).message}; ${logState()}`, {
      cause,
    });
  }
}
