import { canonicalBytes } from "../canonical.js";
import { entriesOf } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
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
 * Gives a command the options of how entries are shown.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addDisplayOptions(command) {
  return addQuietOption(
    /** @type {C} */ (
      command
        .option("--json", "canonical JSON lines")
        .option("--full", "each entry with its attempts and its input")
    ),
  );
}

/**
 * Gives what shows entries: one after the other, and, when there are no more for now, those that it gathered.
 *
 * @param {DisplayOptions} options
 * @param {boolean} isOne whether they are of one session, as far as that is known
 * @returns {{ print: (log: NamedLog, entry: Entry) => Promise<void> | undefined, finish: () => Promise<void> | undefined }}
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
Entries are shown log by log, as they were appended; with --last the latest of
all logs, by time. Whole entries in damaged lines are among them. Where standard
input has entries of several sessions, each is shown with its own.

Exit status: 0; 1 when a log could not be read; 2 for wrong usage.

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
        const { print, finish } = entryPrinter(options, !(await mustNameSessions(logs, options)));
        for await (const { log, entry } of entriesOf(logs, new Filter(options), {
          onFailure: skipUnreadable,
        }))
          await print(log, entry);
        await finish();
      },
    );
}
