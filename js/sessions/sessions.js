// Many logs as one: those of a directory, or of a list of files.

import { LogIndex as Core } from "../../dist/skill_log.js";
import { cacheFiles, storedLogs } from "#storage";
import { checkMaker, failing, invalidArgument, OWN, SkillLogError } from "../errors.js";
import { contentsOf } from "../indexing/log-contents.js";
import { followArchived } from "../following/archived-logs.js";
import { areIdsBelow, followLogs } from "../following/follow-logs.js";
import { LogFacts } from "../indexing/log-facts.js";
import { LogIndex } from "../indexing/log-index.js";
import { showBy } from "../inspected.js";
import {
  checkOnDamage,
  checkSignal,
  DEFAULT_MAX_LINE_BYTES,
  checkOptions,
  httpOptions,
  indexOptions,
  progressOptions,
} from "../options.js";
import { RemoteLogs } from "../remote/remote-logs.js";
import { logOf } from "../session-log.js";
import { checkSessionPath, nameIn } from "../session-id.js";
import { isHttpUrl, refuseHttpOptions } from "../storage/http-url.js";
import { giveBack, startedModule } from "../wasm/core.js";
import { countCached } from "./count-cached.js";
import { ManyLogs } from "./many-logs.js";
import { keepParts } from "./parts.js";
import { RowCache } from "./row-cache.js";
import { NO_CONTENTS, SummaryCache } from "./summary-cache.js";
import { verifyMany } from "./verify-many.js";
import { ScanThreads, threadsOption } from "../threads/scan-threads.js";

/** @import { CachedCounts, CountOptions, Directory, FileSource, FollowLogsOptions, IndexOptions, InputAs, InputOf, IntegerOf, Integers, ProgressOptions, SessionInfo, SessionRecord, SessionReport, SessionSummary, SessionsOptions, VerifyManyOptions } from "../types.js" */
/** @import { SessionLog } from "../session-log.js" */
/** @import { CacheFiles, StoredLogs } from "../storage/storage.js" */
/** @import { ReadLog, SavedLogs, Wanted } from "./many-logs.js" */
/** @import { Contents } from "./summary-cache.js" */

const OPTIONS = ["recursive", "links", "cache", "threads", "workerUrl"];

/** The options for sessions on a server. */
const SERVER_OPTIONS = ["headers", "fetch"];

