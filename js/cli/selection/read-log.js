// A log while it is read.

import { damageWarning } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { NamedLog } from "./operands.js" */

/** @typedef {ReturnType<typeof damageWarning>} DamageWarning */

/**
 * What is told of logs while they are read.
 *
 * @typedef {{
 *   onEnd?: (log: NamedLog, end: number) => void,
 *   onFailure?: (log: NamedLog, error: unknown) => Promise<void>,
 * }} LogEvents `onEnd`: where reading one goes on, in bytes, when its last entries are wanted; `onFailure`: why one could not be read, and the
 *   others are (without it, that ends all)
 */

/**
 * Opens a log for what reads it, and closes it then. Damage that was noted is reported on standard error.
 *
 * @template T
 * @param {NamedLog} log
 * @param {LogEvents} events
 * @param {(open: SessionLog, warning: DamageWarning) => AsyncIterable<T>} read
 * @returns {AsyncGenerator<T, void, void>} what that gives
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
