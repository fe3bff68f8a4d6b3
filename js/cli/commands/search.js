// `skill-log search`: its options, its help and its three ways to print what matches.

import { Option } from "commander";

import { UsageError } from "../failures.js";
import { jsonText } from "../json-text.js";
import { addDisplayOptions, entryPrinter } from "./read.js";
import { entriesOf, entriesOfRows } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { matchingRows } from "../selection/matching-rows.js";
import { mustNameSessions } from "../selection/session-ids.js";
import { addOperands, findLogs, skipUnreadable } from "../selection/operands.js";
import { damageWarning } from "../terminal/damage-warnings.js";
import { MatchLines } from "../terminal/match-lines.js";
import { exitWhenReaderLeaves, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { Entry } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { DisplayOptions } from "./read.js" */

/** @typedef {FilterOptions & DisplayOptions & { count?: boolean, list?: boolean }} SearchOptions */

/**
 * An indexed log, and its matching rows as the search finds them.
 *
 * @typedef {{ index: LogIndex, matches: AsyncGenerator<Uint32Array, void, void> }} SearchedLog
 */

/** @param {Command} command */
export function define(command) {
  addFilter(
    addDisplayOptions(
      addOperands(command.argument("<TEXT>", "the text to find"))
        .usage("[options] TEXT DIRECTORY [SESSION...] | FILE.jsonl... | -")
        .addOption(
          new Option("-c, --count", "print only the number of matching entries per log").conflicts([
            "list",
            "last",
            "full",
          ]),
        )
        .addOption(
          new Option(
            "-l, --list",
            "print only the names of the sessions or files that match",
          ).conflicts(["last", "full"]),
        ),
    ),
    { text: "TEXT" },
  )
    .addHelpText(
      "after",
      `
Finds TEXT literally (it is not a pattern) in every string of an entry, and in
every key and string of its input. Below each entry, the matches are printed with
the text around them. In other commands, --grep selects the same entries.

Exit status: 0 when an entry matched; 1 when none matched, or when a log could
not be read, which standard error says; 2 for wrong usage.

Examples:
  $ skill-log search timeout logs
  $ skill-log search -i "permission denied" logs --status fail --since 7d
  $ skill-log search src/login.js logs --json | jq .session_id
  $ skill-log search -l timeout logs | xargs skill-log read logs
  $ skill-log search -- --force session-1.jsonl`,
    )
    .action(
      async (
        /** @type {string} */ text,
        /** @type {string[]} */ operands,
        /** @type {SearchOptions} */ options,
      ) => {
        if (text === "") throw new UsageError("TEXT is empty; name the text to find");
        exitWhenReaderLeaves();
        const filter = new Filter({ ...options, grep: text });
        const logs = await findLogs(operands);
        let isFound = false;
        const onMatch = () => (isFound = true);
        if (options.count) await printCounts(logs, filter, onMatch, options);
        else if (options.list) await printNames(logs, filter, onMatch, options);
        else await printMatches(logs, filter, onMatch, options);
        if (!isFound) process.exitCode = 1;
      },
    );
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printMatches(logs, filter, onMatch, options) {
  const isOne = !(await mustNameSessions(logs, options));
  const lines = new MatchLines(filter, !isOne);
  const { print } =
    options.json || options.full
      ? entryPrinter(options, isOne)
      : {
          print: (/** @type {NamedLog} */ log, /** @type {Entry} */ entry) =>
            stdout.write(lines.of(log.labelOf(entry), entry)),
        };
  if (filter.last !== undefined) {
    for await (const { log, entry } of entriesOf(logs, filter, { onFailure: skipUnreadable }))
      onMatch(), await print(log, entry);
    return;
  }
  await searchEach(logs, filter, async (log, { index, matches }) => {
    for await (const rows of matches) {
      onMatch();
      if (options.json) for await (const lines of index.lines(rows)) await stdout.jsonLines(lines);
      else for await (const entry of entriesOfRows(index, rows)) await print(log, entry);
      await stdout.flush();
    }
  });
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printCounts(logs, filter, onMatch, { json }) {
  await searchEach(logs, filter, async (log, { matches }) => {
    let count = 0;
    for await (const rows of matches) count += rows.length;
    if (count > 0) onMatch();
    if (json) stdout.json(jsonText({ log: nameOf(log), count }));
    else stdout.line(logs.length === 1 ? String(count) : `${printable(nameOf(log))}: ${count}`);
    await stdout.flush();
  });
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} onMatch
 * @param {SearchOptions} options
 */
async function printNames(logs, filter, onMatch, { json }) {
  await searchEach(logs, filter, async (log, { matches }) => {
    const { done } = await matches.next();
    await matches.return();
    if (done) return;
    onMatch();
    if (json) stdout.json(jsonText({ log: nameOf(log) }));
    else stdout.line(printable(nameOf(log)));
    await stdout.flush();
  });
}

/**
 * Returns the name of a log on the command line: its session id, or its path.
 *
 * @param {NamedLog} log
 */
function nameOf({ id, name }) {
  return id ?? name;
}

/**
 * Searches one log after the other.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {(log: NamedLog, searched: SearchedLog) => Promise<void>} print
 */
async function searchEach(logs, filter, print) {
  // Each log is read twice: to index it, and to search it.
  const progress = new Progress("searching", [...logs, ...logs]);
  try {
    for (const log of logs) {
      const warning = damageWarning(log);
      let open;
      try {
        open = await log.open();
        const index = await open.index({ onProgress: progress.update });
        warning.addAll(index.damage, index.damaged);
        const matches = matchingRows(index, filter, (part) =>
          progress.update({ bytes: index.bytes * (1 + part) }),
        );
        await print(log, { index, matches });
        progress.update({ bytes: 2 * index.bytes });
        progress.next();
      } catch (error) {
        await skipUnreadable(log, error);
      } finally {
        await open?.close();
        await warning.report();
      }
    }
  } finally {
    progress.stop();
  }
}