/**
 * Many logs as one: those of a directory, or of a list of files.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class Sessions {
  /** @type {StoredLogs} */
  #logs;
  /** @type {RemoteLogs | null} those of a server */
  #remote;
  #threads;
  #files;
  /** @type {Set<{ close(): void }>} what follows, until it ends */
  #followers = new Set();
  #isClosed = false;
  /** @type {Set<RowCache | SummaryCache>} those that may be written */
  #caches = new Set();

  /**
   * Use `Sessions.open`.
   *
   * @param {symbol} maker
   * @param {StoredLogs} logs
   * @param {number} threads
   * @param {CacheFiles | null} files those of the cache
   * @internal
   */
  constructor(maker, logs, threads, files) {
    checkMaker(maker, "Sessions", "Sessions.open");
    this.#logs = logs;
    this.#remote = logs instanceof RemoteLogs ? logs : null;
    this.#threads = new ScanThreads(logs, threads);
    this.#files = files;
    if (!this.#remote) keepParts(this, { logs, many: (wanted) => this.#many(wanted) });
    showBy(new.target, "Sessions", ({ path }) => ({ path }));
  }

  /**
   * Opens the logs of a directory, of a list of files, or of a server. Looks at no file yet, and sends
   * no request.
   *
   * An `http:` or `https:` URL is that of a server which answers by `serveSessions`, as
   * `skill-log view` does. Its logs can only be read. A token in the fragment, `#token=…`, is sent as
   * `Authorization: Bearer …`.
   *
   * @template [Input=any]
   * @template {string} [Status=string]
   * @param {Directory | readonly FileSource[]} source
   * @param {SessionsOptions} [options]
   * @returns {Promise<Sessions<Input, Status>>}
   */
  static async open(source, options) {
    if (isHttpUrl(source)) {
      const http = httpOptions(checkOptions(options, SERVER_OPTIONS));
      // They are opened and followed as others. No more of them is asked for.
      const logs = /** @type {any} */ (new RemoteLogs(source, http));
      return new Sessions(OWN, logs, 1, null);
    }
    refuseHttpOptions(Object(options));
    const {
      recursive = false,
      links = false,
      cache = false,
      threads,
      workerUrl,
    } = checkOptions(options, [...OPTIONS, ...SERVER_OPTIONS]);
    for (const [name, value] of Object.entries({ recursive, links }))
      if (typeof value !== "boolean")
        throw invalidArgument(`options.${name}`, value, "true or false");
    if (typeof cache !== "boolean" && (typeof cache !== "string" || cache === ""))
      throw invalidArgument("options.cache", cache, "true, false or a directory");
    const count = threadsOption(threads);
    const logs = await storedLogs(source, { recursive, links, workerUrl });
    const files = cache === false ? null : cacheFiles(cache === true ? undefined : cache);
    return new Sessions(OWN, logs, count, files);
  }

  /**
   * Returns how many bytes the caches have that `Sessions.open` wrote with the option `cache`.
   *
   * @param {string} [directory] the one that the option named; default: the user's cache directory
   * @returns {Promise<number>}
   */
  static async cacheSize(directory) {
    return (await filesOf(directory)?.size()) ?? 0;
  }

  /**
   * Removes these caches.
   *
   * @param {string} [directory] as `cacheSize`
   * @returns {Promise<void>}
   */
  static async clearCache(directory) {
    await filesOf(directory)?.clear();
  }

  /** The path of the directory, where other programs know it by a path; or the URL of the server. */
  get path() {
    return this.#logs.path;
  }

  #checkOpen() {
    if (this.#isClosed)
      throw new SkillLogError("CLOSED", "the sessions were closed: open them again to go on");
  }

  /**
   * Opens the log of a session, to append and read; those of a list of files only to read.
   *
   * @param {string} id
   * @returns {SessionLog<Input, Status>}
   * @throws {SkillLogError} `INVALID_SESSION_ID`; `NOT_FOUND` when a list has no such log
   */
  open(id) {
    this.#checkOpen();
    const { isList = false } = this.#logs;
    return logOf(this.#logs.storedLog(isList ? id : checkSessionPath(id)), nameIn(id));
  }

  /**
   * Lists the logs, the newest first, with what each holds. The first ones come before the last log
   * was opened. With a cache, only the logs that changed are read.
   *
   * @param {ProgressOptions} [options]
   * @returns {AsyncGenerator<SessionSummary, void, void>}
   */
  async *list(options) {
    this.#checkOpen();
    const progress = progressOptions(options);
    const { signal } = progress;
    signal?.throwIfAborted();
    if (this.#remote) {
      yield* this.#remote.list(progress);
      return;
    }
    const core = startedModule() && new Core();
    const facts = new LogFacts();
    const summaries = this.#cached(SummaryCache);
    const many = this.#many({ newestFirst: true, onFailure: () => {}, summaries });
    const text = textsOf(core);
    /** @type {ReadLog[]} */
    let read = [];
    let page = FIRST_PAGE;
    /** @type {Map<number, Contents>} */
    const fresh = new Map();
    let count = 0;
    const steps = many.steps(core, facts, progress);
    try {
      for (let isDone = false; !isDone; ) {
        const { value, done } = await steps.next();
        isDone = done === true;
        for (const each of value ?? []) read.push(each);
        if (!isDone && read.length < page) continue;
        // All rows that are held are counted anew for each page, so pages grow.
        page = many.keepsRows ? 4 * page : Math.min(4 * page, LARGEST_PAGE);
        const logs = read.filter(({ log }) => log >= 0).map(({ log }) => log);
        const contents = contentsOf(core, facts, text, logs).values();
        for (const { found: logs, at, log, position, error } of read) {
          const isKnown = summaries !== null && position >= 0;
          const found = isKnown ? summaries.contentsAt(position) : NO_CONTENTS;
          const own = (log >= 0 && contents.next().value) || found;
          if (summaries && !isKnown && error === undefined) fresh.set(count, own);
          count += 1;
          yield summaryOf(logs.info(at), own, error);
        }
        read = [];
        if (!many.keepsRows) core.drop_rows();
      }
      summaries?.save(fresh);
    } finally {
      await steps.return();
      giveBack(() => core.free());
    }
  }

  /**
   * Indexes the logs: one index of all their entries.
   *
   * @param {IndexOptions} [options]
   * @returns {Promise<LogIndex<Input, Status>>}
   */
  async index(options) {
    this.#checkOpen();
    const { ids, onFailure, onStart, ...progress } = indexOptions(options, ["ids", "onFailure"]);
    checkOnFailure(onFailure);
    /** @type {LogIndex<any, any>} */
    const index = new LogIndex(
      OWN,
      this.#remote
        ? this.#remote.indexed(idsOption(ids), onFailure)
        : this.#many({
            ids: idsOption(ids),
            newestFirst: false,
            onFailure,
            onSave: (saved) => this.#saveSummaries(saved),
          }),
    );
    onStart?.(index);
    await index.refresh(progress);
    return index;
  }

  /**
   * Counts the entries that have a text, in each log that the cache knows to be clean and that has not
   * changed. Opens each once, and makes no index: of ten thousand logs, the counts come in a fraction
   * of the time.
   *
   * @param {string} text is found where `LogIndex.search` finds it
   * @param {CountOptions} [options]
   * @returns {Promise<CachedCounts | null>} the counts, and the logs that are left, in any order; null
   *   where an index serves better: without a cache, with `recursive`, for a server, in browsers, when
   *   many logs are left or all are more than 1 GiB, and for a text that timestamps may have
   */
  async countCached(text, options) {
    this.#checkOpen();
    if (typeof text !== "string") throw invalidArgument("text", text, "a string");
    const { signal, ignoreCase = false } = checkOptions(options, ["signal", "ignoreCase"]);
    checkSignal(signal);
    if (typeof ignoreCase !== "boolean")
      throw invalidArgument("options.ignoreCase", ignoreCase, "true or false");
    signal?.throwIfAborted();
    const summaries = this.#cached(SummaryCache);
    if (!summaries || this.#logs.isKeyShared) return null;
    return countCached(this.#logs, this.#threads, summaries, { text, ignoreCase, signal });
  }

  /**
   * Writes what a list says of the logs of an index.
   *
   * @param {SavedLogs} saved
   */
  #saveSummaries({ core, facts, found, numbers }) {
    const summaries = this.#cached(SummaryCache);
    if (!summaries) return;
    summaries.match(found);
    const contents = contentsOf(core, facts, textsOf(core), [...numbers.values()]);
    let next = 0;
    summaries.save(new Map(Array.from(numbers.keys(), (at) => [at, contents[next++]])));
  }

  /**
   * Returns the entries of all logs, then the entries that any process appends to any log, also to
   * new logs. Returns each once, and the entries of each log in the order of its file. Never ends
   * by itself.
   *
   * What happens to a file is noticed as `SessionLog.follow` notices it. A file that is renamed to
   * another log goes on there, and a file that has two names is followed by one of them. At most 64
   * files are open at once. A log that was quiet while others grew is not open: entries may be
   * missed that are appended less than a moment before it is removed.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {FollowLogsOptions<As, I>} [options]
   * @returns {AsyncGenerator<SessionRecord<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>}
   * @throws {SkillLogError} from a step, and never from the call: `INVALID_ARGUMENT`, `CLOSED`;
   *   `IO_ERROR` when the directory cannot be listed
   */
  follow(options) {
    try {
      this.#checkOpen();
    } catch (error) {
      return failing(error);
    }
    const follow = (/** @type {FollowLogsOptions | undefined} */ options) =>
      /** @type {AsyncGenerator<any>} */ (
        followLogs((ids) => this.#logs.followed(ids), options, this.#followers)
      );
    const { ids } = options ?? {};
    // Wrong options are refused where the logs are followed.
    const isWrong = options === null || !(ids === undefined || areIdsBelow(ids));
    const archived = () => this.#logs.archived?.(ids) ?? new Map();
    if (isWrong || archived().size === 0) return follow(options);
    return /** @type {AsyncGenerator<any>} */ (followArchived(archived, options ?? {}, follow));
  }

  /**
   * Reads every log, and reports what each holds. Changes nothing.
   *
   * @param {VerifyManyOptions} [options]
   * @returns {Promise<SessionReport[]>} by session id
   */
  async verify(options) {
    this.#checkOpen();
    const { onDamage, onFailure, ids, ...progress } = progressOptions(
      options,
      [],
      ["onDamage", "onFailure", "ids"],
    );
    checkOnDamage(onDamage);
    checkOnFailure(onFailure);
    if (this.#remote)
      return this.#remote.verify({ ...progress, onDamage, onFailure, ids: idsOption(ids) });
    return verifyMany(this.#logs, this.#threads, {
      ...progress,
      onDamage,
      onFailure,
      ids: idsOption(ids),
      maxLineBytes: DEFAULT_MAX_LINE_BYTES,
    });
  }

  /** @param {Omit<Wanted, "maxLineBytes">} wanted */
  #many(wanted) {
    const cache = this.#cached(RowCache);
    return new ManyLogs(this.#logs, this.#threads, cache, {
      ...wanted,
      maxLineBytes: DEFAULT_MAX_LINE_BYTES,
    });
  }

  /**
   * Makes a cache of the logs.
   *
   * @template {RowCache | SummaryCache} Cache
   * @param {new (files: CacheFiles, key: string | Promise<string>) => Cache} Made
   * @returns {Cache | null} null where nothing is cached
   */
  #cached(Made) {
    const key = this.#files && this.#logs.cacheKey;
    if (!this.#files || !key) return null;
    const cache = new Made(this.#files, key);
    this.#caches.add(cache);
    return cache;
  }

  /** Ends what follows and the threads, and waits until the cache is written. */
  async close() {
    this.#isClosed = true;
    for (const follower of this.#followers) follower.close();
    this.#threads.close();
    this.#remote?.close();
    await Promise.all([...this.#caches].map((cache) => cache.close()));
  }

  /** Closes the sessions at the end of an `await using` block. */
  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/** @param {unknown} directory */
function filesOf(directory) {
  if (directory !== undefined && (typeof directory !== "string" || directory === ""))
    throw invalidArgument("directory", directory, "a path");
  return cacheFiles(directory);
}

/**
 * Returns a function that returns the texts of an index, and asks for each once.
 *
 * @param {Core} core
 */
function textsOf(core) {
  /** @type {string[][]} */
  const texts = [[], [], [], []];
  return (/** @type {number} */ column, /** @type {number} */ code) =>
    (texts[column][code] ??= core.text(column, code));
}

/**
 * @param {SessionInfo} info
 * @param {Contents} contents
 * @param {unknown} error
 * @returns {SessionSummary}
 */
function summaryOf(info, contents, error) {
  const { id, modified, unsafe, archived } = info;
  const { entries, damaged, pending, foreign } = contents;
  const isUsual = unsafe === undefined && !archived && error === undefined && entries > 0;
  if (!isUsual) return { ...info, ...contents, ...(error !== undefined && { error }) };
  // The same as the others, in a tenth of the time.
  const { bytes = info.bytes, first, last, skill, final_status } = contents;
  return {
    id,
    bytes,
    modified,
    entries,
    first,
    last,
    skill,
    final_status,
    damaged,
    pending,
    foreign,
  };
}

/** Logs of the first page of a list, and of the largest whose rows are dropped. */
const FIRST_PAGE = 64;
const LARGEST_PAGE = 512;

/** @param {unknown} onFailure */
function checkOnFailure(onFailure) {
  if (onFailure !== undefined && typeof onFailure !== "function")
    throw invalidArgument("options.onFailure", onFailure, "a function");
}

/** @param {unknown} ids */
function idsOption(ids) {
  if (ids === undefined) return undefined;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string"))
    throw invalidArgument("options.ids", ids, "an array of session ids");
  return new Set(ids);
}
