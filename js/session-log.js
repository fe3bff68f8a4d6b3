import { encodeLines } from "./codec.js";
import { isBytes } from "./brands.js";
import { DamageWarning } from "./damage-warning.js";
import { invalidArgument, SkillLogError } from "./errors.js";
import { LogIndex } from "./log-index.js";
import { recordsBackwards, recordsForwards } from "./log-reader.js";
import { checkOptions, checkSignal, inputOption, maxLineBytesOption, modeOption, offsetOption, progressOptions } from "./options.js";
import { repairFile } from "./repair.js";
import { checkSessionId } from "./session-id.js";
import { blobSource, bytesSource } from "./storage/blob.js";
import { openPath } from "./storage/node/file-source.js";
import { checkDirectory, NodeStorage } from "./storage/node.js";
import { damageOf, EMPTY_REPORT, verifySource } from "./verify.js";

/** @import { Source } from "./storage/source.js" */
/** @import { AppendOptions, Damage, Entry, EntryInput, LogRecord, OpenOptions, ProgressOptions, RangeOptions, ReadOptions, RepairOptions, RepairReport, Report } from "./types.js" */

const APPEND_OPTIONS = ["sync", "maxLineBytes", "mode", "dirMode"];
const READ_OPTIONS = ["strict", "input", "onDamage", "maxLineBytes", "signal"];
const RANGE_OPTIONS = [...READ_OPTIONS, "from", "to", "reverse"];

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

/** @type {Required<AppendOptions>} */
const DEFAULTS = { sync: false, maxLineBytes: maxLineBytesOption(undefined), mode: 0o600, dirMode: 0o700 };

/** One session's log: to append and read, or, where it was opened from a file, to read. */
export class SessionLog {
  #sessionId;
  #options;
  /** @type {NodeStorage | null} null where it can only be read */
  #storage;
  /** @type {() => Promise<Source | null>} */
  #open;
  #closed = false;

  /**
   * Use `SessionLog.open` or `SessionLog.from`.
   *
   * @param {string | undefined} sessionId
   * @param {Required<AppendOptions>} options
   * @param {NodeStorage | null} storage
   * @param {() => Promise<Source | null>} open
   * @internal
   */
  constructor(sessionId, options, storage, open) {
    this.#sessionId = sessionId;
    this.#options = options;
    this.#storage = storage;
    this.#open = open;
  }

  /**
   * Opens the log of a session, to append and read. Nothing is made before the first append.
   *
   * @param {string | URL} dir the directory of the logs
   * @param {string} sessionId
   * @param {OpenOptions} [options] for each append that does not say otherwise
   * @returns {Promise<SessionLog>}
   * @throws {SkillLogError} `INVALID_SESSION_ID`
   */
  static async open(dir, sessionId, options) {
    return openLog(dir, sessionId, options);
  }

  /**
   * Opens any file to read it in place.
   *
   * @param {Blob | Uint8Array | URL | string} source a path or a `file:` URL, a Blob or File, or bytes
   * @returns {Promise<SessionLog>}
   * @throws {SkillLogError} `NOT_FOUND`, `NOT_A_REGULAR_FILE`
   */
  static async from(source) {
    const open = () => openSource(source);
    // Fails here rather than at the first read.
    await (await open()).close();
    return new SessionLog(undefined, DEFAULTS, null, open);
  }

  #checkOpen() {
    if (this.#closed) throw new SkillLogError("CLOSED", "the log was closed");
  }

  #writable() {
    this.#checkOpen();
    if (!this.#storage) throw new SkillLogError("READ_ONLY", "a log opened with SessionLog.from can only be read");
    return this.#storage;
  }

