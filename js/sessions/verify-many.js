// Verifies many logs, in as many threads as there are.

import { verifySource } from "../damage/verify.js";
import { groupsOf } from "../threads/log-groups.js";
import { reportUnlisted, sizeOf } from "../storage/found-logs.js";

/** @import { SessionReport, VerifyManyOptions } from "../types.js" */
/** @import { StoredLogs } from "../storage/storage.js" */
/** @import { ScanThreads } from "../threads/scan-threads.js" */

/** A log with more bytes is verified by itself, so that its progress is reported. */
const LONG_BYTES = 8 << 20;

/** The fewest bytes for which other threads are started. */
const THREADED_BYTES = 8 << 20;

/**
 * @param {StoredLogs} logs
 * @param {ScanThreads} threads
 * @param {Omit<VerifyManyOptions, "ids"> & { ids?: ReadonlySet<string>, maxLineBytes: number }} options
 * @returns {Promise<SessionReport[]>} by session id
 */
export async function verifyMany(logs, threads, options) {
  const { ids, signal, onProgress, onDamage, onFailure, maxLineBytes } = options;
  const found = await logs.find(signal);
  reportUnlisted(found, ids, onFailure);
  const wanted = found.ids
    .map((id, at) => ({ id, size: sizeOf(found, at), ref: found.refs[at] }))
    .filter(({ id, ref }) => ref !== null && (!ids || ids.has(id)))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  const paying = wanted.filter(({ size }) => threads.payFor(size));
  const isMuch = paying.reduce((sum, { size }) => sum + size, 0) > THREADED_BYTES;
  const tasks = groupsOf(wanted, ({ size }) => size);
  // A log that has a task of its own is verified in this thread.
  const shared = tasks.filter((task) => !isLong(task));
  const answers = threads.run(
    "verify",
    shared.map((task) => ({
      refs: task.map(({ ref }) => logs.located?.(ref) ?? ref),
      maxLineBytes,
    })),
    isMuch,
    signal,
  );
  /** @type {SessionReport[]} */
  const reports = [];
  let bytes = 0;
  try {
    for (const task of tasks) {
      const answer = isLong(task) ? [] : ((await answers.next()).value ?? []);
      for (const [at, { id, size, ref }] of task.entries()) {
        try {
          const report = answer[at] ?? (await verifyHere(id, ref));
          if (report) reports.push(reported(report, id));
        } catch (error) {
          if (!onFailure || signal?.aborted) throw error;
          onFailure(error, id);
        }
        bytes += size;
      }
      onProgress?.({ bytes, total });
    }
  } finally {
    await answers.return();
  }
  return reports;

  /**
   * @param {string} id
   * @param {any} ref
   */
  async function verifyHere(id, ref) {
    const source = await logs.open(ref, signal);
    try {
      const each =
        onDamage && ((/** @type {any} */ damage) => onDamage({ ...damage, session: id }));
      const options = {
        signal,
        onDamage: each,
        onProgress: (/** @type {{ bytes: number }} */ read) =>
          onProgress?.({ bytes: bytes + read.bytes, total }),
      };
      return source && (await verifySource(source, maxLineBytes, options));
    } finally {
      await source?.close();
    }
  }

  /**
   * @param {import("../types.js").Report} report
   * @param {string} id
   * @returns {SessionReport}
   */
  function reported(report, id) {
    const damage = report.damage.map((each) => ({ ...each, session: id }));
    if (!onDamage) return { session: id, ...report, damage };
    damage.forEach(onDamage);
    return { session: id, ...report, damage: [] };
  }
}

/** @typedef {{ id: string, size: number, ref: any }} Verified */

/** @param {Verified[]} task */
function isLong(task) {
  return task.length === 1 && task[0].size > LONG_BYTES;
}
