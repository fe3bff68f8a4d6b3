// Follows all logs of a directory: returns their entries as they come, whatever happens to their
// files.
//
// Only the files that were read last are open. Of all other files, the place is remembered where
// reading stopped, and a look shows whether there is more. The place is that of a file and not of a
// log, so a file that is renamed from one log to another goes on under its new name.

import { SkillLogError } from "../errors.js";
import { showsNextChange } from "../storage/chunks.js";
import { ThreadTurns } from "../storage/thread-turns.js";
import { onAbort } from "../waits.js";
import { Alarm } from "./alarm.js";
import { EndlessRecords } from "./endless-records.js";
import { isFatal, reportFailure } from "./failures.js";
import { LogFiles } from "./log-files.js";
import { LookTimes } from "./look-times.js";

/** @import { Reading } from "../reading/batches.js" */
/** @import { Damage, LogRecord, SessionRecord } from "../types.js" */
/** @import { FollowedDirectory, FollowedLog, Look, Source, Watch } from "../storage/storage.js" */
/** @import { Place } from "./log-files.js" */

/** The most files that are open at once. */
const MAX_OPEN = 64;

/** The pause between reads of files whose new bytes no look shows, in milliseconds. */
const RESTLESS_INTERVAL = 50;

/**
 * How long a removed file is read after its last new bytes, in milliseconds. Its writers need much
 * less time to notice.
 */
const GONE_TIME = 5000;

/** The longest sleep, in milliseconds. */
const LONGEST_SLEEP = 1000;

/** The pause before a log is tried again that the system refused to open, in milliseconds. */
const RETRY_INTERVAL = 5000;

/** How long the place in a file is remembered that no log has, in milliseconds. */
const LOST_TIME = 60_000;

/** How many marks of logs that nobody wrote to yet are taken in one go. */
const MARKS_AT_ONCE = 16;

/**
 * A log that is followed.
 *
 * @typedef {object} Followed
 * @property {string} id
 * @property {Look | null} look the file before it was read last; null when there was none
 * @property {boolean} isSettled whether `look` shows each change since
 * @property {number} deferredTo when to open it at the earliest, by `performance.now()`
 * @property {LogFiles | null} files null when no file of it is open
 * @property {AsyncGenerator<Iterable<LogRecord>, void, void> | null} news what is being read
 * @property {number} goneAt when its file was missing for the first time, or had its last news
 * @property {{ text: string, retryAt: number } | null} failure the last one, until it is read again
 */

/**
 * What the caller is told.
 *
 * @typedef {object} Events
 * @property {((damage: Damage) => void) | undefined} [onDamage]
 * @property {((error: SkillLogError, session: string) => void) | undefined} [onFailure]
 */

/** The iterator of all logs of a directory. */
/** @augments {EndlessRecords<SessionRecord>} */
export class LogsFollower extends EndlessRecords {
  #directory;
  #reading;
  #events;
  #all;
  #release;
  #alarm = new Alarm();
  #turns = new ThreadTurns();
  /** @type {Watch | null} */
  #watch = null;
  #isEnded = false;

  /** @type {Map<string, Followed>} by id */
  #logs = new Map();
  /** The logs to read, in this order. @type {Set<Followed>} */
  #queue = new Set();
  /**
   * The logs that may have changed without a look that shows it, to read when no other log waits.
   *
   * @type {Set<Followed>}
   */
  #checks = new Set();
  /** The logs with open files, those that were read last at the end. @type {Set<Followed>} */
  #open = new Set();
  /** The logs to read again soon. @type {Set<Followed>} */
  #restless = new Set();
  #nextRestless = 0;
  /** The log that is being read. @type {Followed | null} */
  #current = null;

  /** Where to go on in files that are not open. @type {Map<Source["identity"], Place>} */
  #places = new Map();
  /** The id of the log that has a file, of each file that is known. @type {Map<Source["identity"], string>} */
  #owners = new Map();
  /** Since when no log has a file. @type {Map<Source["identity"], number>} */
  #lost = new Map();
  /** Logs that were only seen, not read. @type {Followed[]} */
  #unmarked = [];

