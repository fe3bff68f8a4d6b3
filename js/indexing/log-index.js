import { LogIndex as Core, Needle, RowReader, Totals } from "../../dist/skill_log.js";
import { unlessAborted } from "../waits.js";
import { isRows } from "../builtins.js";
import { checkMaker, describe, invalidArgument, SkillLogError } from "../errors.js";
import { IndexedFile, replacedSinceIndexed } from "./indexed-file.js";
import { showBy } from "../inspected.js";
import { takeLines } from "../entry/lines.js";
import { scanRows } from "./row-scan.js";
import {
  checkOnChunk,
  checkOptions,
  checkSignal,
  DECODE_OPTIONS,
  inputOption,
  integersOption,
  progressOptions,
} from "../options.js";
import { COLUMNS, CONDITIONS, selectionOf } from "./selection.js";
import { ReadAhead } from "../storage/chunks.js";
import { entriesOf } from "../entry/tape.js";
import { damageOf, joinedDamage, MAX_DAMAGE, pendingOf } from "../damage/verify.js";
import { bytesAt, callCore, giveBack, isStopped, startedModule } from "../wasm/core.js";

/** @import { Damage, EntriesOptions, Entry, InputAs, InputOf, IntegerOf, Integers, Pending, PlainBytes, ProgressOptions, Row, RowLinesOptions, Rows, SearchOptions, Select, Stats } from "../types.js" */
/** @import { DamagedLine, RowBatch, Source } from "../storage/storage.js" */

const SELECT_OPTIONS = [...CONDITIONS, "rows"];

/** The most bytes that are read in this thread, because another thread takes longer to start. */
const OWN_THREAD_BYTES = 1 << 20;

/**
 * Calls `take` with the core of an index, and with rows of it that were checked.
 *
 * @type {(
 *   index: LogIndex,
 *   rows: Rows | undefined,
 *   take: (core: any, rows: Uint32Array | undefined) => void,
 * ) => void}
 */
export let takeRows;

