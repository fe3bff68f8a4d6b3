// The selected entries, each as an object.

import { foundIn } from "./found.js";
import { rowChunks } from "./row-chunks.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Entry } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Form } from "./found.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { NamedLog, Operands } from "./operands.js" */

/** @typedef {{ log: NamedLog, entry: Entry }} FoundEntry */

/** Keeps every number of an entry exact. */
const input = "raw";

/** @type {Form<Entry>} */
const objects = {
  async *all(log, { onDamage, onProgress }) {
    for await (const { entry, end } of log.records({ input, onDamage })) {
      onProgress({ bytes: end });
      yield entry;
    }
  },
  rows: entriesOfRows,
  each: entriesOfRows,
  held: (entry) => entry,
};

/**
 * Yields the entries that match a filter, in the order of `foundIn`, each with its `input` as a
 * `RawJson`.
 *
 * @param {Operands | NamedLog[]} logs
 * @param {Filter} filter
 * @param {LogEvents} [events]
 * @returns {AsyncGenerator<FoundEntry, void, void>}
 */
export async function* entriesOf(logs, filter, events = {}) {
  for await (const { log, found } of foundIn(logs, filter, objects, events))
    yield { log, entry: found };
}

/**
 * Yields the entries of rows, reading some at a time.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @returns {AsyncGenerator<Entry, void, void>}
 */
export async function* entriesOfRows(index, rows) {
  for (const chunk of rowChunks(index, rows)) yield* await index.entries(chunk, { input });
}
