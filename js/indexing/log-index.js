import { LogIndex as Core, Needle, RowReader, Totals } from "../../dist/skill_log.js";
import { unlessAborted } from "../waits.js";
import { isRows } from "../builtins.js";
import { checkMaker, describe, invalidArgument, SkillLogError } from "../errors.js";
import { IndexedFile, replaced } from "./indexed-file.js";
import { showBy } from "../inspected.js";
import { scanRows } from "./row-scan.js";
import {
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
import { damageOf, joined, MAX_DAMAGE, pendingOf } from "../damage/verify.js";
import { bytesAt, callCore, giveBack, isStopped, startedModule } from "../wasm/core.js";

/** @import { Damage, EntriesOptions, Entry, InputAs, InputOf, IntegerOf, Integers, Pending, ProgressOptions, Row, Rows, SearchOptions, Select, Stats } from "../types.js" */
/** @import { DamagedLine, RowBatch, Source } from "../storage/storage.js" */

const SELECT_OPTIONS = [...CONDITIONS, "rows"];

/** Bytes that are read here, even where another thread could: it is done before that has started. */
const ELSEWHERE_BYTES = 1 << 20;

/**
 * Hands over the core of an index, and rows of it that were checked.
 *
 * @type {(index: LogIndex, rows: Rows | undefined, take: (core: any, rows: Uint32Array | undefined) => void) => void}
 */
export let takeRows;

/**
 * What a log holds, without holding it: for each entry a row, of which an entry is read when it is asked for.
 *
 * Made by `SessionLog.index`. Rows are numbered from 0 in the order of the file; their numbers stay when the
 * index is refreshed.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class LogIndex {
  #made;
  /** @type {SkillLogError | null} what stopped the core while it read for this index: it cannot be asked any more */
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
  /** @type {Damage | null} of the line that has not ended */
  #open = null;
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

  // Not a method: it is for the package alone, and tells its own indexes from any other object.
  static {
    takeRows = (index, rows, take) => {
      if (Object(index) !== index || !(#made in index))
        throw invalidArgument("index", index, "a LogIndex, made by this copy of the package");
      take(index.#core, index.#checkRows(rows));
    };
  }

  get #core() {
    if (this.#failure) throw this.#failure;
    return this.#made;
  }

  /** Bytes of the file that were read. */
  get bytes() {
    return this.#bytes;
  }

  /** The number of damaged lines. */
  get damaged() {
    return this.#damaged;
  }

  /** The damaged lines: the first million of them. */
  get damage() {
    return this.#damage;
  }

  /** Entries that lack a member that every writer of the format writes: lines that are JSON of another sort. */
  get foreign() {
    return this.#core.foreign();
  }

  /** The bytes behind the last line end that more may make an entry; null where there are none. */
  get pending() {
    return this.#pending;
  }

  /** The number of rows. */
  get length() {
    return this.#core.length();
  }

  /**
   * Gives a row.
   *
   * @param {number} i
   * @returns {Row<Status>}
   * @throws {SkillLogError} `INVALID_ARGUMENT` where there is none
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
   * Returns the rows from `start` up to, but not with, `end`: what `row` returns of each.
   *
   * @param {number} start
   * @param {number} end
   * @returns {Row<Status>[]}
   * @throws {SkillLogError} `INVALID_ARGUMENT` where it is not `0 <= start <= end <= length`
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
   * @returns {Uint32Array | undefined}
   */
  #checkRows(rows) {
    return rows === undefined ? undefined : this.#listed(rows);
  }

  /**
   * @param {Rows} rows
   * @returns {Uint32Array}
   */
  #listed(rows) {
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
   * @throws {SkillLogError} `REPLACED` where the entry is not there any more
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
   * @returns {Promise<Entry<InputOf<As, Input>, Status, IntegerOf<I>>[]>} in the order of the rows
   * @throws {SkillLogError} `REPLACED` where an entry is not there any more
   */
  async entries(rows, options) {
    const { signal } = checkOptions(options, [...DECODE_OPTIONS, "signal"]);
    checkSignal(signal);
    const raw = inputOption(options) === "raw";
    const integers = integersOption(options);
    /** @type {any[]} */
    const entries = [];
    const wanted = this.#listed(rows);
    const take = (
      /** @type {RowReader} */ reader,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      reader.entries(this.#core, from, to, raw);
      return entriesOf(reader, to - from, integers);
    };
    for await (const [some] of this.#readRows(wanted, wanted.length, signal, take))
      for (const entry of some) entries.push(entry);
    return entries;
  }

  /**
   * Reads the bytes of rows again, stretch by stretch.
   *
   * @template T
   * @param {Uint32Array | undefined} rows the list; all of them where this is undefined
   * @param {number} count how many of the list
   * @param {AbortSignal | undefined} signal
   * @param {(reader: RowReader, from: number, to: number) => T} take asks the core for what is wanted of the rows that were read:
   *   those from one place in the list up to another
   * @returns {AsyncGenerator<[T, number], void, void>} what was taken, and how many rows were read so far
   */
  async *#readRows(rows, count, signal, take) {
    signal?.throwIfAborted();
    if (count === 0) return;
    // There are rows: a file was read.
    const source = /** @type {Source} */ (await this.#file.open(this.bytes, signal));
    const ahead = new ReadAhead(source);
    const reader = new RowReader(rows);
    try {
      let stretch = callCore(() => reader.stretch(this.#core, 0), source);
      if (stretch.length > 0) ahead.start(stretch[0], stretch[1]);
      // None where a refresh dropped the last row meanwhile.
      for (let from = 0; from < count && stretch.length > 0; ) {
        const [offset, length, end] = stretch;
        const to = Math.min(end, count);
        const bytes = await ahead.take();
        signal?.throwIfAborted();
        if (bytes.length < length) throw replaced(source, "became shorter");
        if (to < count) {
          stretch = callCore(() => reader.stretch(this.#core, to), source);
          if (stretch.length > 0) ahead.start(stretch[0], stretch[1]);
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
   * Gives the rows that meet all that is wanted, without reading an entry.
   *
   * @param {Select<Status>} [wanted]
   * @returns {Uint32Array} in the order of the file, or of `rows`
   * @throws {SkillLogError} `INVALID_ARGUMENT`
   */
  select(wanted) {
    const { rows, ...conditions } = checkOptions(wanted, SELECT_OPTIONS);
    const checked = this.#checkRows(rows);
    const selection = selectionOf(conditions);
    try {
      return this.#core.select(selection, checked);
    } finally {
      giveBack(() => selection.free());
    }
  }

  /**
   * Finds the rows whose entry holds a text: in one of its strings, or in a key or a string of its `input`.
   *
   * Strings are looked at as they are decoded, each on its own. Lone surrogates, which UTF-8 cannot say, are U+FFFD, in
   * `text` too. Of members of `input` that are named twice both are looked at.
   *
   * @param {string} text
   * @param {SearchOptions} [options]
   * @returns {Promise<Uint32Array>} in the order of the file, or of `rows`
   * @throws {SkillLogError} `REPLACED` where an entry is not there any more
   */
  async search(text, options) {
    if (typeof text !== "string") throw invalidArgument("text", text, "a string");
    const { rows, ignoreCase, signal, onProgress } = progressOptions(
      options,
      ["ignoreCase"],
      ["rows"],
    );
    const checked = this.#checkRows(rows);
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
   * Counts and measures rows. Those of several indexes are for `Totals`.
   *
   * @param {Rows} [rows] all of them where this is absent
   * @returns {Stats}
   */
  stats(rows) {
    const core = this.#core;
    const checked = this.#checkRows(rows);
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
   * Reads what was appended since, and adds its rows. A row of a line that had no line end yet is read again.
   *
   * @param {ProgressOptions} [options]
   * @returns {Promise<number>} how many rows there are more; -1 where the last one's line had no line end, and is no entry any more
   * @throws {SkillLogError} `REPLACED` where the file was removed, replaced or truncated: the rows stay as they were,
   *   and another index is to be made
   */
  async refresh(options) {
    const checked = progressOptions(options);
    // One after the other: each goes on where the one before it ended.
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
      this.#forgetOpen();
      const isLong = total - core.position() > ELSEWHERE_BYTES;
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
      // The line that has not ended is read again.
      const isOpen = line.offset >= this.#core.position();
      if (isOpen) this.#open = described;
      const both = isOpen ? null : joined(this.#damage.at(-1), described);
      if (both) this.#damage[this.#damage.length - 1] = both;
      else if (this.#damage.length < MAX_DAMAGE) this.#damage.push(described);
    }
  }

  /** Forgets the damage of the line that had not ended. */
  #forgetOpen() {
    if (!this.#open) return;
    this.#damaged -= 1;
    if (this.#damage.at(-1) === this.#open) this.#damage.pop();
    this.#open = null;
  }

  /**
   * Adds the rows that are found elsewhere; and here those that are not, because the thread ended, or because somebody may be
   * writing.
   *
   * @param {Source} source
   * @param {AsyncIterable<RowBatch>} scan
   * @param {AbortSignal | undefined} signal
   */
  async *#putRows(source, scan, signal) {
    let isUnsettled = false;
    try {
      for await (const batch of scan) {
        callCore(() => this.#core.put_rows(batch.rows), source);
        yield batch;
        if (!batch.isUnsettled) continue;
        isUnsettled = true;
        break;
      }
    } catch (error) {
      if (!(error instanceof SkillLogError) || error.code !== "INTERRUPTED") throw error;
      isUnsettled = true;
    }
    if (!isUnsettled) return;
    yield* scanRows(this.#core, source, this.#maxLineBytes, signal);
  }
}

/**
 * @param {unknown} i
 * @param {number} count
 */
function isBelow(i, count) {
  return typeof i === "number" && Number.isInteger(i) && i >= 0 && i < count;
}
