import fs from "node:fs";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import prettyBytes from "pretty-bytes";

import { decode, SessionLog } from "../../index.js";
import { AppendedLines } from "../appending/appended-lines.js";
import { BadLines } from "../appending/rejected-lines.js";
import { withoutByteOrderMark } from "../appending/byte-order-mark.js";
import { addEntryOptions, typedLine } from "../appending/entry-options.js";
import { givenEntry, LONGEST_LINE } from "../appending/input-entry.js";
import { KeptLines } from "../appending/line-spool.js";
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
const TOLD = 20;

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
        const line = typedLine(options);
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
            ? appendTyped(line, log, id, options)
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
  if (count < 1 || count > LONGEST_LINE)
    throw new InvalidArgumentError(`Expected 1 to ${LONGEST_LINE}.`);
  return count;
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {AppendOptions} options
 */
async function openLog(dir, id, { sync = false, maxLineBytes = LONGEST_LINE }) {
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
async function appendTyped(line, log, id, options) {
  const { entry } = typedEntry(line, id, options);
  return { entries: 1, ...(await log.append(entry)) };
}

/**
 * @param {Buffer} line
 * @param {string} id
 * @param {AppendOptions} options
 */
function typedEntry(line, id, { maxLineBytes = LONGEST_LINE }) {
  try {
    return givenEntry(line, id, maxLineBytes);
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
async function appendAll(log, id, { maxLineBytes = LONGEST_LINE }) {
  const kept = new KeptLines();
  const bad = new BadLines(TOLD);
  let count = 0;
  for await (const lines of linesOf(
    standardInput(() => "nothing was appended"),
    LONGEST_LINE,
  )) {
    count += lines.length;
    for (const line of lines) {
      const given = await goodEntry(line, id, maxLineBytes, bad);
      if (given && bad.count === 0) kept.add(line.number, given.bytes);
    }
  }
  await bad.end();
  if (bad.count > 0)
    throw new Failure(
      `standard input: ${bad.count} of ${count === 1 ? "1 line is no entry" : `${count} lines are no entries`}; nothing was appended`,
    );
  const appended = new AppendedLines(log);
  const progress = new Progress("appending", [kept]);
  try {
    for await (const lines of linesOf(kept.pieces(), LONGEST_LINE)) {
      await appended.append(lines.map(keptEntry));
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
function keptEntry({ number, bytes }) {
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
async function appendAsTheyCome(log, id, { maxLineBytes = LONGEST_LINE }) {
  const bad = new BadLines(Infinity);
  const appended = new AppendedLines(log);
  for await (const lines of linesOf(
    standardInput(() => appended.place),
    LONGEST_LINE,
  )) {
    /** @type {NumberedEntry[]} */
    const good = [];
    for (const line of lines) {
      const given = await goodEntry(line, id, maxLineBytes, bad);
      if (given) good.push({ number: line.number, entry: given.entry, length: given.bytes.length });
    }
    await appended.append(good);
  }
  return { entries: appended.entries, bytes: appended.bytes, bad: bad.count };
}

/**
 * Reads the entry that a line gives, or tells why it gives none.
 *
 * @param {Line} line
 * @param {string} id
 * @param {number} maxLineBytes
 * @param {BadLines} bad
 */
async function goodEntry({ number, bytes }, id, maxLineBytes, bad) {
  try {
    if (!bytes) throw new Failure(`longer than ${LONGEST_LINE} bytes`);
    return givenEntry(bytes, id, maxLineBytes);
  } catch (error) {
    await bad.add(number, /** @type {Error} */ (error).message);
    return null;
  }
}

/**
 * Reads standard input, without the byte order mark that it may start with.
 *
 * @param {() => string} place says how far it was used, where it cannot be read to its end
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
async function* standardInput(place) {
  try {
    yield* withoutByteOrderMark(process.stdin);
  } catch (cause) {
    throw new Failure(`standard input: ${/** @type {Error} */ (cause).message}; ${place()}`, {
      cause,
    });
  }
}
