// Judges an entry by the rule that an index has for its rows.

import { indexedFields, invalidTimestamp } from "../entry/input.js";
import { checkOptions } from "../options.js";
import { callCore, giveBack } from "../wasm/core.js";
import { CONDITIONS, selectionOf } from "./selection.js";

/** @import { Conditions, EntryInput } from "../types.js" */

/**
 * Returns whether an entry meets a selection, exactly as `LogIndex.select` decides for its row.
 *
 * Looks at the skill, phase, status, model, timestamp, duration and last attempt of the entry, and at
 * nothing else: `input` may be parsed or raw.
 *
 * @example
 * for await (const { entry } of log.follow({ from: "end" }))
 *   if (matches(entry, { final_status: ["fail", "error"] })) console.log(entry.message);
 *
 * @param {EntryInput} entry as it was read, or as append takes it
 * @param {Conditions} select what `LogIndex.select` takes, without `rows`
 * @returns {boolean}
 * @throws {SkillLogError} `INVALID_ARGUMENT` as `LogIndex.select` throws it; `INVALID_ENTRY`, with the
 *   `field`, what it `got` and what was `expected`
 */
export function matches(entry, select) {
  const selection = selectionOf(checkOptions(select, CONDITIONS));
  try {
    const { skill, phase, status, model, timestamp, duration, verified } = indexedFields(entry);
    const isMet = callCore(() =>
      selection.matches(skill, phase, status, model, timestamp, duration, verified),
    );
    if (isMet === undefined) throw invalidTimestamp(timestamp);
    return isMet;
  } finally {
    giveBack(() => selection.free());
  }
}
