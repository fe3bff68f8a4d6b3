import { encodeLines } from "./entry/codec.js";
import { DamageWarning } from "./damage/warning.js";
import { checkMaker, failing, invalidArgument, OWN, SkillLogError } from "./errors.js";
import { Follower } from "./following/follower.js";
import { showBy } from "./inspected.js";
import { fewLogs } from "./indexing/few-logs.js";
import { LogIndex } from "./indexing/log-index.js";
import { OneLog } from "./indexing/one-log.js";
import { bytesOf } from "./reading/bytes.js";
import { linesForwards } from "./reading/lines.js";
import { recordsBackwards, recordsForwards } from "./reading/records.js";
import {
  READ_OPTIONS,
  REDACT_OPTIONS,
  checkDoubtful,
  checkOnChunk,
  checkOnDamage,
  checkOptions,
  checkSignal,
  followedFromOption,
  httpOptions,
  maxLineBytesOption,
  modeOption,
  offsetOption,
  indexOptions,
  progressOptions,
  readingOptions,
  syncOption,
} from "./options.js";
import { repairFile } from "./damage/repair.js";
import { changedTexts } from "./redaction/changed-texts.js";
import { redactionOf } from "./redaction/redaction.js";
import { loadShapes } from "./redaction/shapes.js";
import { checkSessionId } from "./session-id.js";
import { asText } from "./storage/compressed/as-text.js";
import { longInParts } from "./threads/log-parts.js";
import { threadsOption } from "./threads/scan-threads.js";
import { openFile, scanAccess, storedLog } from "#storage";
import { damageOf, EMPTY_REPORT, verifySource } from "./damage/verify.js";

/** @import { AppendOptions, AppendResult, BytesOptions, Damage, Directory, Entry, EntryInput, FileSource, FollowOptions, FromOptions, IndexLogOptions, InputAs, InputOf, IntegerOf, Integers, LastOptions, LinesOptions, LogRecord, OpenOptions, PlainBytes, RangeOptions, ReadOptions, RepairOptions, RepairReport, Report, Sync, VerifyOptions } from "./types.js" */
/** @import { DamagedLine, FollowedLog, Source, StoredLog, WriteOptions } from "./storage/storage.js" */
/** @import { Redaction } from "./redaction/redaction.js" */
/** @import { Reading } from "./reading/batches.js" */

const APPEND_OPTIONS = ["sync", "maxLineBytes", "mode", "dirMode", ...REDACT_OPTIONS];
const FROM_OPTIONS = ["workerUrl", "headers", "fetch", "signal"];
const OPEN_OPTIONS = [...APPEND_OPTIONS, "workerUrl"];
const RANGE_OPTIONS = [...READ_OPTIONS, "from", "to", "reverse"];
const LINES_OPTIONS = [
  ...["strict", "onDamage", "maxLineBytes", "doubtful", "signal"],
  ...["from", "to", "onChunk"],
];
const FOLLOW_OPTIONS = [...READ_OPTIONS, "from"];
const LAST_FIELDS = /** @type {const} */ (["skill", "phase", "final_status"]);
const LAST_OPTIONS = [...READ_OPTIONS, "count", ...LAST_FIELDS];

/**
 * What the package may do with a log that callers may not.
 *
 * @typedef {object} Access
 * @property {(chunks: AsyncIterable<Uint8Array>, sync?: Sync) => Promise<number>} create makes the
 *   log, with these bytes, in one step
 * @property {(signal?: AbortSignal) => Promise<Source>} open opens the log to read it; the caller closes
 *   it
 * @property {() => Promise<void>} leave closes the log, and waits for no sync of `{ within }`
 * @property {() => any} indexed returns the log for an index, a `OneLog`: a public declaration cannot
 *   name the type
 */

/** @type {WeakMap<object, Access>} */
const accesses = /* @__PURE__ */ new WeakMap();

/** The options of an append, checked. @typedef {WriteOptions & { redaction: Redaction | null }} Appending */

