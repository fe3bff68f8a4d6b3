// `skill-log tail`: its options and its help; ../following/ follows the logs.

import { FollowedLogs } from "../following/followed-logs.js";
import { ComingInput, findFollowed } from "../following/followed-operands.js";
import { addDisplayOptions, entryPrinter } from "./read.js";
import { entriesOf } from "../selection/entries.js";
import { addFilter, Filter } from "../selection/filter.js";
import { addOperands, findLogs, skipUnreadable } from "../selection/operands.js";
import { addRedactOption, Redacted } from "../selection/redacted.js";
import { warnOfRemainingDamage } from "../terminal/damage-warnings.js";
import { exitWhenReaderLeaves, stdout, warn } from "../terminal/output.js";

/** @import { Command } from "commander" */
/** @import { FilterOptions } from "../selection/filter.js" */
/** @import { NamedLog, OperandOptions } from "../selection/operands.js" */
/** @import { RedactOptions } from "../selection/redacted.js" */
/** @import { DisplayOptions } from "./read.js" */

/**
 * @typedef {FilterOptions & OperandOptions & DisplayOptions & RedactOptions & { follow?: boolean }} TailOptions
 */

/** How many entries are printed without --last. */
const LAST = 10;

/** @param {Command} command */
export function define(command) {
  addFilter(
    addRedactOption(
      addDisplayOptions(
        addOperands(command).option(
          "-f, --follow",
          "keep printing new entries, from any process, until Ctrl-C",
        ),
      ),
    ),
  )
    .addHelpText(
      "after",
      `
Prints the last ${LAST} entries; --last sets the number. With several logs, these are
the newest entries by time.

With --follow, each new entry is printed as soon as it is written. In a directory,
sessions that are created later are followed too. A log that does not exist yet
is waited for, and a log that is renamed, removed or repaired is still followed.
Standard input is printed from its start. Damage is reported on standard error.
When the program that reads the output ends, tail ends too: at once on Linux,
elsewhere with the next entry. With --redact, the log stays as it is, and filters
such as --grep look at it.

Exit status: 0 on success; 1 when a log could not be read or followed, and when
no log is left to follow; 2 for wrong usage.

Examples:
  $ skill-log tail logs                          the newest of all sessions
  $ skill-log tail -f logs                       and new entries of any session
  $ skill-log tail -f -n 0 logs session-1 --json | jq .message
  $ skill-log tail -f logs --status fail --grep timeout -i
  $ ssh build cat session-1.jsonl | skill-log tail -n 3 -`,
    )
    .action(
      (/** @type {string[]} */ operands, /** @type {TailOptions} */ { follow, ...options }) => {
        exitWhenReaderLeaves();
        const filter = new Filter({ ...options, last: options.last ?? LAST });
        return follow ? tailAndFollow(operands, filter, options) : tail(operands, filter, options);
      },
    );
}

/**
 * @param {string[]} operands
 * @param {Filter} filter
 * @param {DisplayOptions & OperandOptions & RedactOptions} options
 */
async function tail(operands, filter, options) {
  const redacted = new Redacted(options);
  const logs = await findLogs(operands, options);
  const { print, finish } = entryPrinter(options, logs.length === 1);
  for await (const { log, entry } of entriesOf(logs, filter, { onFailure: skipUnreadable }))
    await print(log, await redacted.entryOf(entry));
  await finish();
}

/**
 * @param {string[]} operands
 * @param {Filter} filter
 * @param {DisplayOptions & OperandOptions & RedactOptions} options
 */
async function tailAndFollow(operands, filter, { recursive = false, ...options }) {
  const redacted = new Redacted(options);
  const { logs, dir } = await findFollowed(operands, recursive);
  const followed = new FollowedLogs(logs, dir, recursive);
  const stored = logs.filter((log) => !(log instanceof ComingInput));
  const there = stored.filter((log) => followed.has(log));
  for (const log of stored)
    if (!there.includes(log)) await warn(`${log.name}: does not exist yet; waiting for it`);
  const { print, finish } = entryPrinter(options, dir === null && logs.length === 1);
  const onEnd = (/** @type {NamedLog} */ log, /** @type {number} */ end) =>
    followed.showedUpTo(log, end);
  for await (const { log, entry } of entriesOf(there, filter, { onEnd, onFailure: followed.fail }))
    await print(log, await redacted.entryOf(entry));
  await finish();
  await warnOfRemainingDamage();
  await stdout.flush();
  let isFlushing = false;
  await followed.follow(async (log, entry) => {
    if (!filter.matches(entry)) return undefined;
    if (!isFlushing) {
      isFlushing = true;
      // Entries that arrive together are written together.
      setImmediate(() => {
        isFlushing = false;
        void stdout.flush();
      });
    }
    return print(log, await redacted.entryOf(entry));
  });
  if (followed.hasFailed) process.exitCode = 1;
}
