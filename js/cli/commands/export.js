import fs from "node:fs";
import path from "node:path";

import { Option } from "commander";
import prettyBytes from "pretty-bytes";

import { inChunks, writeCompressed } from "../exporting/compressor.js";
import { COMPRESSIONS, formatOf, FORMATS } from "../exporting/export-format.js";
import { ExportedEntries } from "../exporting/exported-entries.js";
import { OutputDirectory } from "../exporting/output-directory.js";
import { OutputFile, writeFailure } from "../exporting/output-file.js";
import { Partition } from "../exporting/partition.js";
import { Failure, UsageError } from "../failures.js";
import { addFilter, Filter } from "../selection/filter.js";
import { addOperands, findLogs } from "../selection/operands.js";
import { counted } from "../terminal/counted.js";
import { silenceOnQuiet } from "../terminal/damage-warnings.js";
import { exitWhenReaderLeaves, stderr, stdout } from "../terminal/output.js";
import { printable, printableJson } from "../terminal/printable.js";

/** @import { Command } from "commander" */
/** @import { ExportFormat, FormatOptions } from "../exporting/export-format.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** @typedef {FilterOptions & FormatOptions & { force?: boolean, quiet?: boolean }} ExportOptions */
/** @typedef {{ files: number, bytes: number }} Written */

/** @param {Command} command */
export function define(command) {
  addFilter(
    silenceOnQuiet(
      addOperands(command)
        .option(
          "-o, --output <path>",
          "the file to write, or with --partition the directory (default: standard output)",
        )
        .addOption(
          new Option(
            "--format <format>",
            "canonical JSON lines or CSV, where no file's name says it",
          ).choices(FORMATS),
        )
        .addOption(
          new Option("--compress <kind>", "how to compress, where no file's name says it").choices(
            COMPRESSIONS,
          ),
        )
        .option("--partition", "divide by day: DIRECTORY/date=2026-01-31/part-0.jsonl")
        .option("--force", "replace a file that is there, or what an export wrote to the directory")
        .option(
          "--escape-formulas",
          "CSV for spreadsheets: an apostrophe before what they would take for a formula, and a byte order mark",
        )
        .option(
          "-q, --quiet",
          "do not say what was written, nor warn of damage that is passed over",
        ),
    ),
  )
    .addHelpText(
      "after",
      `
Every entry that can be read is written, those in damaged lines too, log by log
and in the order of each. Numbers and texts stay as they are, but for what in
input is not UTF-8 or half a surrogate pair: that is U+FFFD, and is counted.

A file is written as the end of its name says: .jsonl, .ndjson or .csv, each also
with .gz or .zst. It has its name when it is complete, or it is not there at all.
Others cannot read it: entries may hold secrets.

CSV has a line of names and the fields in the order of the format; input and
attempts_json are JSON texts, attempts is the number of them, verified that of
the last one. What an entry does not have is empty. Lines end in LF.

Spreadsheets run what begins with = + - or @, also behind blanks, and in full
width. With --escape-formulas an apostrophe is before it, before a text that
begins with a tab or a line end, and before what follows a ; a tab or a line end
within a text: where commas are in numbers, spreadsheets begin a cell there.
The texts are others then: give such files to nobody but a spreadsheet. Without
it, do not open CSV of entries that you do not trust in a spreadsheet.

With --partition, entries are divided by the UTC day of their timestamps, as
engines know it from Hive: in one file a day, or in several where there are more
than about 256 MB of text.

Examples:
  $ skill-log export logs -o entries.jsonl.zst
  $ skill-log export logs session-1 --status fail -o failed.csv
  $ skill-log export logs --partition -o lake --compress zstd
  $ skill-log export crashed.jsonl > clean.jsonl`,
    )
    .action(exportLogs);
}

/**
 * @param {string[]} operands
 * @param {ExportOptions} options
 */
