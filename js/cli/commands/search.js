import { Option } from "commander";

import { UsageError } from "../failures.js";
import { jsonText } from "../json-text.js";
import { addShowing, shower } from "./read.js";
import { entriesOf, entriesOfRows } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { hitsOf } from "../selection/matching-rows.js";
import { needsSessions } from "../selection/session-ids.js";
import { addOperands, findLogs, passOver } from "../selection/operands.js";
import { damageNotes } from "../terminal/damage-warnings.js";
import { HitLines } from "../terminal/match-lines.js";
import { endWithReader, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { LogIndex } from "../../index.js" */
/** @import { Entry } from "../../types.js" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { ShowOptions } from "./read.js" */

/** @typedef {FilterOptions & ShowOptions & { count?: boolean, list?: boolean }} SearchOptions */

/** What is found in one log. @typedef {{ index: LogIndex, hits: AsyncGenerator<Uint32Array, void, void> }} Finding */

/** @param {Command} command */
export function define(command) {
  addFilter(
    addShowing(
      addOperands(command.argument("<TEXT>", "what to look for"))
        .usage("[options] TEXT DIRECTORY [SESSION...] | FILE.jsonl... | -")
        .addOption(
          new Option("-c, --count", "only how many entries of each log hold it").conflicts([
            "list",
            "last",
            "full",
          ]),
        )
        .addOption(
          new Option("-l, --list", "only which sessions or files hold it").conflicts([
            "last",
            "full",
          ]),
        ),
    ),
    { text: "TEXT" },
  )
    .addHelpText(
      "after",
      `
TEXT is looked for in each string of an entry, and in each key and string of its
input, as it stands: no pattern. Below an entry is where it was found, and what
is around it. In other commands --grep asks for the same.

Exit status: 0 when something was found; 1 when nothing was, or when a log could
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
        if (text === "") throw new UsageError("TEXT is empty: every entry holds that");
        endWithReader();
        const filter = new Filter({ ...options, grep: text });
        const logs = await findLogs(operands);
        let isFound = false;
        const found = () => (isFound = true);
        if (options.count) await count(logs, filter, found, options);
        else if (options.list) await list(logs, filter, found, options);
        else await show(logs, filter, found, options);
        if (!isFound) process.exitCode = 1;
      },
    );
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} found
 * @param {SearchOptions} options
 */
async function show(logs, filter, found, options) {
  const isOne = !(await needsSessions(logs, options));
  const needle = /** @type {RegExp} */ (filter.needle);
  const lines = new HitLines(needle, !isOne);
  const { show } =
    options.json || options.full
      ? shower(options, isOne)
      : {
          show: (/** @type {NamedLog} */ log, /** @type {Entry} */ entry) =>
            stdout.write(lines.of(log.labelOf(entry), entry)),
        };
  if (filter.last !== undefined) {
    for await (const { log, entry } of entriesOf(logs, filter, { failed: passOver }))
      found(), await show(log, entry);
    return;
  }
  await inEach(logs, filter, async (log, { index, hits }) => {
    for await (const rows of hits) {
      found();
      for await (const entry of entriesOfRows(index, rows)) await show(log, entry);
      await stdout.flush();
    }
  });
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} found
 * @param {SearchOptions} options
 */
async function count(logs, filter, found, { json }) {
  await inEach(logs, filter, async (log, { hits }) => {
    let count = 0;
    for await (const rows of hits) count += rows.length;
    if (count > 0) found();
    if (json) stdout.json(jsonText({ log: calledBy(log), count }));
    else stdout.line(logs.length === 1 ? String(count) : `${printable(calledBy(log))}: ${count}`);
    await stdout.flush();
  });
}

/**
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {() => void} found
 * @param {SearchOptions} options
 */
async function list(logs, filter, found, { json }) {
  await inEach(logs, filter, async (log, { hits }) => {
    const { done } = await hits.next();
    await hits.return();
    if (done) return;
    found();
    if (json) stdout.json(jsonText({ log: calledBy(log) }));
    else stdout.line(printable(calledBy(log)));
    await stdout.flush();
  });
}

/**
 * What it is called on the command line: its session id, or its path.
 *
 * @param {NamedLog} log
 */
function calledBy({ id, name }) {
  return id ?? name;
}

/**
 * Searches one log after the other.
 *
 * @param {NamedLog[]} logs
 * @param {Filter} filter
 * @param {(log: NamedLog, finding: Finding) => Promise<void>} take
 */
async function inEach(logs, filter, take) {
  // Each byte is looked at twice: to index it, and to search it.
  const progress = new Progress("searching", [...logs, ...logs]);
  try {
    for (const log of logs) {
      const notes = damageNotes(log);
      let open;
      try {
        open = await log.open();
        const index = await open.index({ onProgress: progress.update });
        notes.addAll(index.damage, index.damaged);
        const hits = hitsOf(index, filter, (part) =>
          progress.update({ bytes: index.bytes * (1 + part) }),
        );
        await take(log, { index, hits });
        progress.update({ bytes: 2 * index.bytes });
        progress.next();
      } catch (error) {
        await passOver(log, error);
      } finally {
        await open?.close();
        await notes.tell();
      }
    }
  } finally {
    progress.stop();
  }
}