/**
 * Checks append options, and fills in the defaults.
 *
 * @param {AppendOptions | undefined} options
 * @param {Appending} defaults
 * @returns {Appending}
 */
function appendOptions(options, defaults) {
  if (options === undefined) return defaults;
  const { sync } = checkOptions(options, APPEND_OPTIONS);
  return {
    sync: syncOption(sync) ?? defaults.sync,
    maxLineBytes: maxLineBytesOption(options, defaults.maxLineBytes),
    mode: modeOption(options.mode, "mode", defaults.mode),
    dirMode: modeOption(options.dirMode, "dirMode", defaults.dirMode),
    redaction:
      options.redact === undefined && options.maxStringBytes === undefined
        ? defaults.redaction
        : redactionOf(options, defaults.redaction),
  };
}

/** @type {Appending} */
const DEFAULTS = {
  sync: false,
  maxLineBytes: maxLineBytesOption(undefined),
  mode: 0o600,
  dirMode: 0o700,
  redaction: null,
};

/**
 * The log of one session, to append and read; or any file, to read.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class SessionLog {
  #sessionId;
  #path;
  #options;
  /** @type {StoredLog | null} null where the log can only be read */
  #storedLog;
  /** @type {(signal?: AbortSignal) => Promise<Source | null>} */
  #open;
  /** @type {FollowedLog | null} null where the source is a snapshot */
  #followed;
  /** @type {Set<Follower>} those that have not ended */
  #followers = new Set();
  #closed = false;

  /**
   * Use `SessionLog.open` or `SessionLog.from`.
   *
   * @param {symbol} maker
   * @param {string | undefined} sessionId
   * @param {string | undefined} path
   * @param {Appending} options
   * @param {StoredLog | null} storage
   * @param {(signal?: AbortSignal) => Promise<Source | null>} open
   * @param {FollowedLog | null} followed
   * @internal
   */
  constructor(maker, sessionId, path, options, storage, open, followed) {
    checkMaker(maker, "SessionLog", "SessionLog.open or SessionLog.from");
    this.#sessionId = sessionId;
    this.#path = path;
    this.#options = options;
    this.#storedLog = storage;
    this.#open = open;
    this.#followed = followed;
    showBy(new.target, "SessionLog", ({ id, path }) => ({ id, path }));
    accesses.set(this, {
      create: (chunks, sync = options.sync) =>
        this.#writable().create(chunks, { ...options, sync }),
      open: (signal) => this.#existing(signal),
      leave: () => storage?.leave?.() ?? this.close(),
      indexed: () => this.#indexed(),
    });
  }

  /**
   * Opens the log of a session, to append and read. The first append makes its file and directory.
   *
   * @template [Input=any]
   * @template {string} [Status=string]
   * @param {Directory} dir the directory of the logs
   * @param {string} sessionId
   * @param {OpenOptions} [options] the defaults of each append
   * @returns {Promise<SessionLog<Input, Status>>}
   * @throws {SkillLogError} `INVALID_SESSION_ID`; `IO_ERROR` where the shapes of secrets cannot be
   *   loaded
   */
  static async open(dir, sessionId, options) {
    const log = openLog(dir, sessionId, options);
    // Loaded now, so that each append writes when it is called.
    if (log.#options.redaction?.needsShapes) await loadShapes();
    return log;
  }

  /**
   * Opens any file to read it in place.
   *
   * A file at an `http:` or `https:` URL is read by range requests. A server without range requests
   * sends the whole file for each reading. Each reading returns the file as it is when the reading
   * starts, and follows nothing.
   *
   * @template [Input=any]
   * @template {string} [Status=string]
   * @param {FileSource} source
   * @param {FromOptions} [options]
   * @returns {Promise<SessionLog<Input, Status>>}
   * @throws {SkillLogError} `NOT_FOUND`, `NOT_A_REGULAR_FILE`, `FILE_CHANGED`, `IO_ERROR`
   */
  static async from(source, options) {
    const { workerUrl, signal, ...rest } = checkOptions(options, FROM_OPTIONS);
    checkSignal(signal);
    const http = httpOptions(rest);
    signal?.throwIfAborted();
    const file = await openFile(source, { workerUrl, ...http }, signal);
    const { path, open, followed } = await asText(file, signal);
    return new SessionLog(OWN, undefined, path, DEFAULTS, null, open, followed);
  }

  /** The session id. Undefined where `SessionLog.from` opened the log. */
  get id() {
    return this.#sessionId;
  }

  /**
   * Where the log is. In Node: the absolute path of its file, whether that exists or not. On a
   * server: the URL, where `?…` replaces the query, because signed URLs have their secret there.
   * Undefined for a Blob, for bytes, and for files in a browser.
   */
  get path() {
    return this.#path;
  }

  #checkOpen() {
    if (this.#closed)
      throw new SkillLogError("CLOSED", "the log was closed: open it again to go on");
  }

  /**
   * Opens the log to read it.
   *
   * @param {AbortSignal} [signal]
   * @throws {SkillLogError} `NOT_FOUND`
   */
  async #existing(signal) {
    this.#checkOpen();
    signal?.throwIfAborted();
    const source = await this.#open(signal);
    if (source) return source;
    const path = this.#path;
    throw new SkillLogError("NOT_FOUND", `${path ?? this.#sessionId}: no such log`, {
      ...(path !== undefined && { path }),
    });
  }

  #indexed() {
    this.#checkOpen();
    return new OneLog(this.#open, this.#options.maxLineBytes);
  }

  #writable() {
    this.#checkOpen();
    if (!this.#storedLog)
      throw new SkillLogError(
        "READ_ONLY",
        "a log that SessionLog.from opened can only be read: use SessionLog.open",
      );
    return this.#storedLog;
  }

  /**
   * Appends one entry, or several by one write.
   *
   * In Node the entries are in the file when the call returns, before its promise resolves. In a
   * browser they are when it resolves. From then on they survive the end of the process. They
   * survive a loss of power after a call with `sync: true` resolved. With `sync: { within }` the
   * sync starts at most that many milliseconds later, and serves all appends until then.
   *
   * The first append with `redact: true` loads the shapes of secrets, unless `SessionLog.open` was
   * given this option. Until its promise resolves, its entries may not be changed, and later appends
   * may be written before it.
   *
   * @param {EntryInput<Input, Status> | readonly EntryInput<Input, Status>[]} entry
   * @param {AppendOptions} [options]
   * @returns {Promise<AppendResult>} the bytes written, and what was replaced or cut; if a torn last
   *   line was sealed, its line end counts too
   * @throws {SkillLogError} `INVALID_ENTRY` or `LINE_TOO_LONG`, and nothing is written; `IO_ERROR`;
   *   `WRITE_FAILED`, with the bytes that were `written`; `SYNC_FAILED`; `NOT_A_REGULAR_FILE`;
   *   `READ_ONLY`; `CLOSED`
   */
  async append(entry, options) {
    this.#writable();
    const checked = appendOptions(options, this.#options);
    const { maxLineBytes, redaction } = checked;
    const entries = Array.isArray(entry) ? entry : [entry];
    if (entries.length === 0) return { bytes: 0 };
    if (redaction?.needsShapes) await loadShapes();
    // Again, because the log may have been closed meanwhile.
    const storage = this.#writable();
    const texts = redaction && changedTexts(redaction);
    const isOne = entries.length === 1;
    const filterOf = texts && ((/** @type {number} */ at) => texts.of(isOne ? undefined : at));
    let lines;
    try {
      lines = encodeLines(entries, this.#sessionId, maxLineBytes, false, filterOf);
    } catch (error) {
      texts?.hideIn(error);
      throw error;
    }
    const written = storage.append(lines, checked);
    const bytes = typeof written === "number" ? written : await written;
    return texts ? { bytes, ...texts.changes } : { bytes };
  }

  /**
   * Reads every entry that can be read, in the order of the file.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {ReadOptions<As, I>} [options]
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} empty where there is no
   *   log
   * @throws {SkillLogError} in strict reading `INVALID_LINE` or `LINE_TOO_LONG`, with the `entries`
   *   before the line
   */
  async read(options) {
    checkOptions(options, READ_OPTIONS);
    /** @type {Entry<any, any, any>[]} */
    const entries = [];
    try {
      for await (const batch of this.#batches(options))
        for (const { entry } of batch) entries.push(entry);
    } catch (error) {
      if (
        error instanceof SkillLogError &&
        (error.code === "INVALID_LINE" || error.code === "LINE_TOO_LONG")
      )
        error.entries = entries;
      throw error;
    }
    return entries;
  }

  /**
   * Reads the last entries, from the end of the file back, so that a long log is not read.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {LastOptions<As, I>} [options] default: the last entry of all
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} in the order of the file;
   *   fewer than `count` where there are no more
   */
  async last(options) {
    const { count = 1, ...rest } = checkOptions(options, LAST_OPTIONS);
    if (!Number.isSafeInteger(count) || count < 1)
      throw invalidArgument("options.count", count, "a whole number above 0");
    /** @type {[field: (typeof LAST_FIELDS)[number], text: string][]} */
    const wanted = [];
    for (const field of LAST_FIELDS) {
      const text = rest[field];
      delete rest[field];
      if (text === undefined) continue;
      if (typeof text !== "string") throw invalidArgument(`options.${field}`, text, "a string");
      wanted.push([field, text]);
    }
    /** @type {Entry<any, any, any>[]} */
    const entries = [];
    for await (const { entry } of this.records({ ...rest, reverse: true })) {
      // An absent phase is an empty one.
      if (wanted.every(([field, text]) => (entry[field] ?? "") === text)) entries.push(entry);
      if (entries.length === count) break;
    }
    return entries.reverse();
  }

  /**
   * Reads entries one by one, in bounded memory.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {RangeOptions<As, I>} [options]
   * @returns {AsyncGenerator<Entry<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>}
   */
  async *entries(options) {
    for await (const { entry } of this.records(options)) yield entry;
  }

  /**
   * Reads entries one by one, each with its offset, length and end in the file, in bounded memory.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {RangeOptions<As, I>} [options]
   * @returns {AsyncGenerator<LogRecord<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>}
   */
  async *records(options) {
    checkOptions(options, RANGE_OPTIONS);
    for await (const batch of this.#batches(options)) {
      for (const record of batch) {
        yield/** @type {LogRecord<any, any, any>} */ (record);
        options?.signal?.throwIfAborted();
      }
    }
  }

  /**
   * Returns the canonical line of each entry, many lines at a time: for a file, a pipe or a
   * response. Makes no object of an entry, and is several times as fast as `entries` and `encode`.
   *
   * Every JSON parser reads these lines. In `input`, U+FFFD replaces lone surrogates and bytes that
   * are not UTF-8. A timestamp whose offset from UTC is a day or more is written in UTC.
   *
   * @param {LinesOptions} [options]
   * @returns {AsyncGenerator<PlainBytes, void, void>} chunks of whole lines, each with its line end
   */
  async *lines(options) {
    const { onChunk, ...rest } = checkOptions(options, LINES_OPTIONS);
    checkOnChunk(onChunk);
    yield* this.#reading(rest, (source, reading, onDamage) =>
      linesForwards(source, { ...reading, output: "lines" }, onDamage, onChunk),
    );
  }

  /** @param {RangeOptions} [options] */
  #batches(options = {}) {
    const { reverse = false } = options;
    return this.#reading(options, (source, reading, onDamage) => {
      if (typeof reverse !== "boolean")
        throw invalidArgument("options.reverse", reverse, "true or false");
      return (reverse ? recordsBackwards : recordsForwards)(source, reading, onDamage);
    });
  }

  /**
   * Reads a range of the file, and closes the file.
   *
   * @template T
   * @param {RangeOptions} options
   * @param {(source: Source, reading: Reading, onDamage: (line: DamagedLine) => void) =>
   *   AsyncGenerator<T, void, void>} read
   */
  async *#reading(options, read) {
    this.#checkOpen();
    const { onDamage } = options;
    const reading = {
      from: offsetOption(options.from, "from", 0),
      to: offsetOption(options.to, "to", Infinity),
      ...readingOptions(options, this.#options.maxLineBytes),
    };
    reading.signal?.throwIfAborted();
    const source = await this.#open(reading.signal);
    if (!source) return;
    const warning = new DamageWarning();
    const report = onDamage ?? ((/** @type {Damage} */ damage) => warning.add(damage));
    try {
      yield* read(source, reading, (line) => report(damageOf(line)));
    } finally {
      await source.close();
      warning.report(source);
    }
  }

  /**
   * Returns bytes of the file as they are, such as those of a damaged line.
   *
   * @param {BytesOptions} [options] a range of at most 64 MiB
   * @returns {Promise<PlainBytes>} fewer than the range has where the file ends in it; none where
   *   there is no log
   */
  async bytes(options) {
    this.#checkOpen();
    const { from, to, signal } = checkOptions(options, ["from", "to", "signal"]);
    const start = offsetOption(from, "from", 0);
    const end = offsetOption(to, "to", Infinity);
    checkSignal(signal);
    signal?.throwIfAborted();
    const source = await this.#open(signal);
    if (!source) return new Uint8Array(0);
    try {
      return await bytesOf(source, start, end, signal);
    } finally {
      await source.close();
    }
  }

  /**
   * Reads the whole log once, and returns an index of it: 56 bytes for each entry, and no entry.
   *
   * @param {IndexLogOptions} [options]
   * @returns {Promise<LogIndex<Input, Status>>} empty where there is no log
   */
  async index(options) {
    const log = this.#indexed();
    const { onStart, threads, ...progress } = indexOptions(options, ["threads"]);
    const inParts = longInParts(scanAccess, threadsOption(threads));
    /** @type {LogIndex<any, any>} */
    const index = new LogIndex(OWN, fewLogs([log], [this.#sessionId], inParts));
    onStart?.(index);
    await index.refresh(progress);
    return index;
  }

  /**
   * Returns the entries of the log, then the entries that any process appends. Returns each once,
   * in the order of the file. Never ends by itself, unless a Blob or bytes are read.
   *
   * An entry is returned as soon as its last byte is in the file. In strict reading its line end
   * must be there too. Bytes that are no entry yet are waited for, and so is a log that does not
   * exist yet, or its directory.
   *
   * A file that is renamed away or replaced is read to its end, then the new file from its start.
   * For 5 seconds, entries that slow writers append to the old file are still returned. Of two
   * files that replace each other within a moment, the first may be missed.
   *
   * A file that is cut, or rewritten in place, is read from its start again, even where it has its
   * old size. A cut after the last entry changes nothing.
   *
   * Leaving the loop, `signal` or `close` ends following and frees what it holds. After `close` the
   * loop ends as if there were no more entries.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {FollowOptions<As, I>} [options] `from: "end"` is where the log ends when this is called
   * @returns {AsyncGenerator<LogRecord<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>}
   *   `end` is always valid as `from`: if the record's file was replaced, `end` is an offset in the
   *   new file
   * @throws {SkillLogError} from a step, and never from the call: `INVALID_ARGUMENT`,
   *   `NOT_A_REGULAR_FILE`, `IO_ERROR`; in strict reading `INVALID_LINE`, `LINE_TOO_LONG`
   */
  follow(options) {
    try {
      this.#checkOpen();
      const { onDamage, ...checked } = checkOptions(options, FOLLOW_OPTIONS);
      const from = followedFromOption(checked.from);
      const reading = readingOptions({ ...checked, onDamage }, this.#options.maxLineBytes);
      if (this.#followed)
        return /** @type {AsyncGenerator<any>} */ (
          new Follower(this.#followed, from, reading, onDamage, this.#followers)
        );
      // A snapshot has nothing after its end.
      return this.records({
        ...checked,
        onDamage,
        from: from === "end" ? Number.MAX_SAFE_INTEGER : from,
      });
    } catch (error) {
      return failing(error);
    }
  }

  /**
   * Reads the whole log and reports what it holds. Changes nothing.
   *
   * @param {VerifyOptions} [options]
   * @returns {Promise<Report>}
   */
  async verify(options) {
    this.#checkOpen();
    const checked = progressOptions(options, [], ["onDamage"]);
    checkOnDamage(checked.onDamage);
    checked.signal?.throwIfAborted();
    const source = await this.#open(checked.signal);
    if (!source) return { ...EMPTY_REPORT, damage: [] };
    try {
      return await verifySource(source, this.#options.maxLineBytes, checked);
    } finally {
      await source.close();
    }
  }

  /**
   * Cleans the file in place, while others may append to it.
   *
   * Saves damaged bytes to `{sessionId}.damaged`, as lines of JSON with `offset`, `length`, `kind`
   * and `base64`. Then overwrites them with line ends. Whole entries stay as they are.
   *
   * Pending bytes stay too, unless the log has not changed for a minute: then their line is ended,
   * and repaired. Lines over `maxLineBytes` stay. Whole entries that touch stay unless
   * `exclusive` is set, and lines with a doubtful piece stay unless `doubtful` is set.
   *
   * A repair that is killed at any moment can be run again. After a finished repair, another
   * changes nothing.
   *
   * @param {RepairOptions} [options]
   * @returns {Promise<RepairReport>} what the log held, and what was done
   */
  async repair(options) {
    const storage = this.#writable();
    const checked = progressOptions(options, ["dryRun", "exclusive"], ["doubtful"]);
    checkDoubtful(checked.doubtful);
    checked.signal?.throwIfAborted();
    const file = await storage.repairable();
    try {
      return await repairFile(file, this.#options.maxLineBytes, checked);
    } finally {
      await file?.close();
    }
  }

  /**
   * Closes the log after running syncs have ended, and ends its followers. What is to be synced in
   * time is synced first. Every later call but `close` rejects with `CLOSED`.
   *
   * @returns {Promise<void>}
   * @throws {SkillLogError} `SYNC_FAILED` when a sync of `{ within }` failed; `IO_ERROR`
   */
  async close() {
    this.#closed = true;
    for (const follower of this.#followers) follower.close();
    await this.#storedLog?.close();
  }

  /** Closes the log at the end of an `await using` block. */
  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/**
 * Returns what the package may do with a log.
 *
 * @param {string} name of the argument
 * @param {SessionLog<any, any>} log
 * @internal
 */
export function accessTo(name, log) {
  const access = accesses.get(log);
  if (!access) throw invalidArgument(name, log, "a SessionLog");
  return access;
}

/**
 * Opens the log of a session synchronously, so that `append` has written its entry when it returns.
 *
 * @param {Directory} dir
 * @param {string} sessionId
 * @param {OpenOptions} [options]
 * @returns {SessionLog<any, any>}
 */
export function openLog(dir, sessionId, options) {
  const { workerUrl, ...rest } = checkOptions(options, OPEN_OPTIONS);
  const storage = storedLog(dir, checkSessionId(sessionId), { workerUrl });
  return logOf(storage, sessionId, appendOptions(rest, DEFAULTS));
}

/**
 * Returns the log of a session that is stored.
 *
 * @param {StoredLog} storage
 * @param {string} sessionId
 * @param {Appending} [options]
 * @returns {SessionLog<any, any>}
 */
export function logOf(storage, sessionId, options = DEFAULTS) {
  return new SessionLog(
    OWN,
    sessionId,
    storage.path,
    options,
    storage,
    () => storage.source(),
    storage.followed(),
  );
}
