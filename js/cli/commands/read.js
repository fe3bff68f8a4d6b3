// `skill-log read`, and the printing of entries that tail and search share with it.

import { canonicalBytes } from "../canonical.js";
import { inChunks } from "../exporting/compressor.js";
import { entriesOf } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { linesOf } from "../selection/lines.js";
import { mustNameSessions } from "../selection/session-ids.js";
import { addOperands, findLogs, skipUnreadable } from "../selection/operands.js";
import { addQuietOption } from "../terminal/damage-warnings.js";
import { EntryLines } from "../terminal/entry-lines.js";
import { entryPage } from "../terminal/entry-page.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */
/** @import { Entry } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** @typedef {{ json?: boolean, full?: boolean }} DisplayOptions */

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
    ),
  );
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
export function entryPrinter({ json, full }, isOne) {
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
  addFilter(addDisplayOptions(addOperands(command)))
    .addHelpText(
      "after",
      `
Entries are printed log by log, in the order in which they were appended. With
--last, the newest entries of all logs are printed, in the order of time.
Entries recovered from damaged lines are included. When standard input has
entries of several sessions, each is printed with its session.

Exit status: 0 on success, 1 when a log could not be read, 2 for wrong usage.

Examples:
  $ skill-log read logs                          every session of a directory
  $ skill-log read logs session-1 --status fail
  $ skill-log read logs --since 2h --grep timeout -i
  $ skill-log read session-1.jsonl --last 1 --full
  $ skill-log read logs --json | jq .message
  $ zcat old/*.jsonl.gz | skill-log read -`,
    )
    .action(
      async (
        /** @type {string[]} */ operands,
        /** @type {FilterOptions & DisplayOptions} */ options,
      ) => {
        exitWhenReaderLeaves();
        const logs = await findLogs(operands);
        if (options.json) {
          const lines = linesOf(logs, new Filter(options), { onFailure: skipUnreadable });
          for await (const chunk of inChunks(lines)) await stdout.jsonLines(chunk);
          return;
        }
        const { print, finish } = entryPrinter(options, !(await mustNameSessions(logs, options)));
        for await (const { log, entry } of entriesOf(logs, new Filter(options), {
          onFailure: skipUnreadable,
        }))
          await print(log, entry);
        await finish();
      },
    );
}
