// Follows many logs of which some have archives: what is archived comes first, then what is appended.

import { damageOf } from "../damage/verify.js";
import { checkOptions, readingOptions } from "../options.js";
import { recordsForwards } from "../reading/records.js";
import { FOLLOW_OPTIONS, fromOption } from "./follow-logs.js";

/** @import { FollowLogsOptions, SessionRecord } from "../types.js" */
/** @import { ArchivedText, OpenArchived } from "../storage/storage.js" */

/**
 * Follows logs.
 *
 * @param {ReadonlyMap<string, OpenArchived>} archived what opens the text of each archived session
 * @param {FollowLogsOptions} options as the caller gave them
 * @param {(options: FollowLogsOptions) => AsyncGenerator<SessionRecord, void, void>} follow follows the
 *   logs alone, whose offsets do not count what is archived
 * @returns {AsyncGenerator<SessionRecord, void, void>}
 */
export function followArchived(archived, options, follow) {
  // Started at once, because the end may move.
  const following = options.from === "end" ? follow(options) : null;
  return recordsOf(archived, options, follow, following);
}

/**
 * @param {ReadonlyMap<string, OpenArchived>} archived
 * @param {FollowLogsOptions} options
 * @param {(options: FollowLogsOptions) => AsyncGenerator<SessionRecord, void, void>} follow
 * @param {AsyncGenerator<SessionRecord, void, void> | null} following
 * @returns {AsyncGenerator<SessionRecord, void, void>}
 */
async function* recordsOf(archived, options, follow, following) {
  /** How much of each text is archived. @type {Map<string, number>} */
  const lengths = new Map();
  const from = fromOption(checkOptions(options, FOLLOW_OPTIONS).from);
  /** @type {Map<string, number>} */
  const offsets = new Map(typeof from === "string" ? [] : from);
  for (const [id, open] of archived) {
    try {
      const text = await open();
      if (!text) continue;
      try {
        lengths.set(id, text.length);
        const seen = offsets.get(id) ?? 0;
        if (offsets.has(id)) offsets.set(id, Math.max(0, seen - text.length));
        if (!following) yield* archivedRecords(id, text, seen, options);
      } finally {
        await text.source.close();
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!options.onFailure) throw error;
      options.onFailure(/** @type {any} */ (error), id);
    }
  }
  for await (const record of following ??
    follow({ ...options, from: typeof from === "string" ? from : offsets })) {
    const before = lengths.get(record.session) ?? 0;
    yield before === 0
      ? record
      : { ...record, offset: record.offset + before, end: record.end + before };
  }
}

/**
 * Reads what is archived of a session.
 *
 * @param {string} session
 * @param {ArchivedText} text
 * @param {number} from
 * @param {FollowLogsOptions} options
 * @returns {AsyncGenerator<SessionRecord, void, void>}
 */
async function* archivedRecords(session, { source, length }, from, options) {
  const { from: _from, ids: _ids, onFailure: _onFailure, onDamage, ...rest } = options;
  const reading = { from, to: length, ...readingOptions(rest) };
  if (from >= length) return;
  const batches = recordsForwards(source, reading, (line) =>
    onDamage?.({ ...damageOf(line), session }),
  );
  for await (const records of batches) for (const record of records) yield { ...record, session };
}
