// Counts the entries that have a text in the logs that the cache of summaries knows, without rows.

import { groupsOf, THREADED_BYTES, WHOLE_BYTES } from "../threads/log-groups.js";
import { dateOf, MTIME, STAMP_WORDS } from "../storage/stamps.js";
import { mayBeInTimestamp } from "../threads/search-many.js";

/** @import { CachedCounts } from "../types.js" */
/** @import { StoredLogs } from "../storage/storage.js" */
/** @import { ScanThreads } from "../threads/scan-threads.js" */
/** @import { SummaryCache } from "./summary-cache.js" */

/** The fewest logs for which other threads start while the cache is read. */
const THREADED_LOGS = 1500;

/** The most bytes of all logs, because the counts come at the end: below a second's work. */
const MOST_BYTES = 1 << 30;

/** With a larger part of the logs left, an index of all of them takes as long. */
const MOST_LEFT = 1 / 8;

/**
 * Counts, log by log, the entries that have a text. Looks at no log before it is opened: its stamp is
 * compared then with that of the cache.
 *
 * @param {StoredLogs} logs
 * @param {ScanThreads} threads
 * @param {SummaryCache} summaries
 * @param {{ text: string, ignoreCase: boolean, signal: AbortSignal | undefined }} wanted
 * @returns {Promise<CachedCounts | null>} null where an index of all logs does it better
 */
export async function countCached(logs, threads, summaries, { text, ignoreCase, signal }) {
  // Only rows tell whether it is in a timestamp.
  if (mayBeInTimestamp(text)) return null;
  const ids = logs.names?.();
  if (!ids) return null;
  if (ids.length >= THREADED_LOGS) threads.start();
  await summaries.open();
  const positions = Int32Array.from(ids, (id) => summaries.find(id));
  const left = [];
  const known = [];
  let bytes = 0;
  const sizes = summaries.cleanSizes();
  const sizeOf = (/** @type {number} */ at) => sizes[positions[at]] ?? Infinity;
  for (let at = 0; at < ids.length; at += 1) {
    const size = sizeOf(at);
    if (size > WHOLE_BYTES) left.push(ids[at]);
    else {
      known.push(at);
      bytes += size;
    }
  }
  if (known.length === 0 || left.length > MOST_LEFT * ids.length || bytes > MOST_BYTES) return null;
  const groups = groupsOf(known, sizeOf);
  const tasks = (function* () {
    for (const group of groups) {
      const stamps = new BigInt64Array(STAMP_WORDS * group.length);
      for (let at = 0; at < group.length; at += 1)
        stamps.set(summaries.stampOf(positions[group[at]]), STAMP_WORDS * at);
      const refs = group.map((at) => logs.located?.(ids[at]) ?? ids[at]);
      yield { refs, stamps, rows: Float64Array.from(group, sizeOf), text, ignoreCase };
    }
  })();
  const counts = [];
  let next = 0;
  for await (const found of threads.run("search", tasks, bytes >= THREADED_BYTES, signal)) {
    const group = groups[next++];
    const own = new Uint32Array(group.length);
    for (let at = 0; at < found.lines.length; at += 3) own[found.lines[at]] += 1;
    const others = new Set([...found.changed, ...found.unclear]);
    for (const [at, log] of group.entries()) {
      const id = ids[log];
      if (others.has(at)) left.push(id);
      else {
        const modified = dateOf(summaries.stampOf(positions[log])[MTIME]);
        counts.push({ session: id, modified, bytes: sizeOf(log), count: own[at] });
      }
    }
  }
  return { counts, left };
}
