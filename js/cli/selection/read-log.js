// A log while it is read.

import { damageNotes } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { NamedLog } from "./operands.js" */

/** @typedef {ReturnType<typeof damageNotes>} DamageNotes */

/**
 * What is told of logs while they are read.
 *
 * @typedef {{
 *   ended?: (log: NamedLog, end: number) => void,
 *   failed?: (log: NamedLog, error: unknown) => Promise<void>,
 * }} Told `ended`: where reading one goes on, in bytes, when its last entries are wanted; `failed`: why one could not be read, and the
 *   others are (without it, that ends all)
 */

/**
 * Opens a log for what reads it, and closes it then. Damage that was noted is told on standard error.
 *
 * @template T
 * @param {NamedLog} log
 * @param {Told} told
 * @param {(open: SessionLog, notes: DamageNotes) => AsyncIterable<T>} read
 * @returns {AsyncGenerator<T, void, void>} what that gives
 */
export async function* opened(log, { failed }, read) {
  const notes = damageNotes(log);
  let open;
  try {
    open = await log.open();
    yield* read(open, notes);
  } catch (error) {
    if (!failed) throw error;
    await failed(log, error);
  } finally {
    await open?.close();
    await notes.tell();
  }
}
