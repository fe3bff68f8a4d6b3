// The logs that a command names, in one index; and the rows of them that a filter selects.

import { damageWarning } from "../terminal/damage-warnings.js";
import { warnOfNoSessions } from "./operands.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Failure } from "../failures.js" */
/** @import { Damage, LogContents } from "../../types.js" */
/** @import { Filter } from "./filter.js" */
/** @import { NamedLog, Operands } from "./operands.js" */
/** @import { LogEvents } from "./read-log.js" */
/** @import { Progress } from "../terminal/progress.js" */

/** An indexed log, and what it holds. @typedef {{ log: NamedLog, contents: LogContents }} IndexedLog */

/**
 * Some of the selected rows of a log, in the order of the file.
 *
 * @typedef {{ log: NamedLog, rows: Uint32Array, isLast: boolean }} Selected `isLast`: whether no more
 *   rows of the log follow
 */

/**
 * The bytes of logs that are searched at once: first, and then. Each search finds all its rows before
 * they are printed, so the first are printed soon. The others are enough for several threads.
 */
const FIRST_BYTES = 1 << 20;
const MOST_BYTES = 1 << 26;

/** A longer log is searched by itself, and its rows are printed as they are found. */
const LONG_BYTES = 1 << 23;

const NO_ROWS = new Uint32Array(0);

/** Indexed logs: those of a directory in the order of the last write, others as they are named. */
export class IndexedLogs {
  #damage;
  #make;
  /** @type {IndexedLog[] | null} */
  #made = null;

  /**
   * @param {LogIndex} index
   * @param {() => IndexedLog[]} make describes the logs, of which there may be thousands
   * @param {number | undefined} count how many they are, if they are those of a directory; others
   *   may be named twice
   */
  constructor(index, make, count) {
    this.index = index;
    this.#make = make;
    /** The number of logs of a directory. */
    this.inDirectory = count;
    this.#damage = damageBySession(index);
  }