  #times = new LookTimes();
  #isLooking = false;
  /** What a look threw. @type {{ error: unknown } | null} */
  #fault = null;

  /**
   * Starts at once: `"end"` is the end of each log as it is now. A map has the byte up to which
   * each log was seen; logs that are not in it start at their start.
   *
   * @param {FollowedDirectory} directory
   * @param {"start" | "end" | ReadonlyMap<string, number>} from
   * @param {Omit<Reading, "from" | "to">} reading
   * @param {Events} events
   * @param {Set<{ close(): void }>} all contains the follower until it ends
   */
  constructor(directory, from, reading, events, all) {
    super(() => this.#follow(starting));
    this.#directory = directory;
    this.#reading = reading;
    this.#events = events;
    this.#all = all.add(this);
    this.#release = onAbort(reading.signal, this.close);
    const starting = this.#start(from);
    // The first `next` throws the error.
    starting.catch(() => {});
    if (reading.signal?.aborted) this.close();
  }

  /** Ends following, without an error, and closes every file at once. */
  close = () => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#release();
    this.#watch?.close();
    for (const { files } of this.#open) files?.close();
    this.#alarm.ring();
    this.#all.delete(this);
  };

  /**
   * Looks at all logs, and notes where to start.
   *
   * @param {"start" | "end" | ReadonlyMap<string, number>} from
   */
  async #start(from) {
    const found = [];
    for await (const looks of this.#directory.looks(true, this.#failDirectory))
      for (const [id, look] of looks) if (look) found.push({ id, look });
    // Older logs first, so that entries come roughly in the order of time.
    found.sort((a, b) => a.look.changed - b.look.changed);
    for (const { id, look } of found) {
      const log = this.#logOf(id);
      const seen = from === "end" ? look.size : from === "start" ? undefined : from.get(id);
      if (seen !== undefined && !this.#owners.has(look.identity)) {
        this.#owners.set(look.identity, id);
        this.#places.set(look.identity, { seen });
      }
      if (seen === look.size) {
        log.look = look;
        log.isSettled = showsNextChange(look.changed);
        this.#unmarked.push(log);
      } else this.#queue.add(log);
    }
  }

  /**
   * @param {Promise<void>} starting
   * @returns {AsyncGenerator<SessionRecord, void, void>}
   */
  async *#follow(starting) {
    try {
      await starting;
      if (!this.#isEnded)
        this.#watch = this.#directory.watch({ changed: this.#changed, renamed: this.#renamed });
      while (!this.#isEnded) {
        this.#lookAround();
        if (this.#fault) throw this.#fault.error;
        const [log] = this.#queue.size > 0 ? this.#queue : this.#checks;
        if (log) yield* this.#turnOf(log);
        else if (this.#unmarked.length > 0) await this.#takeMarks();
        else await this.#alarm.sleep(this.#untilNext());
        await this.#turns.letOthersRun();
      }
      this.#reading.signal?.throwIfAborted();
    } finally {
      this.close();
      this.#turns.close();
    }
  }

  /** Returns how long nothing is due, in milliseconds. */
  #untilNext() {
    const next = Math.min(
      this.#restless.size > 0 ? this.#nextRestless : Infinity,
      this.#isLooking ? Infinity : this.#times.next,
    );
    return Math.max(0, Math.min(next - performance.now(), LONGEST_SLEEP));
  }

  /** Queues the logs that are due, and starts looks that are due. */
  #lookAround() {
    const now = performance.now();
    if (this.#restless.size > 0 && now >= this.#nextRestless) {
      this.#nextRestless = now + RESTLESS_INTERVAL;
      for (const log of this.#restless) this.#queue.add(log);
    }
    const due = this.#isLooking ? null : this.#times.dueAt(now);
    if (!due) return;
    this.#isLooking = true;
    this.#look(due === "all")
      .catch((error) => (this.#fault = { error }))
      .finally(() => {
        this.#isLooking = false;
        this.#alarm.ring();
      });
  }

  /**
   * Looks at logs, and queues those that have something new.
   *
   * @param {boolean} isAll
   */
  async #look(isAll) {
    this.#times.start();
    let cost = 0;
    const iterator = this.#directory.looks(isAll, this.#failDirectory)[Symbol.asyncIterator]();
    for (;;) {
      const start = performance.now();
      const worked = this.#directory.worked?.() ?? -Infinity;
      const next = await iterator.next();
      // On a busy machine others work meanwhile, and other threads of this process may too.
      const spent = (this.#directory.worked?.() ?? Infinity) - worked;
      cost += Math.min(performance.now() - start, spent);
      if (next.done) break;
      for (const [id, look] of next.value) {
        const log = this.#logs.get(id);
        if (!this.#hasNews(log, look)) {
          if (log && look && !log.isSettled && showsNextChange(look.changed)) this.#checks.add(log);
          continue;
        }
        // A log that is queued was reported. A log that is not settled may not have changed.
        const isReported = log && (this.#queue.has(log) || this.#current === log);
        if (!log || (log.isSettled && log.look && !log.failure && !isReported))
          this.#times.missed();
        this.#times.found();
        this.#queue.add(log ?? this.#logOf(id));
      }
      if (this.#isEnded) return;
      this.#alarm.ring();
      await this.#turns.letOthersRun();
      if (this.#isEnded) return;
    }
    if (isAll) this.#forgetLost();
    this.#times.end(isAll, cost, this.#watch?.renew() ?? false);
  }

  /**
   * Returns whether a look at a log shows something that was not read.
   *
   * @param {Followed | undefined} log
   * @param {Look | null} look
   */
  #hasNews(log, look) {
    if (!log) return look !== null;
    if (log.failure && performance.now() >= log.failure.retryAt) return true;
    const before = log.look;
    if (!look || !before) return look !== before;
    return (
      look.version !== before.version ||
      look.size !== before.size ||
      look.identity !== before.identity
    );
  }

  /** @param {string} id */
  #logOf(id) {
    let log = this.#logs.get(id);
    if (!log) {
      log = {
        id,
        look: null,
        isSettled: false,
        deferredTo: 0,
        files: null,
        news: null,
        goneAt: 0,
        failure: null,
      };
      this.#logs.set(id, log);
    }
    return log;
  }

  #changed = (/** @type {string | null} */ id, /** @type {boolean} */ isMove) => {
    if (this.#isEnded) return;
    this.#alarm.ring();
    this.#times.reported(id === null);
    if (id === null) return;
    const log = this.#logOf(id);
    this.#queue.add(log);
    // Opened at once, because several files may come while the caller is busy with an entry. An
    // error occurs again when the file is read.
    if (isMove) log.files?.takeOver().catch(() => {});
  };

  #renamed = (/** @type {Source["identity"]} */ identity, /** @type {FollowedLog} */ file) => {
    const id = this.#owners.get(identity);
    if (this.#isEnded || id === undefined || !this.#places.has(identity) || !this.#makeRoom())
      return;
    const log = this.#logOf(id);
    log.goneAt = performance.now();
    this.#queue.add(log);
    this.#alarm.ring();
    this.#filesOf(log)
      .openRenamed(file)
      .catch(() => {});
  };

  /**
   * Reads the next new entries of a log, at most a chunk of its file. So a log that grows all the
   * time does not hold up the others.
   *
   * @param {Followed} log
   * @returns {AsyncGenerator<SessionRecord, void, void>}
   */
  async *#turnOf(log) {
    const isCheck = this.#checks.delete(log);
    this.#queue.delete(log);
    this.#current = log;
    try {
      log.news ??= await this.#newsOf(log, isCheck);
      const next = await log.news?.next();
      if (this.#isEnded) return;
      if (!next || next.done) {
        this.#settle(log);
        return;
      }
      this.#queue.add(log);
      for (const record of next.value) {
        log.goneAt = performance.now();
        yield Object.assign(record, { session: log.id });
        if (this.#isEnded) return;
      }
    } catch (error) {
      this.#fail(log, error);
    } finally {
      this.#current = null;
    }
  }

  /**
   * Starts to read what is new in a log.
   *
   * @param {Followed} log
   * @param {boolean} isCheck whether to read it though no look shows a change
   */
  async #newsOf(log, isCheck) {
    if (!log.files && performance.now() < log.deferredTo) return null;
    const look = await this.#directory.look(log.id);
    if (this.#isEnded) return null;
    if (!look && log.look) log.goneAt = performance.now();
    const isKnown = log.look !== null && !log.files && !log.failure && !isCheck;
    if (look && isKnown && !this.#hasNews(log, look)) return null;
    // The file that was read before may be found under another name. It is read first.
    if (look && !log.files && log.look && log.look.identity !== look.identity) {
      this.#defer(log);
      return null;
    }
    log.look = look;
    log.isSettled = look !== null && showsNextChange(look.changed);
    if (look && !(await this.#claim(log, look.identity))) return null;
    if (!log.files && look) {
      if (!this.#makeRoom()) {
        this.#defer(log);
        return null;
      }
      await this.#filesOf(log).open(0);
    }
    if (!log.files) return null;
    // Those that were read last are at the end.
    this.#open.delete(log);
    this.#open.add(log);
    return log.files.news();
  }

  /**
   * Notes that a log was read to its end.
   *
   * @param {Followed} log
   */
  #settle(log) {
    log.news = null;
    if (performance.now() < log.deferredTo) return;
    const { files, look } = log;
    if (files) log.failure = null;
    if (files?.isOpening) {
      this.#readSoon(log);
      return;
    }
    if (files?.count === 0) this.#forgetFiles(log);
    const isGone = look === null && performance.now() < log.goneAt + GONE_TIME;
    // There was no room for the file that is at the path now.
    const isBehind = look !== null && log.files?.has(look.identity) === false;
    if (log.files && (log.files.isRestless || isGone || isBehind)) {
      this.#readSoon(log);
      return;
    }
    this.#restless.delete(log);
    if (look !== null) return;
    this.#putAside(log);
    if (!this.#queue.has(log)) this.#logs.delete(log.id);
  }

  /** @param {Followed} log */
  #readSoon(log) {
    if (this.#restless.size === 0) this.#nextRestless = performance.now() + RESTLESS_INTERVAL;
    this.#restless.add(log);
  }

  /**
   * Lets a log wait that cannot be opened yet.
   *
   * @param {Followed} log
   */
  #defer(log) {
    log.deferredTo = performance.now() + RESTLESS_INTERVAL;
    // So that the next look shows something new.
    log.look = null;
    this.#readSoon(log);
  }

  /**
   * Notes that a file is the log's, if another log does not have it.
   *
   * @param {Followed} log
   * @param {Source["identity"]} identity
   */
  async #claim(log, identity) {
    const owner = this.#owners.get(identity);
    if (owner !== undefined && owner !== log.id) {
      const there = await this.#directory.look(owner);
      const before = this.#logs.get(owner);
      if (there?.identity === identity) {
        // A file that has two names is followed by the first one.
        if (before) this.#queue.add(before);
        return false;
      }
      // The file was renamed. Its old log may not have returned all that was read.
      if (before?.files?.has(identity)) {
        if (!this.#isPausable(before)) {
          this.#defer(log);
          return false;
        }
        this.#pause(before);
        before.files.release(identity);
        if (before.files.count === 0) this.#forgetFiles(before);
      }
    }
    this.#owners.set(identity, log.id);
    return true;
  }

  /** @param {Followed} log */
  #filesOf(log) {
    this.#open.add(log);
    const { onDamage } = this.#events;
    return (log.files ??= new LogFiles(
      this.#directory.followed(log.id),
      this.#reading,
      onDamage && ((damage) => onDamage({ session: log.id, ...damage })),
      {
        take: (identity) => {
          if ((this.#owners.get(identity) ?? log.id) !== log.id) {
            // Its next turn claims the file.
            this.#queue.add(log);
            return null;
          }
          this.#owners.set(identity, log.id);
          const place = this.#places.get(identity);
          this.#places.delete(identity);
          return place;
        },
        keep: (identity, place) => {
          if (this.#owners.get(identity) === log.id) this.#places.set(identity, place);
        },
        hasRoom: () => this.#makeRoom(),
      },
    ));
  }

  /** @param {Followed} log */
  #forgetFiles(log) {
    log.files?.close();
    log.files = null;
    this.#open.delete(log);
  }

  /**
   * Returns whether all that was read of a log was returned, or can be read again.
   *
   * @param {Followed} log
   */
  #isPausable(log) {
    if (log === this.#current || !log.files || log.files.isOpening) return false;
    return log.news === null || log.files.count === 1;
  }

  /** @param {Followed} log */
  #pause(log) {
    if (!log.news) return;
    void log.news.return();
    log.news = null;
    this.#queue.add(log);
  }

  /**
   * Closes the files of a log, and remembers the places in them.
   *
   * @param {Followed} log
   */
  #putAside(log) {
    this.#pause(log);
    while (log.files && log.files.count > 0) log.files.release();
    this.#forgetFiles(log);
  }

  /**
   * Closes files that were not read for long, until another file may be opened.
   *
   * @returns {boolean} false when too many files must stay open
   */
  #makeRoom() {
    let count = 0;
    for (const { files } of this.#open) count += files?.mostOpen ?? 0;
    // Files that are no longer at the path of their log are kept for longer.
    for (const isLast of [false, true]) {
      for (const log of this.#open) {
        if (count < MAX_OPEN) return true;
        const own = log.files?.count ?? 0;
        if (!this.#isPausable(log) || (own > 1 && !isLast)) continue;
        this.#putAside(log);
        count -= own;
      }
    }
    return count < MAX_OPEN;
  }

  /** Forgets the places in files that no log has for long. */
  #forgetLost() {
    const now = performance.now();
    const lost = new Map(this.#lost);
    this.#lost.clear();
    for (const [identity, id] of this.#owners) {
      const log = this.#logs.get(id);
      if (log?.look?.identity === identity || log?.files?.has(identity)) continue;
      const since = lost.get(identity) ?? now;
      if (now < since + LOST_TIME) this.#lost.set(identity, since);
      else {
        this.#places.delete(identity);
        this.#owners.delete(identity);
      }
    }
  }

  /**
   * Takes marks of the ends of logs that were only seen. So it is noticed when such a log is
   * rewritten before it grows.
   */
  async #takeMarks() {
    for (const log of this.#unmarked.splice(-MARKS_AT_ONCE)) {
      const identity = log.look?.identity;
      const place = identity && this.#places.get(identity);
      if (!place || !("seen" in place)) continue;
      try {
        const now = await this.#directory.look(log.id);
        if (now?.version !== log.look?.version) continue;
        const opened = await this.#directory.followed(log.id).open();
        if (!opened) continue;
        const { source, size, tail } = opened;
        if (source.identity === identity && size === place.seen) place.tail = tail;
        await source.close();
      } catch {
        // It is reported when the log is read.
      }
    }
  }

  /**
   * Reports why a log cannot be read. It is tried again when its file changes, or after a while.
   *
   * @param {Followed} log
   * @param {unknown} error
   */
  #fail(log, error) {
    // What is read from a server may fail because it ended.
    if (this.#isEnded && error instanceof SkillLogError) return;
    if (!(error instanceof SkillLogError) || isFatal(error)) throw error;
    log.news = null;
    this.#putAside(log);
    // A look shows whether it changes.
    this.#queue.delete(log);
    // The file was removed. It may come again.
    if (error.code === "NOT_FOUND") return;
    const text = `${error.code} ${error.message}`;
    const isNew = log.failure?.text !== text;
    const retryAt = error.code === "IO_ERROR" ? performance.now() + RETRY_INTERVAL : Infinity;
    log.failure = { text, retryAt };
    if (isNew) reportFailure(this.#events.onFailure, error, log.id);
  }

  #failDirectory = (/** @type {unknown} */ error, /** @type {string} */ path) => {
    if (!(error instanceof SkillLogError)) throw error;
    reportFailure(this.#events.onFailure, error, path);
  };
}