async function exportLogs(operands, options) {
  const { output, partition, quiet } = options;
  const isStandard = output === undefined || output === "-";
  if (output === "") throw new UsageError("--output: expected a path, got an empty text");
  if (partition && isStandard) throw new UsageError("--partition needs a DIRECTORY: -o DIRECTORY");
  const format = await formatOf(options);
  if (isStandard && format.compression && stdout.isTerminal)
    throw new UsageError("what is compressed is not for a terminal: -o FILE, or a pipe");
  if (isStandard) exitWhenReaderLeaves();
  const logs = await findLogs(operands);
  refuseInputs(logs, isStandard ? undefined : output);
  const entries = new ExportedEntries(logs, new Filter(options), format);
  if (isStandard) {
    if (stdout.isTerminal) await toTerminal(entries);
    else
      await writeCompressed(inChunks(entries.chunks()), format.compression, (chunk) =>
        stdout.bytes(chunk),
      );
    return entries.warnOfChanges();
  }
  const written = await (partition ? toDirectory : toFile)(entries, output, format, options).catch(
    (error) => Promise.reject(writeFailure(output, error)),
  );
  await entries.warnOfChanges();
  if (quiet) return;
  const files = partition ? `${counted(written.files, "file")}, ` : "";
  await stderr.line(
    `${counted(entries.count, "entry", "entries")} written to ${printable(output)} (${files}${prettyBytes(written.bytes)})`,
  );
  await stderr.flush();
}

/**
 * Shows lines, in which nothing is left that the terminal would obey.
 *
 * @param {ExportedEntries} entries
 */
async function toTerminal(entries) {
  for await (const chunk of entries.chunks())
    await stdout.write(printableJson(Buffer.from(chunk).toString()));
}

/**
 * @param {ExportedEntries} entries
 * @param {string} output
 * @param {ExportFormat} format
 * @param {ExportOptions} options
 * @returns {Promise<Written>}
 */
async function toFile(entries, output, { compression }, options) {
  const file = new OutputFile(output, options);
  try {
    await writeCompressed(inChunks(entries.chunks()), compression, (chunk) => file.write(chunk));
    file.complete();
  } finally {
    file.discard();
  }
  return { files: 1, bytes: file.bytes };
}

/**
 * @param {ExportedEntries} entries
 * @param {string} output
 * @param {ExportFormat} format
 * @param {ExportOptions} options
 * @returns {Promise<Written>}
 */
async function toDirectory(entries, output, format, options) {
  const directory = new OutputDirectory(output, options);
  try {
    const partition = new Partition(directory.folder, format);
    for await (const { entry, line } of entries.lines()) await partition.add(entry.timestamp, line);
    await partition.complete();
    directory.complete();
    return partition;
  } finally {
    directory.discard();
  }
}

/**
 * Refuses to write to what is read.
 *
 * @param {NamedLog[]} logs
 * @param {string | undefined} output undefined for standard output
 */
function refuseInputs(logs, output) {
  const own = output === undefined ? fs.fstatSync(1) : statOf(output);
  const name = output ?? "standard output";
  for (const log of logs) {
    const stat = fs.statSync(log.path, { throwIfNoEntry: false });
    // That it has gone is told where it is read.
    if (!stat) continue;
    if (own?.isFile() && own.dev === stat.dev && own.ino === stat.ino)
      throw new Failure(
        `${name} is the log ${log.path}, which is to be exported; choose another file`,
      );
    if (own?.isDirectory() && isBelow(log.path, name))
      throw new Failure(
        `${name} has the log ${log.path} in it, which is to be exported; choose another directory`,
      );
    if (
      output?.endsWith(".jsonl") &&
      log.dir !== undefined &&
      path.resolve(log.dir) === path.dirname(path.resolve(output))
    ) {
      throw new Failure(
        `${name} would be a session among those that are exported; choose another directory`,
      );
    }
  }
}

/** @param {string} output */
function statOf(output) {
  try {
    return fs.statSync(output, { throwIfNoEntry: false });
  } catch (error) {
    throw writeFailure(output, error);
  }
}

/**
 * @param {string} file
 * @param {string} directory
 */
function isBelow(file, directory) {
  return fs.realpathSync(file).startsWith(path.join(fs.realpathSync(directory), path.sep));
}
