import { encodeLines } from "./entry/codec.js";
import { DamageWarning } from "./damage/warning.js";
import { checkMaker, invalidArgument, OWN, SkillLogError } from "./errors.js";
import { Follower } from "./following/follower.js";
import { showBy } from "./inspected.js";
import { LogIndex } from "./indexing/log-index.js";
import { recordsBackwards, recordsForwards } from "./reading/records.js";
import {
  DECODE_OPTIONS,
  checkDoubtful,
  checkOnDamage,
  checkOptions,
  checkSignal,
  followedFromOption,
  httpOptions,
  inputOption,
  integersOption,
  maxLineBytesOption,
  modeOption,
  offsetOption,
  progressOptions,
} from "./options.js";
import { repairFile } from "./damage/repair.js";
import { checkSessionId } from "./session-id.js";
import { openFile, storedLog } from "#storage";
import { damageOf, EMPTY_REPORT, verifySource } from "./damage/verify.js";

/** @import { AppendOptions, Damage, Directory, Entry, EntryInput, FileSource, FollowOptions, FromOptions, InputAs, InputOf, IntegerOf, Integers, LogRecord, OpenOptions, ProgressOptions, RangeOptions, ReadOptions, RepairOptions, RepairReport, Report, VerifyOptions } from "./types.js" */
/** @import { FollowedLog, Source, StoredLog } from "./storage/storage.js" */

const APPEND_OPTIONS = ["sync", "maxLineBytes", "mode", "dirMode"];
const FROM_OPTIONS = ["workerUrl", "headers", "fetch", "signal"];
const OPEN_OPTIONS = [...APPEND_OPTIONS, "workerUrl"];
const READ_OPTIONS = [
  ...DECODE_OPTIONS,
  "strict",
  "onDamage",
  "maxLineBytes",
  "doubtful",
  "signal",
];
const RANGE_OPTIONS = [...READ_OPTIONS, "from", "to", "reverse"];
const FOLLOW_OPTIONS = [...READ_OPTIONS, "from"];

/**
 * Checks append options, and fills in what is missing.
 *
 * @param {AppendOptions | undefined} options
 * @param {Required<AppendOptions>} defaults
 * @returns {Required<AppendOptions>}
 */
function appendOptions(options, defaults) {
  if (options === undefined) return defaults;
  const { sync = defaults.sync } = checkOptions(options, APPEND_OPTIONS);
  if (typeof sync !== "boolean") throw invalidArgument("options.sync", sync, "true or false");
  return {
    sync,
    maxLineBytes: maxLineBytesOption(options, defaults.maxLineBytes),
    mode: modeOption(options.mode, "mode", defaults.mode),
    dirMode: modeOption(options.dirMode, "dirMode", defaults.dirMode),
  };
}

/**
 * Checks what every reading takes, and fills in what is missing.
 *
 * @param {ReadOptions} options
 * @param {number} maxLineBytes
 */
function readingOptions(options, maxLineBytes) {
  const { strict = false, doubtful = false, onDamage, signal } = options;
  if (typeof strict !== "boolean") throw invalidArgument("options.strict", strict, "true or false");
  if (typeof doubtful !== "boolean")
    throw invalidArgument("options.doubtful", doubtful, "true or false");
  checkOnDamage(onDamage);
  checkSignal(signal);
  return {
    strict,
    doubtful,
    output: inputOption(options),
    integers: integersOption(options),
    maxLineBytes: maxLineBytesOption(options, maxLineBytes),
    signal,
  };
}

/**
 * Gives an iterator whose first step fails.
 *
 * @param {unknown} error
 * @returns {AsyncGenerator<never, void, void>}
 */
async function* failing(error) {
  yield Promise.reject(error);
}

/** @type {Required<AppendOptions>} */
const DEFAULTS = {
  sync: false,
  maxLineBytes: maxLineBytesOption(undefined),
  mode: 0o600,
  dirMode: 0o700,
};

