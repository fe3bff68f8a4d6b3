// `skill-log read`, and the printing of entries that tail and search share with it.

import { Option } from "commander";

import { canonicalBytes } from "../canonical.js";
import { inChunks } from "../exporting/compressor.js";
import { entriesOf } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { linesOf } from "../selection/lines.js";
import { mustNameSessions } from "../selection/session-ids.js";
import { addOperands, Operands, skipUnreadable } from "../selection/operands.js";
import { sortOption } from "../selection/sorting.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { EntryLines } from "../terminal/entry-lines.js";
import { entryPage } from "../terminal/entry-page.js";
import { FieldRows, parseFields } from "../terminal/field-rows.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { addPagerOption } from "../terminal/pager.js";

/** @import { Command } from "commander" */
/** @import { ColumnName, Entry } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */

/**
 * @typedef {{ json?: boolean, full?: boolean, fields?: string[], tsv?: boolean }} DisplayOptions
 */

/** By what entries can be sorted. @type {Record<string, ColumnName>} */
const COLUMNS = {
  time: "timestamp",
  duration: "duration_ms",
  size: "length",
  attempts: "attempts",
  session: "session",
  skill: "skill",
  phase: "phase",
  status: "final_status",
  model: "model_used",
};

/**
 * Adds the options that select how entries are printed.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addDisplayOptions(command) {
  return addQuietOption(
    /** @type {C} */ (
      command
        .option("--json", "print each entry as a line of JSON")
        .option("--full", "print each entry in full, with its attempts and its input")
        .addOption(
          new Option(
            "--fields <names>",
            "print only these fields, such as timestamp,skill,message: as a table, or with --json or --tsv",
          )
            .argParser(parseFields)
            .conflicts("full"),
        )
        .addOption(
          new Option(
            "--tsv",
            "print the fields between tabs, after a line of their names",
          ).conflicts(["json", "full"]),
        )
    ),
  );
}

/**
 * Adds the options that select the order of entries.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addOrderOptions(command) {
  const sort = sortOption(Object.keys(COLUMNS));
  const parse = /** @type {(text: string, previous: unknown) => any} */ (sort.parseArg);
  sort.argParser((text) => {
    const { by, descending } = parse(text, undefined);
    return { by: COLUMNS[by], descending };
  });
  command
    .addOption(
      new Option(
        "-m, --merge",
        "print the entries of all logs in the order of time, and not log by log",
      ).conflicts("sort"),
    )
    .addOption(sort);
  return command;
}

/**
 * Returns a printer of entries. `print` prints an entry, or holds it back to see how wide the
 * columns are; `finish` prints the entries that were held back.
 *
 * @param {DisplayOptions} options
 * @param {boolean} isOne whether all entries are of one session, as far as that is known
 * @returns
 *   {{ print: (log: NamedLog, entry: Entry) => Promise<void> | undefined,
 *   finish: () => Promise<void> | undefined }}
 */
export function entryPrinter({ json, full, tsv, fields }, isOne) {
  if (fields || tsv) {
    const rows = new FieldRows(fields, json ? "json" : tsv ? "tsv" : "table");
    return {
      print: (log, entry) => stdout.write(rows.add(log.labelOf(entry), entry)),
      finish: () => stdout.write(rows.flush()),
    };
  }
  const finish = () => undefined;
  if (json)
    return {
      print: (_, entry) => stdout.json(Buffer.from(canonicalBytes(entry)).toString().trimEnd()),
      finish,
    };
  if (full) {
    let gap = "";
    const print = (/** @type {NamedLog} */ log, /** @type {Entry} */ entry) => {
      const page = gap + entryPage(log.labelOf(entry), entry);
      gap = "\n";
      return stdout.write(page);
    };
    return { print, finish };
  }
  const lines = new EntryLines(!isOne);
  return {
    print: (log, entry) => stdout.write(lines.add(log.labelOf(entry), entry)),
    finish: () => stdout.write(lines.flush()),
  };
}

/** @param {Command} command */
export function define(command) {
  addFilter(
    addPagerOption(addOrderOptions(addDisplayOptions(addOperands(command, { hasCache: true })))),
  )
    .addHelpText(
      "after",
      `
Entries are printed log by log, in the order in which they were appended. With
--last or --merge, the entries of all logs are in the order of time.
Entries recovered from damaged lines are included. When standard input has
entries of several sessions, each is printed with its session.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log read logs                          every session of a directory
  $ skill-log read logs session-1 --status fail
  $ skill-log read logs --since 2h --grep timeout -i
  $ skill-log read session-1.jsonl --last 1 --full
  $ skill-log read logs 'build-*' --merge
  $ skill-log read logs --sort duration:desc --fields session_id,duration_ms,message
  $ skill-log read logs --json | jq .message
  $ skill-log read old/*.jsonl.gz`,
    )
    .action(
      async (
        /** @type {string[]} */ words,
        /** @type {FilterOptions & OperandOptions & DisplayOptions} */ options,
      ) => {
        exitWhenReaderLeaves();
        const operands = new Operands(words, options);
        const filter = new Filter(options);
        if (options.json && !options.fields) {
          const lines = linesOf(operands, filter, { onFailure: skipUnreadable });
          for await (const chunk of inChunks(lines)) await stdout.jsonLines(chunk);
          return;
        }
        const isOne = !(await mustNameSessions(operands, options));
        const { print, finish } = entryPrinter(options, isOne);
        for await (const { log, entry } of entriesOf(operands, filter, {
          onFailure: skipUnreadable,
        }))
          await print(log, entry);
        await finish();
      },
    );
}