/**
 * An index of a log: a row of 56 bytes for each entry. Entries are read only on request.
 *
 * `SessionLog.index` makes it. Rows are numbered from 0, in the order of the file. A refresh does
 * not change their numbers.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class LogIndex {
  #made;
  /** @type {SkillLogError | null} why the core of this index stopped: every later call throws it */
  #failure = null;
  #file;
  #maxLineBytes;
  /** @type {Promise<number> | null} */
  #refreshing = null;
  /** @type {string[][]} by column and code */
  #texts = COLUMNS.map(() => []);

  #bytes = 0;
  #damaged = 0;
  /** @type {Damage[]} */
  #damage = [];
  /** @type {Damage | null} the damage of a last line without a line end */
  #unendedDamage = null;
  /** @type {Pending | null} */
  #pending = null;

  /**
   * Use `SessionLog.index`.
   *
   * @param {symbol} maker
   * @param {(signal?: AbortSignal) => Promise<Source | null>} open
   * @param {number} maxLineBytes
   * @internal
   */
  constructor(maker, open, maxLineBytes) {
    checkMaker(maker, "LogIndex", "SessionLog.index");
    this.#made = startedModule() && new Core();
    this.#file = new IndexedFile(open);
    this.#maxLineBytes = maxLineBytes;
    showBy(new.target, "LogIndex", (index) => ({
      length: index.#failure ? undefined : index.length,
      bytes: index.bytes,
    }));
  }

  // Not a method, because only the package may call it. It refuses any object but an index of its
  // own.
  static {
    takeRows = (index, rows, take) => {
      if (Object(index) !== index || !(#made in index))
        throw invalidArgument("index", index, "a LogIndex, made by this copy of the package");
      take(index.#core, index.#checkOptionalRows(rows));
    };
  }

  get #core() {
    if (this.#failure) throw this.#failure;
    return this.#made;
  }

  /** The bytes of the file that were read. */
  get bytes() {
    return this.#bytes;
  }

  /** The number of damaged lines. */
  get damaged() {
    return this.#damaged;
  }

  /** The descriptions of damage, up to a million. A description may stand for several lines. */
  get damage() {
    return this.#damage;
  }

  /** The number of foreign entries: they lack a member that every writer of the format writes. */
  get foreign() {
    return this.#core.foreign();
  }

  /**
   * The bytes after the last line end that more bytes may complete to an entry; null when there are
   * none.
   */
  get pending() {
    return this.#pending;
  }

  /** The number of rows. */
  get length() {
    return this.#core.length();
  }

  /**
   * Returns a row.
   *
   * @param {number} i
   * @returns {Row<Status>}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when no row has that number
   */
  row(i) {
    this.#checkRow(i);
    const [offset, length, skill, phase, status, model, attempts, verified, recovered, foreign] =
      this.#core.row(i);
    const duration = this.#core.duration(i);
    const phaseText = this.#text(1, phase);
    const modelText = this.#text(3, model);
    return {
      offset,
      length,
      timestamp: this.#core.timestamp(i),
      skill: this.#text(0, skill),
      ...(phaseText !== "" && { phase: phaseText }),
      final_status: /** @type {Status} */ (this.#text(2, status)),
      ...(modelText !== "" && { model_used: modelText }),
      ...(duration !== 0n && {
        duration_ms: Number.isSafeInteger(Number(duration)) ? Number(duration) : duration,
      }),
      attempts,
      ...(attempts > 0 && { verified: verified === 1 }),
      recovered: recovered === 1,
      ...(foreign === 1 && { foreign: true }),
    };
  }

  /**
   * Returns the rows from `start` up to, but not including, `end`.
   *
   * @param {number} start
   * @param {number} end
   * @returns {Row<Status>[]}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when it is not `0 <= start <= end <= length`
   */
  range(start, end) {
    return Array.from(this.#between(start, end), (row) => this.row(row));
  }

  /**
   * @param {number} column
   * @param {number} code
   */
  #text(column, code) {
    return (this.#texts[column][code] ??= this.#core.text(column, code));
  }

  /** @param {unknown} i */
  #checkRow(i) {
    if (!isBelow(i, this.length)) throw this.#notARow("row", i);
  }

  /**
   * @param {string} name
   * @param {unknown} got
   */
  #notARow(name, got) {
    return invalidArgument(name, got, `one of the index's ${this.length} rows, counted from 0`);
  }

  /**
   * Checks rows, and copies them.
   *
   * @param {Rows | undefined} rows
   * @returns {Uint32Array | undefined} undefined stands for every row
   */
  #checkOptionalRows(rows) {
    return rows === undefined ? undefined : this.#checkRows(rows);
  }

  /**
   * Checks rows, and copies them.
   *
   * @param {Rows} rows
   * @returns {Uint32Array}
   */
  #checkRows(rows) {
    if (Array.isArray(rows) || isRows(rows)) {
      const { length } = this;
      for (let at = 0; at < rows.length; at += 1)
        if (!isBelow(rows[at], length)) throw this.#notARow(`rows[${at}]`, rows[at]);
      return Uint32Array.from(rows);
    }
    if (Object(rows) !== rows || !("start" in rows && "end" in rows))
      throw invalidArgument("rows", rows, "a Uint32Array, an array of numbers, or { start, end }");
    return this.#between(rows.start, rows.end);
  }

  /**
   * Lists the rows of a range.
   *
   * @param {any} start
   * @param {any} end
   */
  #between(start, end) {
    const { length } = this;
    const isRange = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
    if (!isRange || end > length) {
      const got = `${describe(start)} and ${describe(end)}`;
      throw new SkillLogError(
        "INVALID_ARGUMENT",
        `start and end: expected 0 <= start <= end <= ${length}, the number of rows, got ${got}`,
      );
    }
    return Uint32Array.from({ length: end - start }, (_, at) => start + at);
  }

  /**
   * Reads the entry of a row.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {number} i
   * @param {EntriesOptions<As, I>} [options]
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>>}
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of the row
   */
  async entry(i, options) {
    this.#checkRow(i);
    const [entry] = await this.entries(Uint32Array.of(i), options);
    return entry;
  }

  /**
   * Reads the entries of rows.
   *
   * @template {InputAs} [As=InputAs]
   * @template {Integers} [I=Integers]
   * @param {Rows} rows
   * @param {EntriesOptions<As, I>} [options]
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} in the order of `rows`
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of a row
   */
  async entries(rows, options) {
    const { signal } = checkOptions(options, [...DECODE_OPTIONS, "signal"]);
    checkSignal(signal);
    const raw = inputOption(options) === "raw";
    const integers = integersOption(options);
    /** @type {any[]} */
    const entries = [];
    const wanted = this.#checkRows(rows);
    const take = (
      /** @type {RowReader} */ reader,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      reader.entries(this.#core, from, to, raw, false);
      return entriesOf(reader, to - from, integers);
    };
    for await (const [some] of this.#readRows(wanted, wanted.length, signal, take))
      for (const entry of some) entries.push(entry);
    return entries;
  }

  /**
   * Returns the canonical lines of rows, many at a time, as `log.lines` does.
   *
   * @param {Rows} rows
   * @param {RowLinesOptions} [options]
   * @returns {AsyncGenerator<PlainBytes, void, void>} chunks of whole lines, in the order of `rows`
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of a row
   */
  async *lines(rows, options) {
    const { signal, onChunk } = checkOptions(options, ["signal", "onChunk"]);
    checkSignal(signal);
    checkOnChunk(onChunk);
    const wanted = this.#checkRows(rows);
    const take = (
      /** @type {RowReader} */ reader,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      reader.entries(this.#core, from, to, false, true);
      return takeLines(reader);
    };
    for await (const [{ bytes, facts }] of this.#readRows(wanted, wanted.length, signal, take)) {
      onChunk?.({ lines: facts.lines, changed: facts.changed });
      yield bytes;
    }
  }

  /**
   * Reads the bytes of rows again, range by range. A range has the bytes of several rows.
   *
   * @template T
   * @param {Uint32Array | undefined} rows the list; undefined stands for every row
   * @param {number} count how many rows of the list are read
   * @param {AbortSignal | undefined} signal
   * @param {(reader: RowReader, from: number, to: number) => T} take asks the core about the rows
   *   that were read: those from index `from` of the list up to index `to`
   * @returns {AsyncGenerator<[T, number], void, void>} what `take` returned, and the number of rows
   *   read so far
   */
  async *#readRows(rows, count, signal, take) {
    signal?.throwIfAborted();
    if (count === 0) return;
    // There are rows, so a file was read.
    const source = /** @type {Source} */ (await this.#file.open(this.bytes, signal));
    const ahead = new ReadAhead(source);
    const reader = new RowReader(rows);
    try {
      let range = callCore(() => reader.stretch(this.#core, 0), source);
      if (range.length > 0) ahead.start(range[0], range[1]);
      // The range is empty when a refresh dropped the last row meanwhile.
      for (let from = 0; from < count && range.length > 0; ) {
        const [offset, length, end] = range;
        const to = Math.min(end, count);
        const bytes = await ahead.take();
        signal?.throwIfAborted();
        if (bytes.length < length) throw replacedSinceIndexed(source, "became shorter");
        if (to < count) {
          range = callCore(() => reader.stretch(this.#core, to), source);
          if (range.length > 0) ahead.start(range[0], range[1]);
        }
        const taken = callCore(() => {
          bytesAt(reader.space(offset, length), length).set(bytes);
          return take(reader, from, to);
        }, source);
        yield [taken, to];
        from = to;
      }
    } finally {
      await ahead.settle();
      await source.close();
      giveBack(() => reader.free());
    }
  }

  /**
   * Returns the rows that meet every condition. Reads no entry.
   *
   * @param {Select<Status>} [wanted]
   * @returns {Uint32Array} in the order of the file, or of `rows`
   * @throws {SkillLogError} `INVALID_ARGUMENT` when a condition, or a row of `rows`, is not valid
   */
  select(wanted) {
    const { rows, ...conditions } = checkOptions(wanted, SELECT_OPTIONS);
    const checked = this.#checkOptionalRows(rows);
    const selection = selectionOf(conditions);
    try {
      return this.#core.select(selection, checked);
    } finally {
      giveBack(() => selection.free());
    }
  }

  /**
   * Finds the rows whose entry holds a text: in one of its strings, or in a key or a string of its
   * `input`.
   *
   * Each string is decoded and searched by itself. A lone surrogate, which UTF-8 lacks, becomes
   * U+FFFD, in `text` too. If `input` has two members of one name, both are searched.
   *
   * @param {string} text
   * @param {SearchOptions} [options]
   * @returns {Promise<Uint32Array>} in the order of the file, or of `rows`
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of a row
   */
  async search(text, options) {
    if (typeof text !== "string") throw invalidArgument("text", text, "a string");
    const { rows, ignoreCase, signal, onProgress } = progressOptions(
      options,
      ["ignoreCase"],
      ["rows"],
    );
    const checked = this.#checkOptionalRows(rows);
    const needle = new Needle(text, ignoreCase === true);
    const total = checked?.length ?? this.length;
    /** @type {Uint32Array[]} */
    const found = [];
    try {
      const search = (
        /** @type {RowReader} */ reader,
        /** @type {number} */ from,
        /** @type {number} */ to,
      ) => reader.search(this.#core, needle, from, to);
      for await (const [hits, rows] of this.#readRows(checked, total, signal, search)) {
        found.push(hits);
        onProgress?.({ rows, total, hits });
      }
    } finally {
      giveBack(() => needle.free());
    }
    const all = new Uint32Array(found.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const hits of found) {
      all.set(hits, at);
      at += hits.length;
    }
    return all;
  }

  /**
   * Counts and measures rows. `Totals` does so for several indexes.
   *
   * @param {Rows} [rows] default: every row
   * @returns {Stats}
   */
  stats(rows) {
    const core = this.#core;
    const checked = this.#checkOptionalRows(rows);
    const totals = new Totals();
    try {
      return callCore(() => {
        totals.add(core, checked);
        return totals.stats();
      });
    } finally {
      giveBack(() => totals.free());
    }
  }

  /**
   * Reads what was appended, and adds its rows. A last line without a line end is read again.
   *
   * @param {ProgressOptions} [options]
   * @returns {Promise<number>} by how many rows the index grew. This is -1 when a last line without
   *   a line end was an entry, became damage, and no row was added
   * @throws {SkillLogError} `REPLACED` when the file was removed, replaced or truncated. The rows
   *   stay as they were; make another index
   */
  async refresh(options) {
    const checked = progressOptions(options);
    // Only one refresh runs at a time, because each starts where the refresh before it ended.
    while (this.#refreshing)
      await unlessAborted(
        this.#refreshing.catch(() => {}),
        checked.signal,
      );
    this.#refreshing = this.#refresh(checked);
    try {
      return await this.#refreshing;
    } finally {
      this.#refreshing = null;
    }
  }

  /** @param {ProgressOptions} options */
  async #refresh({ signal, onProgress }) {
    signal?.throwIfAborted();
    const source = await this.#file.open(this.bytes, signal);
    if (!source) return 0;
    try {
      const core = this.#core;
      const before = this.length;
      const total = await source.size();
      this.#forgetUnendedDamage();
      const isLong = total - core.position() > OWN_THREAD_BYTES;
      const scan = isLong ? await source.scan?.(core.state(), this.#maxLineBytes, signal) : null;
      for await (const { damage, rest, mark, isLast } of scan
        ? this.#putRows(source, scan, signal)
        : scanRows(core, source, this.#maxLineBytes, signal)) {
        this.#takeDamage(damage);
        const [offset, length, pendingOffset, pendingLength] = rest;
        this.#bytes = offset + length;
        this.#pending =
          isLast && pendingLength > 0 ? { offset: pendingOffset, length: pendingLength } : null;
        if (mark) this.#file.knowBy(mark);
        onProgress?.({ bytes: this.#bytes, total: Math.max(total, this.#bytes) });
      }
      if (this.#pending) this.#pending = await pendingOf(source, this.#pending);
      return this.length - before;
    } catch (error) {
      if (isStopped(error)) this.#failure = error;
      throw error;
    } finally {
      giveBack(() => this.#made.end());
      await source.close();
    }
  }

  /** @param {Iterable<DamagedLine>} damage */
  #takeDamage(damage) {
    for (const line of damage) {
      const described = damageOf(line);
      this.#damaged += line.lines;
      // A last line without a line end is read again.
      const isUnended = line.offset >= this.#core.position();
      if (isUnended) this.#unendedDamage = described;
      const both = isUnended ? null : joinedDamage(this.#damage.at(-1), described);
      if (both) this.#damage[this.#damage.length - 1] = both;
      else if (this.#damage.length < MAX_DAMAGE) this.#damage.push(described);
    }
  }

  /** Forgets the damage of a last line without a line end, because that line is read again. */
  #forgetUnendedDamage() {
    if (!this.#unendedDamage) return;
    this.#damaged -= 1;
    if (this.#damage.at(-1) === this.#unendedDamage) this.#damage.pop();
    this.#unendedDamage = null;
  }

  /**
   * Adds the rows that another thread finds. Continues in this thread when the other thread ended,
   * or stopped at a line that another process may be writing.
   *
   * @param {Source} source
   * @param {AsyncIterable<RowBatch>} scan
   * @param {AbortSignal | undefined} signal
   */
  async *#putRows(source, scan, signal) {
    let mustContinueHere = false;
    try {
      for await (const batch of scan) {
        callCore(() => this.#core.put_rows(batch.rows), source);
        yield batch;
        if (!batch.isUnsettled) continue;
        mustContinueHere = true;
        break;
      }
    } catch (error) {
      if (!(error instanceof SkillLogError) || error.code !== "INTERRUPTED") throw error;
      mustContinueHere = true;
    }
    if (mustContinueHere) yield* scanRows(this.#core, source, this.#maxLineBytes, signal);
  }
}

/**
 * Returns whether a value is a whole number from 0 and below `count`.
 *
 * @param {unknown} i
 * @param {number} count
 */
function isBelow(i, count) {
  return typeof i === "number" && Number.isInteger(i) && i >= 0 && i < count;
}