  get logs() {
    return (this.#made ??= this.#make());
  }

  /**
   * Warns of the damage of a log, if it has any.
   *
   * @param {IndexedLog} indexed
   */
  async warnOf({ log, contents: { session, damaged } }) {
    if (damaged === 0) return;
    const warning = damageWarning(log);
    warning.addAll(this.#damage.get(session) ?? [], damaged);
    await warning.report();
  }

  /** Warns of the damage of all logs. */
  async warnOfDamage() {
    if (this.index.damaged === 0) return;
    for (const indexed of this.logs) await this.warnOf(indexed);
  }

  /**
   * Divides rows by their session.
   *
   * @param {Uint32Array} rows
   * @returns {Map<string | undefined, Uint32Array>}
   */
  bySession(rows) {
    const { codes, texts } = this.index.column("session", rows);
    /** @type {Map<string | undefined, Uint32Array>} */
    const found = new Map();
    for (let from = 0, to = 0; from < rows.length; from = to) {
      while (to < rows.length && codes[to] === codes[from]) to += 1;
      const session = texts[codes[from]];
      const before = found.get(session);
      const own = rows.subarray(from, to);
      found.set(session, before ? Uint32Array.of(...before, ...own) : own);
    }
    return found;
  }

  /**
   * Yields the rows that a filter selects, log by log; of a log without any, an empty list. Warns of
   * the damage of each log after its last rows.
   *
   * @param {Filter} filter
   * @param {Progress} [progress] gets the bytes that were searched
   * @returns {AsyncGenerator<Selected, void, void>}
   */
  async *selected(filter, progress) {
    const all = this.bySession(filter.select(this.index));
    const rowsOf = (/** @type {IndexedLog} */ { contents }) => all.get(contents.session) ?? NO_ROWS;
    if (!filter.hasText) {
      for (const indexed of this.logs) {
        yield { log: indexed.log, rows: rowsOf(indexed), isLast: true };
        await this.warnOf(indexed);
      }
      return;
    }
    let searched = 0;
    for (const batch of batchesOf(this.logs)) {
      const rows = joined(batch.map(rowsOf));
      const bytes = bytesOf(batch);
      const onPart = (/** @type {number} */ part) =>
        progress?.update({ bytes: searched + part * bytes });
      if (batch.length === 1) {
        const [{ log }] = batch;
        for await (const hits of hitsOf(this.index, filter, rows, onPart))
          yield { log, rows: hits, isLast: false };
        yield { log, rows: NO_ROWS, isLast: true };
        await this.warnOf(batch[0]);
      } else {
        const found = this.bySession(
          rows.length === 0 ? NO_ROWS : await filter.search(this.index, rows, { onPart }),
        );
        for (const indexed of batch) {
          const { log, contents } = indexed;
          yield { log, rows: found.get(contents.session) ?? NO_ROWS, isLast: true };
          await this.warnOf(indexed);
        }
      }
      searched += bytes;
    }
  }

  /**
   * Yields the same with one list of rows for each log.
   *
   * @param {Filter} filter
   * @param {Progress} [progress]
   */
  async *allSelected(filter, progress) {
    /** @type {Uint32Array[]} */
    let parts = [];
    for await (const { log, rows, isLast } of this.selected(filter, progress)) {
      parts.push(rows);
      if (!isLast) continue;
      yield { log, rows: joined(parts) };
      parts = [];
    }
  }

  /**
   * Returns all rows that a filter selects, log by log. Warns of the damage of all logs.
   *
   * @param {Filter} filter
   * @param {Progress} [progress]
   */
  async rows(filter, progress) {
    /** @type {Uint32Array[]} */
    const found = [];
    for await (const { rows } of this.selected(filter, progress)) found.push(rows);
    return joined(found);
  }

  /**
   * Returns rows in the order that is wanted, and only the last of them if only these are wanted.
   *
   * @param {Filter} filter
   * @param {Uint32Array} rows those that match, log by log
   */
  latest({ last, sort }, rows) {
    // With one log, the order of the file counts, not the timestamps.
    const inTime = this.logs.length > 1 ? this.inTime(rows) : rows;
    const wanted = last === undefined ? inTime : inTime.subarray(Math.max(0, rows.length - last));
    return sort ? this.index.sort(sort, wanted) : wanted;
  }

  /**
   * Returns rows in the order of time. The rows of a log stay in the order of its file, even when a
   * clock was set back.
   *
   * @param {Uint32Array} rows log by log
   */
  inTime(rows) {
    const { index } = this;
    const place = new Uint32Array(index.length);
    for (const [at, row] of index.sort({ by: "timestamp" }, rows).entries()) place[row] = at;
    const { codes } = index.column("session", rows);
    // Each row's place, or the last place of the rows before it in its log.
    const latest = new Uint32Array(rows.length);
    const counts = new Uint32Array(rows.length + 1);
    let most = 0;
    for (let at = 0; at < rows.length; at += 1) {
      if (at === 0 || codes[at] !== codes[at - 1]) most = 0;
      most = Math.max(most, place[rows[at]]);
      latest[at] = most;
      counts[most + 1] += 1;
    }
    for (let at = 1; at < counts.length; at += 1) counts[at] += counts[at - 1];
    const ordered = new Uint32Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) ordered[counts[latest[at]]++] = rows[at];
    return ordered;
  }
}

/**
 * Indexes the logs that operands name. Leaves out the logs that cannot be read.
 *
 * @param {Operands} operands
 * @param {Progress} progress
 * @param {LogEvents} events
 * @param {string[]} [some] sessions of the directory; default: all
 * @returns {Promise<IndexedLogs>}
 */
export async function indexLogs(operands, progress, events, some) {
  const { sessions, ids = some, order } = await operands.open();
  /** @type {Map<string, unknown>} */
  const failures = new Map();
  const { onFailure } = events;
  const options = {
    onProgress: progress.update,
    ...(onFailure && {
      onFailure: (/** @type {unknown} */ error, /** @type {string} */ id) =>
        void failures.set(id, error),
    }),
  };
  let index = await sessions.index({ ...options, ...(ids && { ids }) });
  progress.next();
  let contents = index.logs();
  const refused = unreadable(index, contents, operands);
  for (const [id, error] of refused) {
    if (!onFailure) throw error;
    failures.set(id, error);
  }
  if (refused.size > 0) {
    const left = contents.flatMap(({ session = "" }) => (refused.has(session) ? [] : [session]));
    index = await sessions.index({ ...options, ids: left });
    contents = index.logs();
  }
  for (const [id, error] of failures) await onFailure?.(operands.failedLogOf(id), error);
  if (operands.dir !== null && !some && contents.length + failures.size === 0)
    await warnOfNoSessions(operands.dir);
  const indexed = new IndexedLogs(
    index,
    () => inOrder(contents, failures, operands, order),
    order ? undefined : readOf(contents, failures).length,
  );
  if (events.onEnd)
    for (const { log, contents } of indexed.logs)
      events.onEnd(log, contents.pending?.offset ?? contents.bytes);
  return indexed;
}

/**
 * Finds logs that an index takes for readable: compressed files, and links that lead nowhere.
 *
 * @param {LogIndex} index
 * @param {LogContents[]} contents
 * @param {Operands} operands
 * @returns {Map<string, Failure>} by session
 */
function unreadable(index, contents, operands) {
  /** @type {Map<string, Failure>} */
  const found = new Map();
  const check = (/** @type {string} */ session, /** @type {() => void} */ check) => {
    try {
      check();
    } catch (error) {
      found.set(session, /** @type {Failure} */ (error));
    }
  };
  for (const [session = "", [first]] of damageBySession(index))
    if (first.offset === 0) check(session, () => operands.logOf(session).refuseCompressed());
  for (const { session = "", bytes } of contents)
    if (bytes === 0) check(session, () => operands.logOf(session).refuseMissing());
  return found;
}

/**
 * @param {LogContents[]} contents
 * @param {Map<string, unknown>} failures
 * @param {Operands} operands
 * @param {NamedLog[] | undefined} order
 * @returns {IndexedLog[]}
 */
function inOrder(contents, failures, operands, order) {
  const read = readOf(contents, failures);
  if (!order) {
    const instant = (/** @type {LogContents} */ { modified }) => Number(modified);
    read.sort(
      (a, b) => instant(a) - instant(b) || (String(a.session) < String(b.session) ? 1 : -1),
    );
    return read.map((contents) => ({ log: operands.logOf(String(contents.session)), contents }));
  }
  const bySession = new Map(read.map((contents) => [contents.session, contents]));
  return order.flatMap((log) => {
    const contents = bySession.get(operands.idOf(log));
    return contents ? [{ log, contents }] : [];
  });
}

/**
 * Returns the logs that were read.
 *
 * @param {LogContents[]} contents
 * @param {Map<string, unknown>} failures
 */
function readOf(contents, failures) {
  return contents.filter(({ session = "" }) => !failures.has(session));
}

/** @param {LogIndex} index */
function damageBySession(index) {
  /** @type {Map<string | undefined, Damage[]>} */
  const found = new Map();
  if (index.damaged === 0) return found;
  for (const damage of index.damage) {
    const { session } = damage;
    const list = found.get(session);
    if (list) list.push(damage);
    else found.set(session, [damage]);
  }
  return found;
}

/**
 * Groups logs that are searched at once, in their order.
 *
 * @param {IndexedLog[]} logs
 */
function* batchesOf(logs) {
  let most = FIRST_BYTES;
  /** @type {IndexedLog[]} */
  let batch = [];
  let bytes = 0;
  for (const indexed of logs) {
    const own = indexed.contents.bytes;
    if (batch.length > 0 && (bytes + own > most || own > LONG_BYTES)) {
      yield batch;
      most = MOST_BYTES;
      batch = [];
      bytes = 0;
    }
    batch.push(indexed);
    bytes += own;
  }
  if (batch.length > 0) yield batch;
}

/** @param {IndexedLog[]} logs */
function bytesOf(logs) {
  return logs.reduce((sum, { contents }) => sum + contents.bytes, 0);
}

/** @param {Uint32Array[]} lists */
function joined(lists) {
  if (lists.length === 1) return lists[0];
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/**
 * Yields the rows of a log that have the text, some at a time, while the search goes on.
 *
 * @param {LogIndex} index
 * @param {Filter} filter with a text to find
 * @param {Uint32Array} rows
 * @param {(part: number) => void} onPart gets the searched part of the rows, from 0 to 1
 * @returns {AsyncGenerator<Uint32Array, void, void>}
 */
async function* hitsOf(index, filter, rows, onPart) {
  /** @type {Uint32Array[]} */
  const found = [];
  const stop = new AbortController();
  let isDone = false;
  let wake = () => {};
  const search = filter.search(index, rows, {
    signal: stop.signal,
    onPart,
    onHits(hits) {
      if (hits.length > 0) found.push(hits);
      wake();
    },
  });
  const done = search
    .then(() => {})
    .finally(() => {
      isDone = true;
      wake();
    });
  // The loop below awaits `done`, and throws its error.
  done.catch(() => {});
  try {
    while (!isDone || found.length > 0) {
      const next = found.shift();
      if (next) yield next;
      else await new Promise((resolve) => (wake = () => resolve(undefined)));
    }
    await done;
  } finally {
    stop.abort();
    await done.catch(() => {});
  }
}
