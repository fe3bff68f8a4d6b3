// Reads many logs into one index, and reads on where they changed.

import { hash } from "../../dist/skill_log.js";
import { OneLog } from "../indexing/one-log.js";
import { replacedSinceIndexed } from "../indexing/indexed-file.js";
import { pendingSince } from "../damage/verify.js";
import { groupsOf, THREADED_BYTES } from "../threads/log-groups.js";
import { LOG_STATUS, MARK_WORDS, STATE_NUMBERS } from "../threads/log-scanner.js";
import { READ, ReadPlan } from "./read-plan.js";
import { RefreshRun } from "./refresh-run.js";
import { FACTS, LOG_COST } from "./row-cache.js";
import { searchMany } from "../threads/search-many.js";
import { LONG_MARK_BYTES } from "../storage/file-mark.js";
import { reportUnlisted, sizeOf } from "../storage/found-logs.js";
import {
  dateOf,
  forgetRecent,
  isSameFile,
  isSameVersion,
  sameVersions,
  MTIME,
  SIZE,
  STAMP_NUMBERS,
  STAMP_WORDS,
} from "../storage/stamps.js";
import { callCore, isStopped } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { IndexedLogs } from "../indexing/indexed-logs.js" */
/** @import { LogFacts } from "../indexing/log-facts.js" */
/** @import { ProgressOptions, SessionInfo } from "../types.js" */
/** @import { FoundLogs, LogTask, Source, StoredLogs } from "../storage/storage.js" */
/** @import { Planned } from "./read-plan.js" */
/** @import { RowCache } from "./row-cache.js" */
/** @import { SummaryCache } from "./summary-cache.js" */
/** @import { ScanThreads } from "../threads/scan-threads.js" */

/** A log with more bytes to read is read by itself. */
const LONG_BYTES = 8 << 20;

/** The fewest logs for which other threads are started, and see THREADED_BYTES. */
const THREADED_LOGS = 1500;

/** Opening the cache of rows takes about as long as reading so many bytes. */
const CACHE_COST = 4 << 20;

/** Opening a file to read its last bytes takes about as long as reading so many bytes. */
const WHOLE_COST = 64 << 10;

/** The most logs of a step. */
const STEP_LOGS = 64;

/**
 * The logs of a cache that is written.
 *
 * @typedef {object} SavedLogs
 * @property {LogIndex} core
 * @property {LogFacts} facts
 * @property {FoundLogs} found
 * @property {Map<number, number>} numbers the number of each log that was read as it was found, by its
 *   position among those that were found
 */

/**
 * Which logs are indexed, and how.
 *
 * @typedef {object} Wanted
 * @property {ReadonlySet<string>} [ids] default: all
 * @property {boolean} newestFirst whether the newest log comes first; else logs go by id
 * @property {(error: unknown, id: string) => void} [onFailure] is called for each log that cannot be
 *   read, and each subdirectory that cannot be listed; default: the call rejects
 * @property {SummaryCache | null} [summaries] logs that it has are not read. Only for a first pass
 * @property {(saved: SavedLogs) => void} [onSave] is called when the cache of rows is written
 * @property {number} maxLineBytes
 */

/**
 * A log that was read, or whose summary is known.
 *
 * @typedef {object} ReadLog
 * @property {FoundLogs} found
 * @property {number} at its position among them
 * @property {number} log its number in the index; -1 where it was not read
 * @property {number} position where the cache of summaries has it; -1 where it does not
 * @property {unknown} error why it cannot be read
 */

/** The logs of an index, by their numbers. */
export class ManyLogs {
  #logs;
  #threads;
  #cache;
  #wanted;
  /** @type {Map<string, number>} by key: see `distinctKeys` */
  #numbers = new Map();
  /** @type {any[]} what opens each log */
  #refs = [];
  /** For each log its stamp, as it was read. */
  #stamps = new BigInt64Array(0);
  /** For each log the length and the hash of its mark. */
  #marks = new BigInt64Array(0);
  /** @type {Map<number, OneLog>} the logs that are read by themselves */
  #alone = new Map();
  #wasCacheOpened = false;
  /** Whether rows must stay until the steps end, because the cache is written. */
  keepsRows = false;