/**
 * One session's log: to append and read, or, where it was opened from a file, to read.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class SessionLog {
  #sessionId;
  #path;
  #options;
  /** @type {StoredLog | null} null where it can only be read */
  #storage;
  /** @type {(signal?: AbortSignal) => Promise<Source | null>} */
  #open;
  /** @type {FollowedLog | null} null where what is read is a snapshot */
  #followed;
  /** @type {Set<Follower>} those that go on */
  #followers = new Set();
  #closed = false;

  /**
   * Use `SessionLog.open` or `SessionLog.from`.
   *
   * @param {symbol} maker
   * @param {string | undefined} sessionId
   * @param {string | undefined} path
   * @param {Required<AppendOptions>} options
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
    this.#storage = storage;
    this.#open = open;
    this.#followed = followed;
    showBy(new.target, "SessionLog", ({ id, path }) => ({ id, path }));
  }

  /**
   * Opens the log of a session, to append and read. Nothing is made before the first append.
   *
   * @template [Input=any]
   * @template {string} [Status=string]
   * @param {Directory} dir the directory of the logs
   * @param {string} sessionId
   * @param {OpenOptions} [options] for each append that does not say otherwise
   * @returns {Promise<SessionLog<Input, Status>>}
   * @throws {SkillLogError} `INVALID_SESSION_ID`
   */
  static async open(dir, sessionId, options) {
    return openLog(dir, sessionId, options);
  }

  /**
   * Opens any file to read it in place.
   *
   * A file at an `http:` or `https:` URL is read by range requests; from a server that knows none, it is loaded whole each time it
   * is read. Each reading takes it as it is when that begins, and follows nothing.
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
    const { path, open, followed } = await openFile(source, { workerUrl, ...http }, signal);
    return new SessionLog(OWN, undefined, path, DEFAULTS, null, open, followed);
  }

  /** The session id; undefined where the log was opened by `SessionLog.from`. */
  get id() {
    return this.#sessionId;
  }

  /**
   * Where the log is: in Node the absolute path of its file, there or not; of a log on a server the URL, in which `?…` stands for a
   * query (signed URLs have their secret there). Undefined where there is no path: for a Blob, for bytes, and for files of the browser's.
   */
  get path() {
    return this.#path;
  }

  #checkOpen() {
    if (this.#closed) throw new SkillLogError("CLOSED", "the log was closed");
  }

  #writable() {
    this.#checkOpen();
    if (!this.#storage)
      throw new SkillLogError("READ_ONLY", "a log opened with SessionLog.from can only be read");
    return this.#storage;
  }

  /**
   * Appends one entry, or several by one write.
   *
   * The entries are in the file when this returns, in a browser when it has resolved: they outlive the process, whatever becomes of it. They
   * outlive a loss of power when a call with `sync` has resolved.
   *
   * @param {EntryInput<Input, Status> | readonly EntryInput<Input, Status>[]} entry
   * @param {AppendOptions} [options]
   * @returns {Promise<{ bytes: number }>} bytes written; one more than the lines have where a torn line was sealed
   * @throws {SkillLogError} `INVALID_ENTRY` or `LINE_TOO_LONG`, and nothing is written; `WRITE_FAILED`, with the
   *   bytes that were `written`; `SYNC_FAILED`; `NOT_A_REGULAR_FILE`; `READ_ONLY`; `CLOSED`
   */
  async append(entry, options) {
    const storage = this.#writable();
    const checked = appendOptions(options, this.#options);
    const entries = Array.isArray(entry) ? entry : [entry];
    if (entries.length === 0) return { bytes: 0 };
    const written = storage.append(
      encodeLines(entries, this.#sessionId, checked.maxLineBytes),
      checked,
    );
    return { bytes: typeof written === "number" ? written : await written };
  }

  /**
   * Reads every entry that can be read, in the order of the file.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {ReadOptions<As, I>} [options]
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} none where there is no log
   * @throws {SkillLogError} in strict reading, `INVALID_LINE` or `LINE_TOO_LONG`, with the `entries` before it
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
   * Reads entries one after the other, in bounded memory.
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
   * Reads entries with their places, one after the other, in bounded memory.
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

  /** @param {RangeOptions} [options] */
  async *#batches(options = {}) {
    this.#checkOpen();
    const { onDamage, reverse = false } = options;
    const reading = {
      from: offsetOption(options.from, "from", 0),
      to: offsetOption(options.to, "to", Infinity),
      ...readingOptions(options, this.#options.maxLineBytes),
    };
    if (typeof reverse !== "boolean")
      throw invalidArgument("options.reverse", reverse, "true or false");
    reading.signal?.throwIfAborted();
    const source = await this.#open(reading.signal);
    if (!source) return;
    const warning = new DamageWarning();
    const report = onDamage ?? ((/** @type {Damage} */ damage) => warning.add(damage));
    try {
      const records = reverse ? recordsBackwards : recordsForwards;
      yield* records(source, reading, (line) => report(damageOf(line)));
    } finally {
      await source.close();
      warning.give(source);
    }
  }

  /**
   * Indexes the whole log: what it holds can then be asked without holding it.
   *
   * @param {ProgressOptions} [options]
   * @returns {Promise<LogIndex<Input, Status>>} empty where there is no log
   */
  async index(options) {
    this.#checkOpen();
    /** @type {LogIndex<any, any>} */
    const index = new LogIndex(OWN, this.#open, this.#options.maxLineBytes);
    await index.refresh(options);
    return index;
  }

  /**
   * Gives the entries of the log, and goes on with those that are appended, by whatever process, each once and in the order
   * of the file. Never ends by itself, but where a Blob or bytes are read.
   *
   * An entry is given as soon as its last byte is in the file, its line end or not (in strict reading: its line end); bytes
   * that are no entry yet are waited for. A log that does not exist yet is waited for, its directory too. A file that is
   * renamed away or replaced is read to its end, then the new one from its start; for some seconds, entries still come that
   * slow writers append to the old one. One that is cut or written anew in place is read from its start, unless only bytes
   * behind the last entry were cut; also where it has its old size. Of two files that follow on another within a moment, the
   * first may not be seen.
   *
   * Leaving the loop, `signal` or `close` ends it and releases what it holds; `close` as if there were no more.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {FollowOptions<As, I>} [options] `from: "end"` is where the log ends when this is called
   * @returns {AsyncGenerator<LogRecord<InputOf<As, Input>, Status, IntegerOf<I>>, void, void>} where the log has gone on in another file than a record's own, the record's
   *   `end` is where following goes on there
   * @throws {SkillLogError} by its first step, or when it happens: `INVALID_ARGUMENT`, `NOT_A_REGULAR_FILE`, `IO_ERROR`; in strict
   *   reading `INVALID_LINE`, `LINE_TOO_LONG`
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
      // A snapshot has nothing behind its end.
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
   * Reads the whole log and reports what is in it. Changes nothing.
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
   * Makes the file clean in place. Others may append to it meanwhile.
   *
   * Damaged bytes are saved to `{sessionId}.damaged`, lines of JSON (`offset`, `length`, `kind`, `base64`), before they are
   * overwritten with line ends. Whole entries stay as they are. So do pending bytes, unless the log has not changed for a
   * minute: then their line is ended, and they are damage. Two whole entries that touch are left, but for `exclusive`; so are
   * lines over `maxLineBytes`, and lines with a piece that may be an entry, but for `doubtful`. Killed anywhere, it can be
   * run again; run again, it changes nothing.
   *
   * @param {RepairOptions} [options]
   * @returns {Promise<RepairReport>} what was found, and what was done
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
   * Closes the log, when what is being synced is. Ends what follows it.
   *
   * @returns {Promise<void>}
   */
  async close() {
    this.#closed = true;
    for (const follower of this.#followers) follower.close();
    await this.#storage?.close();
  }

  /** Closes the log at the end of an `await using` block. */
  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/**
 * Opens a session's log at once, so that an append that opens it first is written when its call returns.
 *
 * @param {Directory} dir
 * @param {string} sessionId
 * @param {OpenOptions} [options]
 * @returns {SessionLog<any, any>}
 */
export function openLog(dir, sessionId, options) {
  const { workerUrl, ...rest } = checkOptions(options, OPEN_OPTIONS);
  const storage = storedLog(dir, checkSessionId(sessionId), { workerUrl });
  return new SessionLog(
    OWN,
    sessionId,
    storage.path,
    appendOptions(rest, DEFAULTS),
    storage,
    () => storage.source(),
    storage.followed(),
  );
}
