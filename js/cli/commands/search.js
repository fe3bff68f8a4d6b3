// `skill-log search`: its options, its help and its three ways to print what matches.

import { Option } from "commander";

import { UsageError } from "../failures.js";
import { jsonText } from "../json-text.js";
import { addDisplayOptions, addOrderOptions, entryPrinter } from "./read.js";
import { countLogs } from "../selection/counted-logs.js";
import { entriesOf, entriesOfRows } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { indexLogs } from "../selection/indexed-logs.js";
import { addOperands, Operands, skipUnreadable } from "../selection/operands.js";
import { mustNameSessions } from "../selection/session-ids.js";
import { MatchLines } from "../terminal/match-lines.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { addPagerOption } from "../terminal/pager.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { Entry } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */
/** @import { DisplayOptions } from "./read.js" */

/**
 * @typedef
 *   {FilterOptions & OperandOptions & DisplayOptions & { count?: boolean, list?: boolean }}
 *   SearchOptions
 */

/** @typedef {Awaited<ReturnType<typeof countLogs>>} CountedLogs */

/** The option that shows entries, and so is of no use with --count or --list. */
const SHOWING = ["last", "full", "fields", "merge", "sort"];

/** @param {Command} command */
export function define(command) {
  addFilter(
    addPagerOption(
      addOrderOptions(
        addDisplayOptions(
          addOperands(command.argument("<TEXT>", "the text to find"), { hasCache: true })
            .usage("[options] TEXT DIRECTORY [SESSION...] | FILE.jsonl... | -")
            .addOption(
              new Option(
                "-c, --count",
                "print only the number of matching entries per log",
              ).conflicts(["list", ...SHOWING]),
            )
            .addOption(
              new Option(
                "-l, --list",
                "print only the names of the sessions or files that match",
              ).conflicts(SHOWING),
            ),
        ),
      ),
    ),
    { text: "TEXT" },
  )
    .addHelpText(
      "after",
      `
Finds TEXT literally in every string of an entry, and in every key and string of
its input; with --regex, TEXT is a regular expression. Below each entry, the
matches are printed with the text around them. In other commands, --grep selects
the same entries.

Exit status: 0 when an entry matched; 1 when none matched, or when a log could
not be read, which standard error says; 2 for wrong usage.

Examples:
  $ skill-log search timeout logs
  $ skill-log search -i "permission denied" logs --status fail --since 7d
  $ skill-log search -E 'time(d )?out' logs --not-status pass
  $ skill-log search src/login.js logs --json | jq .session_id
  $ skill-log search -l timeout logs | xargs skill-log read logs
  $ skill-log search -- --force session-1.jsonl`,
    )
    .action(
      async (
        /** @type {string} */ text,
        /** @type {string[]} */ words,
        /** @type {SearchOptions} */ options,
      ) => {
        if (text === "") throw new UsageError("TEXT is empty; name the text to find");
        exitWhenReaderLeaves();
        const filter = new Filter({ ...options, grep: text });
        const operands = new Operands(words, options);
        let isFound = false;
        const onMatch = () => (isFound = true);
        if (options.count || options.list) {
          const progress = new Progress("searching", [], 2);
          const logs = await countLogs(operands, filter, progress, { onFailure: skipUnreadable });
          if (options.count) await printCounts(logs, onMatch, options);
          else await printNames(logs, onMatch, options);
          progress.stop();
        } else {
          await printMatches(operands, filter, onMatch, options);
        }
        if (!isFound) process.exitCode = 1;
      },
    );
}

/**
 * @param {Operands} operands
 * @param {Filter} filter
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printMatches(operands, filter, onMatch, options) {
  const isOne = !(await mustNameSessions(operands, options));
  const { print, finish } =
    options.json || options.full || options.fields
      ? entryPrinter(options, isOne)
      : matchPrinter(filter, isOne);
  if (filter.last !== undefined || filter.isOrdered) {
    for await (const { log, entry } of entriesOf(operands, filter, { onFailure: skipUnreadable }))
      onMatch(), await print(log, entry);
    return finish();
  }
  const progress = new Progress("searching", [], 2);
  try {
    const indexed = await indexLogs(operands, progress, { onFailure: skipUnreadable });
    for await (const { log, rows } of indexed.selected(filter, progress)) {
      if (rows.length === 0) continue;
      onMatch();
      for await (const entry of entriesOfRows(indexed.index, rows)) await print(log, entry);
      await stdout.flush();
    }
  } finally {
    progress.stop();
  }
  await finish();
}

/**
 * @param {Filter} filter
 * @param {boolean} isOne
 */
function matchPrinter(filter, isOne) {
  const lines = new MatchLines(filter, !isOne);
  return {
    print: (/** @type {NamedLog} */ log, /** @type {Entry} */ entry) =>
      stdout.write(lines.of(log.labelOf(entry), entry)),
    finish: () => undefined,
  };
}

/**
 * @param {CountedLogs} logs
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printCounts({ length, counted }, onMatch, { json }) {
  let sum = 0;
  for await (const some of counted)
    for (const { log, count, isLast } of some) {
      sum += count;
      if (count > 0) onMatch();
      if (!isLast) continue;
      const { operand } = log;
      const written = json
        ? stdout.json(jsonText({ log: operand, count: sum }))
        : stdout.line(length === 1 ? String(sum) : `${printable(operand)}: ${sum}`);
      if (written) await written;
      sum = 0;
    }
}

/**
 * @param {CountedLogs} logs
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printNames({ counted }, onMatch, { json }) {
  let isNamed = false;
  for await (const some of counted) {
    for (const { log, count, isLast } of some) {
      if (count > 0 && !isNamed) {
        onMatch();
        isNamed = true;
        const written = json
          ? stdout.json(jsonText({ log: log.operand }))
          : stdout.line(printable(log.operand));
        if (written) await written;
      }
      if (isLast) isNamed = false;
    }
    await stdout.flush();
  }
}
