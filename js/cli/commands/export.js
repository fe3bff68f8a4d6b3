// `skill-log export`: its options, its help and its checks. The parts that write are in
// ../exporting/, and the options that select entries in ../selection/filter.js.

import fs from "node:fs";
import path from "node:path";

import { Option } from "commander";
import prettyBytes from "pretty-bytes";

import { inChunks, writeCompressed } from "../exporting/compressor.js";
import { COMPRESSIONS, formatOf, FORMATS } from "../exporting/export-format.js";
import { ExportedEntries, warnOfChanged } from "../exporting/exported-entries.js";
import { hostDirectories, nameHosts } from "../exporting/lake/host-directories.js";
import { OutputDirectory } from "../exporting/output-directory.js";
import { OutputFile, writeFailure } from "../exporting/output-file.js";
import { Partition } from "../exporting/partition.js";
import { Failure, UsageError } from "../failures.js";
import { addFilter, Filter } from "../selection/filter.js";
import { addOperands, findLogs } from "../selection/operands.js";
import { addRedactOption, Redacted } from "../selection/redacted.js";
import { counted } from "../terminal/counted.js";
import { silenceOnQuiet, warnOfRemainingDamage } from "../terminal/damage-warnings.js";
import { exitWhenReaderLeaves, stderr, stdout, warn } from "../terminal/output.js";
import { printable, printableJson } from "../terminal/printable.js";

/** @import { Command } from "commander" */
/** @import { ExportFormat, FormatOptions } from "../exporting/export-format.js" */
/** @import { HostReport } from "../exporting/lake/hosted-export.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */
/** @import { RedactOptions } from "../selection/redacted.js" */

/**
 * @typedef {FilterOptions & FormatOptions & OperandOptions & RedactOptions & { force?: boolean, quiet?: boolean,
 *   host?: string, strict?: boolean, json?: boolean }} ExportOptions
 */
/** @typedef {{ files: number, bytes: number }} Written */