  /**
   * @param {StoredLogs} logs
   * @param {ScanThreads} threads
   * @param {RowCache | null} cache
   * @param {Wanted} wanted
   */
  constructor(logs, threads, cache, wanted) {
    this.#logs = logs;
    this.#threads = threads;
    this.#cache = cache;
    this.#wanted = wanted;
  }

  /**
   * Opens a log to read entries of it again.
   *
   * @param {number} log
   * @param {number} bytes
   * @param {AbortSignal} [signal]
   * @returns {Promise<Source | null>}
   * @throws {SkillLogError} `REPLACED`
   */
  async open(log, bytes, signal) {
    const alone = this.#alone.get(log);
    if (alone) return alone.open(bytes, signal);
    const ref = this.#refs[log];
    const source = await this.#logs.open(ref, signal, true);
    if (!source) throw replacedSinceIndexed(this.#logs.named(ref), "was removed");
    const { stamp } = source;
    if (!stamp || isSameFile(this.#stamps, STAMP_WORDS * log, stamp, 0)) return source;
    await source.close();
    throw replacedSinceIndexed(source, "is another file now");
  }

  /**
   * Returns what opens a log that was found; undefined where none was.
   *
   * @param {string} id
   */
  refOf(id) {
    const log = this.#numbers.get(id);
    return log === undefined ? undefined : this.#refs[log];
  }

  /**
   * Returns what opens a log in any thread.
   *
   * @param {number} log
   */
  #refOf(log) {
    const ref = this.#refs[log];
    return this.#logs.located?.(ref) ?? ref;
  }

  /** @param {number} log */
  modified(log) {
    return dateOf(this.#stamps[STAMP_WORDS * log + MTIME]);
  }

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ProgressOptions} options
   */
  async refresh(core, facts, options) {
    const steps = this.steps(core, facts, options);
    while (!(await steps.next()).done);
  }

  /**
   * Reads what is new, log by log in the order that is wanted.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ProgressOptions} options
   * @returns {AsyncGenerator<ReadLog[], void, void>} the logs of each step
   */
  async *steps(core, facts, { signal, onProgress }) {
    const now = Date.now();
    const { newestFirst } = this.#wanted;
    // So many files take a while to look at, in which the other threads start.
    const areRead = !newestFirst && !this.#cache && !this.#wanted.ids && this.#refs.length === 0;
    const onNames = (/** @type {number} */ count) => {
      if (areRead && count >= THREADED_LOGS) this.#threads.start();
    };
    const found = await this.#logs.find(signal, newestFirst, onNames, this.#wanted.ids);
    try {
      yield* this.#stepsOf(core, facts, found, now, { signal, onProgress });
    } finally {
      found.forget?.();
    }
  }

  /**
   * Reads what is new of the logs that were found.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {FoundLogs} found
   * @param {number} now when they were looked for, in milliseconds since 1970
   * @param {ProgressOptions} options
   * @returns {AsyncGenerator<ReadLog[], void, void>}
   */
  async *#stepsOf(core, facts, found, now, { signal, onProgress }) {
    const { newestFirst } = this.#wanted;
    reportUnlisted(found, this.#wanted.ids, this.#wanted.onFailure);
    const summaries = await this.#summariesOf(found);
    if (!this.#wasCacheOpened && this.#costOf(found, summaries) >= CACHE_COST) {
      await this.#cache?.open(core);
      this.#wasCacheOpened = true;
    }
    const plan = this.#plan(core, facts, found, summaries);
    this.keepsRows = !newestFirst || (this.#cache !== null && plan.readsFiles);
    if (!summaries) this.#cache?.forgetOthers();
    forgetRecent(found.stamps, now);
    const inTasks = plan.inTasks;
    const alone = newestFirst ? STEP_LOGS : 0;
    const tasks = [inTasks.slice(0, alone), inTasks.slice(alone)].flatMap((numbers) =>
      groupsOf(numbers, (number) => plan.newBytes(number)),
    );
    const isMuch = this.#areMuch(plan, inTasks);
    const taken = this.#taken(plan, tasks, core, found);
    const scanning = this.#scanned(taken, newestFirst, isMuch, signal);
    let bytes = 0;
    let total = 0;
    for (let number = 0; number < plan.length; number += 1) total += plan.size(number);
    const run = new RefreshRun(core, facts, plan, tasks, scanning, found.stamps, {
      signal,
      onProgress: (progress) => onProgress?.({ bytes: bytes + progress.bytes, total }),
    });
    /** @type {ReadLog[]} */
    let done = [];
    try {
      for (let number = 0; number < plan.length; number += 1) {
        if (plan.readOf(number) === READ.not) {
          const at = plan.foundAt(number);
          const error = found.unlisted?.get(at);
          done.push({ found, at, log: -1, position: summaries?.[at] ?? -1, error });
        } else {
          const planned = plan.get(number);
          const error = await this.#read(run, planned);
          const { at, log, summary: position } = planned;
          done.push({ found, at, log, position, error });
        }
        bytes += plan.size(number);
        if (done.length < STEP_LOGS && number < plan.length - 1) continue;
        this.#put(run);
        onProgress?.({ bytes, total });
        yield done;
        done = [];
        await this.#threads.letOthersRun();
        signal?.throwIfAborted();
      }
      if (plan.length === 0) onProgress?.({ bytes, total });
      if (!this.#wanted.ids) this.#save(core, facts, plan, found);
    } finally {
      await scanning.return();
      this.#cache?.release();
    }
  }

  /**
   * Searches rows in as many threads as there are.
   *
   * @type {NonNullable<IndexedLogs["search"]>}
   */
  search(core, rows, text, ignoreCase, signal) {
    return searchMany(this, this.#threads, core, rows, { text, ignoreCase, signal });
  }

  /**
   * Returns what opens logs, and their stamps as they were read.
   *
   * @param {readonly number[]} logs
   */
  asRead(logs) {
    const stamps = new BigInt64Array(STAMP_WORDS * logs.length);
    for (const [at, log] of logs.entries()) {
      const start = STAMP_WORDS * log;
      stamps.set(this.#stamps.subarray(start, start + STAMP_WORDS), STAMP_WORDS * at);
    }
    return { refs: logs.map((log) => this.#refOf(log)), stamps };
  }

  /**
   * Writes the cache anew if it lacks much. What it has of the logs that were not read stays.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ReadPlan} plan
   * @param {FoundLogs} found
   */
  #save(core, facts, plan, found) {
    const cache = this.#cache;
    if (!this.keepsRows || !this.#wasCacheOpened || !cache?.lacksMuch(core)) return;
    for (const planned of plan) {
      if (planned.summary < 0) continue;
      planned.log = this.#add(core, facts, planned.id, planned.id);
      this.#refs[planned.log] = found.refs[planned.at];
      this.#planNew(planned, found.stamps);
      const isCached = planned.read === READ.cached;
      if (!isCached || !cache.put(core, facts, planned.log, planned.cached))
        this.#clear(core, facts, [planned.log]);
    }
    cache.save(core, facts, this.#numbers, this.#stamps, this.#marks);
    const { onSave } = this.#wanted;
    if (!onSave) return;
    /** @type {SavedLogs["numbers"]} */
    const numbers = new Map();
    for (const [at, id] of found.ids.entries()) {
      const log = id.includes(WRONG_BYTES) ? undefined : this.#numbers.get(id);
      const isFound =
        log !== undefined &&
        isSameVersion(found.stamps, STAMP_WORDS * at, this.#stamps, STAMP_WORDS * log);
      if (isFound) numbers.set(at, log);
    }
    onSave({ core, facts, found, numbers });
  }

  /**
   * Returns whether there is enough to read for other threads.
   *
   * @param {ReadPlan} plan
   * @param {number[]} inTasks the positions of the logs that are read in tasks
   */
  #areMuch(plan, inTasks) {
    const logs = inTasks.filter((number) => this.#threads.payFor(plan.size(number)));
    const bytes = logs.reduce((sum, number) => sum + plan.newBytes(number), 0);
    return bytes >= THREADED_BYTES || logs.length >= THREADED_LOGS;
  }

  /**
   * Returns whether it pays to have another thread read a log.
   *
   * @param {number} log
   */
  payFor(log) {
    return this.#threads.payFor(Number(this.#stamps[STAMP_WORDS * log + SIZE]));
  }

  /**
   * Returns for each log its position in the cache of summaries; null where there is none.
   *
   * @param {FoundLogs} found
   */
  async #summariesOf(found) {
    const { summaries } = this.#wanted;
    // Without the bytes before its end, a file with a shared key is not known again.
    if (!summaries || this.#logs.isKeyShared) return null;
    await summaries.open();
    return summaries.match(found);
  }

  /**
   * Returns what the cache of rows may save: what reading the logs costs whose summaries are not
   * known, in bytes.
   *
   * @param {FoundLogs} found
   * @param {Int32Array | null} summaries
   */
  #costOf(found, summaries) {
    const { ids } = this.#wanted;
    const { isKeyShared = false } = this.#logs;
    // Of an index of all logs no log is known.
    if (!summaries && !ids && !isKeyShared) return Infinity;
    // Rows of a cache come before any other.
    if (!summaries && this.#refs.length > 0) return 0;
    // Of a file with a shared key, the bytes before its end are read in any case.
    const least = isKeyShared ? WHOLE_COST : -LOG_COST;
    let cost = 0;
    for (let at = 0; at < found.ids.length; at += 1) {
      const isRead = (summaries?.[at] ?? -1) < 0 && (!ids || ids.has(found.ids[at]));
      if (isRead) cost += Math.max(0, sizeOf(found, at) - least);
    }
    return cost;
  }

  /**
   * Decides how each log is read, in the order that is wanted. Clears the logs that are gone, and
   * those that were cut or that another file replaced. A refresh has no plan for logs that have not
   * changed.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {FoundLogs} found
   * @param {Int32Array | null} summaries
   * @returns {ReadPlan}
   */
  #plan(core, facts, found, summaries) {
    const { ids, newestFirst } = this.#wanted;
    const plan = new ReadPlan(found, summaries);
    const areSame = sameVersions(found.stamps, this.#stamps);
    const isThere = new Uint8Array(this.#refs.length);
    const keyOf = distinctKeys();
    /** @type {Map<number, string>} the keys that are no ids, by position among the logs found */
    const keys = new Map();
    let added = 0;
    /** @type {number[]} */
    const cleared = [];
    for (let at = 0; at < found.ids.length; at += 1) {
      const id = found.ids[at];
      if (ids && !ids.has(id)) continue;
      const ref = found.refs[at];
      const isRead = isReadAt(found, summaries, at);
      if (!isRead && !newestFirst) continue;
      const key = isRead ? keyOf(id) : id;
      if (key !== id) keys.set(at, key);
      const known = isRead ? this.#numbers.get(key) : undefined;
      if (known !== undefined) {
        isThere[known] = 1;
        this.#refs[known] = ref;
        if (areSame(STAMP_NUMBERS * at, STAMP_NUMBERS * known)) continue;
      } else if (isRead) added += 1;
      plan.add(at, known ?? -1);
    }
    if (!newestFirst) plan.sort();
    this.#reserve(added);
    for (let number = 0; number < plan.length; number += 1) {
      const isRead = isReadAt(found, summaries, plan.foundAt(number));
      // Most logs of a list. They stay as they were added.
      if (!isRead) continue;
      const planned = plan.get(number);
      const { id, at, log } = planned;
      if (log >= 0) {
        if (this.#planKnown(planned, found.stamps, core)) cleared.push(log);
      } else {
        planned.log = this.#add(core, facts, keys.get(at) ?? id, id);
        this.#refs[planned.log] = found.refs[at];
        this.#planNew(planned, found.stamps);
      }
      plan.set(planned);
    }
    const unlisted = Array.from(found.unlisted?.keys() ?? [], (at) => found.ids[at]);
    // A log stays whose directory cannot be listed now.
    const isGone = (/** @type {string} */ key) => !unlisted.some((dir) => key.startsWith(dir));
    if (isThere.includes(0))
      for (const [key, log] of this.#numbers)
        if (isThere[log] === 0 && isGone(key)) cleared.push(log);
    this.#clear(core, facts, cleared);
    return plan;
  }

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {string} key
   * @param {string} id
   */
  #add(core, facts, key, id) {
    this.#reserve(1);
    const log = core.add_log();
    facts.add(id);
    this.#numbers.set(key, log);
    return log;
  }

  /**
   * Makes room for more logs.
   *
   * @param {number} count
   */
  #reserve(count) {
    const logs = this.#numbers.size + count;
    this.#stamps = longer(this.#stamps, STAMP_WORDS * logs);
    this.#marks = longer(this.#marks, MARK_WORDS * logs);
  }

  /**
   * Plans a log that the index does not have. The cache has all of it, or its start, or nothing.
   *
   * @param {Planned} planned
   * @param {BigInt64Array} stamps
   */
  #planNew(planned, stamps) {
    const cache = this.#cache;
    const cached = cache?.find(planned.id) ?? -1;
    const at = STAMP_WORDS * planned.at;
    const start = FACTS * cached;
    if (cache && cached >= 0 && isSameFile(stamps, at, cache.facts, start)) {
      const isWhole = !this.#logs.isKeyShared && isSameVersion(stamps, at, cache.facts, start);
      const [position] = cache.stateOf(cached, planned.log);
      // A repair changes damage, and not the bytes after it.
      const isStart = !cache.isDamaged(cached) && planned.bytes >= position;
      if (isWhole || isStart) {
        cache.want(cached);
        planned.cached = cached;
        planned.position = position;
        planned.read = isWhole ? READ.cached : this.#readOf(planned);
        const { log } = planned;
        const end = start + STAMP_WORDS;
        this.#stamps.set(cache.facts.subarray(start, end), STAMP_WORDS * log);
        this.#marks.set(cache.facts.subarray(end, start + FACTS), MARK_WORDS * log);
        return;
      }
    }
    planned.read = this.#readOf(planned);
  }

  /**
   * Plans a log that the index has, and that has changed.
   *
   * @param {Planned} planned
   * @param {BigInt64Array} stamps
   * @param {LogIndex} core
   * @returns {boolean} whether its rows are removed, because its file was cut or replaced
   */
  #planKnown(planned, stamps, core) {
    const { log, bytes } = planned;
    const at = STAMP_WORDS * planned.at;
    const own = STAMP_WORDS * log;
    planned.position = core.position(log);
    // A log that is read by itself is checked when it is read.
    const isShorter = bytes < planned.position && !this.#isCompressed(log);
    const isCleared =
      !this.#alone.has(log) && (!isSameFile(stamps, at, this.#stamps, own) || isShorter);
    if (isCleared) planned.position = 0;
    planned.read = this.#readOf(planned);
    return isCleared;
  }

  /**
   * Returns how a log is read whose position is known.
   *
   * @param {Planned} planned
   */
  #readOf({ bytes, log, position }) {
    const isAlone = this.#alone.has(log) || this.#isCompressed(log);
    return isAlone || bytes - position > LONG_BYTES ? READ.alone : READ.inTask;
  }

  /** @param {number} log */
  #isCompressed(log) {
    return this.#logs.isCompressed?.(this.#refs[log]) ?? false;
  }

  /**
   * Removes the rows of logs, and forgets how far they were read.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {number[]} logs
   */
  #clear(core, facts, logs) {
    for (const log of logs) {
      facts.clear(log);
      this.#alone.delete(log);
      this.#stamps.fill(0n, STAMP_WORDS * log, STAMP_WORDS * (log + 1));
      this.#marks.fill(0n, MARK_WORDS * log, MARK_WORDS * (log + 1));
    }
    if (logs.length > 0) callCore(() => core.clear_logs(Uint32Array.from(logs)));
  }

  /**
   * Does the tasks of logs. Where the first logs are wanted soon, this thread reads those before
   * others start.
   *
   * @param {Iterator<LogTask> & Iterable<LogTask>} tasks
   * @param {boolean} isFirstSoon
   * @param {boolean} isMuch
   * @param {AbortSignal | undefined} signal
   */
  async *#scanned(tasks, isFirstSoon, isMuch, signal) {
    const first = isFirstSoon && tasks.next();
    if (first && !first.done) yield* this.#threads.run("scan", [first.value], false, signal);
    yield* this.#threads.run("scan", tasks, isMuch, signal);
  }

  /**
   * Makes the tasks of logs.
   *
   * @param {ReadPlan} plan
   * @param {number[][]} tasks of each the positions of its logs in the plan
   * @param {LogIndex} core
   * @param {FoundLogs} found
   * @returns {Generator<LogTask, void, void>}
   */
  *#taken(plan, tasks, core, { stamps: all }) {
    for (const task of tasks) {
      const logs = task.map((number) => plan.get(number));
      const states = new Float64Array(STATE_NUMBERS * logs.length);
      const marks = new BigInt64Array(MARK_WORDS * logs.length);
      const stamps = new BigInt64Array(STAMP_WORDS * logs.length);
      for (const [at, { log, cached, at: from }] of logs.entries()) {
        const start = STAMP_WORDS * from;
        stamps.set(all.subarray(start, start + STAMP_WORDS), STAMP_WORDS * at);
        // The rows of the cache are put before those of the task.
        const state = cached < 0 ? core.state(log) : this.#cache?.stateOf(cached, log);
        states.set(state ?? NOT_READ, STATE_NUMBERS * at);
        marks.set(this.#marks.subarray(MARK_WORDS * log, MARK_WORDS * (log + 1)), MARK_WORDS * at);
      }
      const refs = logs.map(({ log }) => this.#refOf(log));
      const sizes = Float64Array.from(logs, ({ bytes }) => bytes);
      yield { refs, states, sizes, stamps, marks, maxLineBytes: this.#wanted.maxLineBytes };
    }
  }

  /**
   * Reads a log, or takes it from the cache. What a task read is put later, many logs at once.
   *
   * @param {RefreshRun} run
   * @param {Planned} planned
   * @returns {Promise<unknown>} why the log cannot be read; else undefined
   */
  async #read(run, planned) {
    const { core, facts } = run;
    const { log, read } = planned;
    if (read === READ.inTask && run.isTaken) {
      this.#put(run);
      await run.takeNext();
    }
    let status = read === READ.inTask ? run.status : undefined;
    const isOther = status === LOG_STATUS.gone || status === LOG_STATUS.replaced;
    // The rows of another file would only leave holes.
    if (planned.cached >= 0 && !isOther) {
      this.#put(run);
      const isPut = this.#cache?.put(core, facts, log, planned.cached);
      if (read === READ.cached && isPut) return undefined;
      if (!isPut && status !== undefined) status = LOG_STATUS.replaced;
    }
    const more = planned.bytes - planned.position;
    if (planned.cached < 0 || more > 0) this.#cache?.miss(more);
    if (read === READ.inTask) {
      if (status === LOG_STATUS.read) return run.take();
      this.#put(run);
      run.skip();
      // A log that is gone may have been archived, and is looked for again.
      const isCleared = status === LOG_STATUS.gone || status === LOG_STATUS.replaced;
      if (isCleared) this.#clear(core, facts, [log]);
    }
    this.#put(run);
    return this.#readAlone(run, planned);
  }

  /**
   * Puts the rows of the logs that were taken from the task.
   *
   * @param {RefreshRun} run
   */
  #put(run) {
    const { core, facts } = run;
    for (const { log, at, from, found, damage } of run.put()) {
      const start = STAMP_WORDS * from;
      const stamp = run.stamps.subarray(start, start + STAMP_WORDS);
      this.#stamps.set(stamp, STAMP_WORDS * log);
      this.#marks.set(
        found.marks.subarray(MARK_WORDS * at, MARK_WORDS * (at + 1)),
        MARK_WORDS * log,
      );
      facts.readOn(log);
      const rest = found.rests.subarray(4 * at, 4 * (at + 1));
      facts.take(log, { damage, rest, isLast: true }, core.position(log));
      const pending = facts.pendingOf(log);
      if (pending && stamp[MTIME] > 0n)
        facts.setPending(log, pendingSince(pending, Number(stamp[MTIME]) / 1e6));
    }
  }

  /**
   * Reads a log by itself: a long log, one with NULs that a writer may still replace, or one that
   * cannot be read.
   *
   * @param {RefreshRun} run
   * @param {Planned} planned
   * @returns {Promise<unknown>} why the log cannot be read; else undefined
   */
  async #readAlone(run, planned) {
    const { core, facts, stamps, options } = run;
    const { log, at, id, bytes: size } = planned;
    try {
      const alone =
        this.#alone.get(log) ?? (await this.#openAlone(core, facts, log, options.signal));
      // Its first entries can be read while it is indexed.
      if (size > LONG_BYTES) this.#alone.set(log, alone);
      const stamp = stamps.subarray(STAMP_WORDS * at, STAMP_WORDS * (at + 1));
      await alone.refresh(core, facts, log, options, (source, bytes) =>
        bytes > LONG_BYTES && this.#threads.areMany && !this.#isCompressed(log)
          ? { threads: this.#threads, ref: this.#refOf(log), stamp: source.stamp ?? stamp }
          : null,
      );
      this.#stamps.set(stamp, STAMP_WORDS * log);
      const { bytes } = alone.mark;
      this.#marks[MARK_WORDS * log] = BigInt(bytes.length);
      this.#marks[MARK_WORDS * log + 1] = BigInt.asIntN(64, hash(bytes));
      if (Number(stamp[SIZE]) > LONG_BYTES) this.#alone.set(log, alone);
      return undefined;
    } catch (error) {
      const { onFailure } = this.#wanted;
      if (!onFailure || options.signal?.aborted || isStopped(error)) throw error;
      onFailure(error, id);
      return error;
    }
  }

  /**
   * Returns a log to read by itself, from where it was read to. Clears it if its file has other bytes
   * there.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {number} log
   * @param {AbortSignal | undefined} signal
   */
  async #openAlone(core, facts, log, signal) {
    const ref = this.#refs[log];
    const alone = new OneLog((signal) => this.#logs.open(ref, signal), this.#wanted.maxLineBytes);
    const position = core.position(log);
    if (position === 0) return alone;
    const [length, hashed] = this.#marks.subarray(MARK_WORDS * log);
    // A forged cache may have any length.
    const least = BigInt(Math.min(position, LONG_MARK_BYTES));
    const bytes = new Uint8Array(length >= 0n && length <= least ? Number(length) : 0);
    const offset = position - bytes.length;
    const source = await this.#logs.open(ref, signal);
    try {
      const count = (await source?.read(offset, bytes)) ?? 0;
      const isSame = BigInt.asIntN(64, hash(bytes.subarray(0, count))) === hashed;
      if (isSame) alone.knowBy({ offset, bytes });
      else this.#clear(core, facts, [log]);
    } finally {
      await source?.close();
    }
    return alone;
  }
}

/**
 * Returns whether a log is read, unless it has not changed.
 *
 * @param {FoundLogs} found
 * @param {Int32Array | null} summaries
 * @param {number} at
 */
function isReadAt({ refs }, summaries, at) {
  return refs[at] !== null && (summaries?.[at] ?? -1) < 0;
}

/** What a name that is not UTF-8 has in the place of its wrong bytes. */
const WRONG_BYTES = "\ufffd";

/**
 * Returns a function that returns a key for the id of each log. Names that are not UTF-8 may have
 * the same id.
 *
 * @returns {(id: string) => string}
 */
function distinctKeys() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return (id) => {
    if (!id.includes(WRONG_BYTES)) return id;
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    return count === 0 ? id : `${id}//${count}`;
  };
}

const NOT_READ = new Float64Array(STATE_NUMBERS);

/**
 * Returns words with room for more. The room doubles.
 *
 * @param {BigInt64Array<ArrayBuffer>} words
 * @param {number} least
 */
function longer(words, least) {
  if (words.length >= least) return words;
  const more = new BigInt64Array(Math.max(2 * words.length, least, 64));
  more.set(words);
  return more;
}
