// Follows many logs of which some have archives: what is archived comes first, then what is appended.

import { damageOf } from "../damage/verify.js";
import { SkillLogError } from "../errors.js";
import { checkOptions, readingOptions } from "../options.js";
import { recordsForwards } from "../reading/records.js";
import { isFatal, reportFailure } from "./failures.js";
import { FOLLOW_OPTIONS, fromOption } from "./follow-logs.js";

/** @import { FollowLogsOptions, SessionRecord } from "../types.js" */
/** @import { ArchivedText, OpenArchived } from "../storage/storage.js" */

/**
 * Follows logs.
 *
 * @param {() => ReadonlyMap<string, OpenArchived>} archived returns what opens the text of each session
 *   that is archived now
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
 * @param {() => ReadonlyMap<string, OpenArchived>} archived
 * @param {FollowLogsOptions} options
 * @param {(options: FollowLogsOptions) => AsyncGenerator<SessionRecord, void, void>} follow
 * @param {AsyncGenerator<SessionRecord, void, void> | null} following
 * @returns {AsyncGenerator<SessionRecord, void, void>}
 */
async function* recordsOf(archived, options, follow, following) {
  /** How much of each text is archived. @type {Map<string, number>} */
  const lengths = new Map();
  const from = fromOption(checkOptions(options, FOLLOW_OPTIONS).from);
  /** @type {ReadonlyMap<string, number>} */
  const seen = new Map(typeof from === "string" ? [] : from);
  /** Those whose failures were reported. */
  const failed = new Set();
  // While some are read, others may be archived, and then their logs are not there to be followed.
  /** @type {ReadonlyMap<string, OpenArchived>} */
  let last = new Map();
  for (let isNew = true; isNew; ) {
    isNew = false;
    last = archived();
    for (const [id, open] of last) {
      if (failed.has(id)) continue;
      try {
        const text = await open();
        if (!text) continue;
        try {
          const read = lengths.get(id);
          if (read !== undefined && text.length <= read) continue;
          lengths.set(id, text.length);
          if (following) continue;
          isNew = true;
          yield* archivedRecords(id, text, Math.max(read ?? 0, seen.get(id) ?? 0), options);
        } finally {
          await text.source.close();
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof SkillLogError) || isFatal(error)) throw error;
        failed.add(id);
        reportFailure(options.onFailure, error, id);
      }
    }
  }
  const offsets = new Map(
    Array.from(seen, ([id, at]) => [id, Math.max(0, at - (lengths.get(id) ?? 0))]),
  );
  for (const [id, length] of following ? [] : lengths) {
    if (last.has(id)) continue;
    // Its text is in its log again.
    offsets.set(id, Math.max(length, seen.get(id) ?? 0));
    lengths.delete(id);
  }
  for await (const record of following ?? follow({ ...options, from: offsets })) {
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