/** @param {Command} command */
export function define(command) {
  addFilter(
    silenceOnQuiet(
      addRedactOption(addOperands(command))
        .usage(
          "[options] DIRECTORY [SESSION...] | FILE.jsonl... | -\n       skill-log export --partition -o DIRECTORY [options] HOST=DIRECTORY...",
        )
        .option(
          "-o, --output <path>",
          "the file to write, or the directory with --partition (default: standard output)",
        )
        .addOption(
          new Option(
            "--format <format>",
            "JSON lines or CSV; needed only when no file name says it",
          ).choices(FORMATS),
        )
        .addOption(
          new Option(
            "--compress <kind>",
            "the compression; needed only when no file name says it",
          ).choices(COMPRESSIONS),
        )
        .option("--partition", "write a folder per day: DIRECTORY/date=2026-01-31/part-0.jsonl")
        .option(
          "--host <name>",
          "with --partition: the host of the logs; adds what is new to DIRECTORY/date=2026-01-31/host=NAME",
        )
        .option(
          "--strict",
          "with hosts: write nothing, and exit with 1, if anything must be left out",
        )
        .option("--json", "with hosts: print one JSON object for each host")
        .option("--force", "replace an existing file, or an earlier export in the directory")
        .option(
          "--escape-formulas",
          "make CSV safe for spreadsheets: start texts that they would run as formulas with an apostrophe, and add a byte order mark",
        )
        .option(
          "-q, --quiet",
          "do not report what was written, and do not warn about damaged lines",
        ),
    ),
  )
    .addHelpText(
      "after",
      `
Writes every readable entry, also those recovered from damaged lines, log by log
and in the order of each log. Numbers and texts are not changed. In input, U+FFFD
replaces bytes that are not UTF-8 and surrogates without a partner; a warning
counts these entries.

The end of the file name selects the format: .jsonl, .ndjson or .csv, each also
with .gz or .zst. The file appears under its name when it is complete. Only you
can read it, because entries may hold secrets.

CSV starts with a line of field names, in the order of the format. input and
attempts_json are JSON texts, attempts is the number of attempts, and verified
is that of the last attempt. Absent fields are empty. Lines end in LF.

Spreadsheets run text that starts with = + - or @, also after blanks and in full
width. --escape-formulas puts an apostrophe before such text, and before text
that starts with a tab or a line end. It does the same after each ; tab or line
end within a text, because some spreadsheets start a cell there. This changes
the texts: use such files only in spreadsheets. Never open CSV of entries that
you do not trust in a spreadsheet without this option.

With --partition, entries are divided by the UTC day of their timestamps, in the
folder layout of Hive. A day with more than about 256 MB of text gets several
files.

With hosts, a folder per day has a folder per host, and each run adds only entries
that no run wrote before. Name the host of one directory by --host NAME, those of
several by HOST=DIRECTORY; without HOST=, the directory's name is the host's. An
entry is known by its host, session, place and content. All readable entries are
written but foreign ones; what is left out is reported, and --strict refuses it.
Files never change once they are there, so the directory can be copied to a
bucket at any time, as often as you like: keep its folder _skill-log, which says
what was exported. A run may be killed, and two may run at once.

Examples:
  $ skill-log export logs -o entries.jsonl.zst
  $ skill-log export logs session-1 --status fail -o failed.csv
  $ skill-log export logs --partition -o lake --compress zstd
  $ skill-log export logs --host runner-1 --partition -o lake
  $ skill-log export a=/mnt/a/logs b=/mnt/b/logs --partition -o lake --json
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
  if (output === "")
    throw new UsageError("--output: the path is empty; name a file or a directory");
  if (partition && isStandard)
    throw new UsageError("--partition writes to a directory; add -o DIRECTORY");
  const isOfHosts = partition === true && !isStandard && nameHosts(operands, options.host);
  if (!isOfHosts) refuseHostOptions(options);
  const format = await formatOf(options);
  if (isOfHosts) return exportHosts(operands, output, format, options);
  if (isStandard && format.compression && stdout.isTerminal)
    throw new UsageError(
      "compressed output cannot be shown in a terminal; write it with -o FILE, or pipe it",
    );
  if (isStandard) exitWhenReaderLeaves();
  const logs = await findLogs(operands, options);
  refuseInputs(logs, isStandard ? undefined : output);
  const redacted = new Redacted(options);
  const entries = new ExportedEntries(logs, new Filter(options), format, redacted);
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
    `${counted(entries.count, "entry", "entries")} written to ${printable(output)} (${files}${prettyBytes(written.bytes)})${redacted}`,
  );
  await stderr.flush();
}

/** @param {ExportOptions} options */
function refuseHostOptions({ host, strict, json }) {
  if (host !== undefined) throw new UsageError("--host works only with --partition; add it");
  for (const [name, isGiven] of Object.entries({ strict, json }))
    if (isGiven)
      throw new UsageError(
        `--${name} works only with hosts; add --partition, and --host NAME or HOST=DIRECTORY`,
      );
}

/**
 * Adds what is new in the logs of hosts.
 *
 * @param {string[]} operands
 * @param {string} output
 * @param {ExportFormat} format
 * @param {ExportOptions} options
 */
async function exportHosts(operands, output, format, options) {
  const hosts = hostDirectories(operands, options.host);
  if (format.extension !== ".jsonl")
    throw new UsageError("with hosts, only JSON lines are written; remove --format");
  if (options.redact)
    throw new UsageError(
      "with hosts, entries are written as they are, because later runs compare their content; remove --redact, and redact them when they are appended",
    );
  if (options.force)
    throw new UsageError(
      "with hosts, nothing is replaced, and new entries are added; remove --force",
    );
  const filter = new Filter(options);
  if (!filter.selectsAll || filter.last !== undefined)
    throw new UsageError(
      "with hosts, all entries are written; remove the options that select some",
    );
  const { HostExport, refuseOutput } = await import("../exporting/lake/hosted-export.js");
  const exports = () => hosts.map((host) => new HostExport(output, host, format, options));
  /** @type {HostReport[]} */
  const reports = [];
  let isRefused = false;
  try {
    refuseOutput(output, hosts, options);
    if (options.strict) {
      for (const each of exports()) reports.push(await each.check());
      isRefused = reports.some(({ left, unreadable }) => !left.isEmpty || unreadable > 0);
      if (!isRefused) reports.length = 0;
    }
    if (!isRefused) for (const each of exports()) reports.push(await each.run());
  } catch (error) {
    throw writeFailure(output, error);
  }
  await warnOfRemainingDamage();
  if (options.json)
    for (const report of reports)
      await stdout.json(JSON.stringify({ ...report.toJSON(), refused: isRefused }));
  await reportHosts(reports, output, { isRefused, ...options });
}

/**
 * Reports what was written, and what was not, on standard error.
 *
 * @param {HostReport[]} reports
 * @param {string} output
 * @param {{ isRefused: boolean, quiet?: boolean, json?: boolean }} options
 */
async function reportHosts(reports, output, { isRefused, quiet, json }) {
  if (!quiet && !json) {
    const sum = (/** @type {(report: HostReport) => number} */ of) =>
      reports.reduce((total, report) => total + of(report), 0);
    for (const { host, left, pending, missing } of reports) {
      if (left.toString() !== "") await warn(`host ${host}: left out: ${left}`);
      if (pending > 0)
        await warn(
          `host ${host}: ${counted(pending, "log")} ${pending === 1 ? "ends" : "end"} in an unfinished line, which is exported once it is complete`,
        );
      if (missing.segments > 0)
        await warn(
          `host ${host}: ${counted(missing.segments, "segment")} of earlier exports ${missing.segments === 1 ? "is" : "are"} not in ${output} as written; ${counted(missing.entries, "entry", "entries")} not written again`,
        );
    }
    for (const { changed } of reports) await warnOfChanged(changed);
    if (!isRefused) {
      const files = counted(
        sum(({ segments }) => segments.length),
        "file",
      );
      await stderr.line(
        `${counted(
          sum(({ entries }) => entries),
          "entry",
          "entries",
        )} added to ${printable(output)} (${files}, ${prettyBytes(sum(({ bytes }) => bytes))})`,
      );
      await stderr.flush();
    }
  }
  if (isRefused)
    throw new Failure(
      "nothing was written, because --strict refuses what would be left out; see: skill-log verify",
    );
}

/**
 * Prints lines with all control characters escaped, so that the terminal obeys none of them.
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
    for await (const { timestamp, line } of entries.lines()) await partition.add(timestamp, line);
    await partition.complete();
    directory.complete();
    return partition;
  } finally {
    directory.discard();
  }
}

/**
 * Refuses an output that is one of the exported logs, or that would become one.
 *
 * @param {NamedLog[]} logs
 * @param {string | undefined} output undefined for standard output
 */
function refuseInputs(logs, output) {
  const own = output === undefined ? fs.fstatSync(1) : statOf(output);
  const name = output ?? "standard output";
  for (const log of logs) {
    const stat = fs.statSync(log.path, { throwIfNoEntry: false });
    // The log has gone; reading it reports that.
    if (!stat) continue;
    if (own?.isFile() && own.dev === stat.dev && own.ino === stat.ino)
      throw new Failure(
        `${name} is the log ${log.path}, which is being exported; write to another file`,
      );
    if (own?.isDirectory() && isBelow(log.path, name))
      throw new Failure(
        `${name} contains the log ${log.path}, which is being exported; write to another directory`,
      );
    if (
      output?.endsWith(".jsonl") &&
      log.dir !== undefined &&
      path.resolve(log.dir) === path.dirname(path.resolve(output))
    ) {
      throw new Failure(
        `${name} would become a session in the directory that is being exported; write to another directory`,
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
