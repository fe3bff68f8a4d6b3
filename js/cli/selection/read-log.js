// Opens a log, lets a function read it, and closes it.

import { damageWarning } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { NamedLog } from "./operands.js" */

/** @typedef {ReturnType<typeof damageWarning>} DamageWarning */

/**
 * Callbacks while logs are read. `onEnd` gets the byte up to which a log was read, when its last
 * entries are wanted. `onFailure` gets the error of a log that could not be read; reading goes on
 * with the next log. Without `onFailure`, the error is thrown.
 *
 * @typedef {{
 *   onEnd?: (log: NamedLog, end: number) => void,
 *   onFailure?: (log: NamedLog, error: unknown) => Promise<void>,
 * }} LogEvents
 */

/**
 * Opens a log, yields what a function reads from it, and closes it. Warns of the damage that was
 * noted.
 *
 * @template T
 * @param {NamedLog} log
 * @param {LogEvents} events
 * @param {(open: SessionLog, warning: DamageWarning) => AsyncIterable<T>} read
 * @returns {AsyncGenerator<T, void, void>} what `read` yields
 */
export async function* readLog(log, { onFailure }, read) {
  const warning = damageWarning(log);
  let open;
  try {
    open = await log.open();
    yield* read(open, warning);
  } catch (error) {
    if (!onFailure) throw error;
    await onFailure(log, error);
  } finally {
    await open?.close();
    await warning.report();
  }
}