  /**
   * Appends one entry, or several by one write.
   *
   * The entries are in the file when this returns: they outlive the process, whatever becomes of it. They
   * outlive a loss of power when a call with `sync` has resolved.
   *
   * @param {EntryInput | readonly EntryInput[]} entry
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
    const written = storage.append(encodeLines(entries, this.#sessionId, checked.maxLineBytes), checked);
    return { bytes: typeof written === "number" ? written : await written };
  }

  /**
   * Reads every entry that can be read, in the order of the file.
   *
   * @param {ReadOptions} [options]
   * @returns {Promise<Entry[]>} none where there is no log
   * @throws {SkillLogError} in strict reading, `INVALID_LINE` or `LINE_TOO_LONG`, with the `entries` before it
   */
  async read(options) {
    checkOptions(options, READ_OPTIONS);
    /** @type {Entry[]} */
    const entries = [];
    try {
      for await (const batch of this.#batches(options)) for (const { entry } of batch) entries.push(entry);
    } catch (error) {
      if (error instanceof SkillLogError && (error.code === "INVALID_LINE" || error.code === "LINE_TOO_LONG")) error.entries = entries;
      throw error;
    }
    return entries;
  }

  /**
   * Reads entries one after the other, in bounded memory.
   *
   * @param {RangeOptions} [options]
   * @returns {AsyncGenerator<Entry, void, void>}
   */
  async *entries(options) {
    for await (const { entry } of this.records(options)) yield entry;
  }

  /**
   * Reads entries with their places, one after the other, in bounded memory.
   *
   * @param {RangeOptions} [options]
   * @returns {AsyncGenerator<LogRecord, void, void>}
   */
  async *records(options) {
    checkOptions(options, RANGE_OPTIONS);
    for await (const batch of this.#batches(options)) {
      for (const record of batch) {
        yield record;
        options?.signal?.throwIfAborted();
      }
    }
  }

  /** @param {RangeOptions} [options] */
  async *#batches(options = {}) {
    this.#checkOpen();
    const { strict = false, onDamage, signal, reverse = false } = options;
    const reading = {
      from: offsetOption(options.from, "from", 0),
      to: offsetOption(options.to, "to", Infinity),
      strict,
      output: inputOption(options),
      maxLineBytes: maxLineBytesOption(options, this.#options.maxLineBytes),
      signal,
    };
    if (typeof strict !== "boolean") throw invalidArgument("options.strict", strict, "true or false");
    if (typeof reverse !== "boolean") throw invalidArgument("options.reverse", reverse, "true or false");
    if (onDamage !== undefined && typeof onDamage !== "function") throw invalidArgument("options.onDamage", onDamage, "a function");
    checkSignal(signal);
    signal?.throwIfAborted();
    const source = await this.#open();
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
   * @returns {Promise<LogIndex>} empty where there is no log
   */
  async index(options) {
    this.#checkOpen();
    const index = new LogIndex(this.#open, this.#options.maxLineBytes);
    await index.refresh(options);
    return index;
  }

  /**
   * Reads the whole log and reports what is in it. Changes nothing.
   *
   * @param {ProgressOptions} [options]
   * @returns {Promise<Report>}
   */
  async verify(options) {
    this.#checkOpen();
    const checked = progressOptions(options);
    const source = await this.#open();
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
   * Damaged bytes are saved to `{sessionId}.damaged`, a line of JSON for each stretch (`offset`, `length`,
   * `kind`, `base64`), before they are overwritten with line ends. Whole entries and pending bytes stay as they
   * are. Two whole entries that touch are left, but for `exclusive`; so are lines over `maxLineBytes`. Killed
   * anywhere, it can be run again; run again, it changes nothing.
   *
   * @param {RepairOptions} [options]
   * @returns {Promise<RepairReport>} what was found, and what was done
   */
  async repair(options) {
    const storage = this.#writable();
    const checked = progressOptions(options, ["dryRun", "exclusive"]);
    const file = await storage.repairable();
    try {
      return await repairFile(file, this.#options.maxLineBytes, checked);
    } finally {
      await file?.close();
    }
  }

  /**
   * Closes the log, when what is being synced is.
   *
   * @returns {Promise<void>}
   */
  async close() {
    this.#closed = true;
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
 * @param {string | URL} dir
 * @param {string} sessionId
 * @param {OpenOptions} [options]
 */
export function openLog(dir, sessionId, options) {
  const storage = new NodeStorage(checkDirectory(dir), checkSessionId(sessionId));
  return new SessionLog(sessionId, appendOptions(options, DEFAULTS), storage, () => storage.source());
}

/**
 * @param {unknown} source
 * @returns {Promise<Source>}
 */
async function openSource(source) {
  if (source instanceof Blob) return blobSource(source);
  if (isBytes(source)) return bytesSource(source);
  if (typeof source === "string" || source instanceof URL) return openPath(source);
  throw invalidArgument("source", source, "a path, a URL, a Blob or a Uint8Array");
}
