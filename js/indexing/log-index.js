import { LogIndex as Core, Selection, Totals } from "../../dist/skill_log.js";
import { unlessAborted } from "../waits.js";
import { isRows } from "../builtins.js";
import { checkMaker, describe, invalidArgument, SkillLogError } from "../errors.js";
import { contentsOf } from "./log-contents.js";
import { LogFacts } from "./log-facts.js";
import { showBy } from "../inspected.js";
import { linesInOrder, takeLines } from "../entry/lines.js";
import { readRows } from "./read-rows.js";
import {
  checkOnChunk,
  checkOptions,
  checkSignal,
  DECODE_OPTIONS,
  inputOption,
  integersOption,
  progressOptions,
} from "../options.js";
import { columnOf, PART_ROWS, sortedRows, sortSteps, TEXT_COLUMNS } from "./columns.js";
import { histogramOf } from "./histogram.js";
import { ENTRY_FORM } from "./entry-form.js";
import { isPattern } from "./pattern.js";
import { RowSearch } from "./row-search.js";
import { PLACES_OPTIONS, placesIn, placesWanted } from "./places.js";
import { ROW_CONDITIONS, selectionOf } from "./selection.js";
import { freeBuffer } from "../storage/chunks.js";
import { ThreadTurns } from "../storage/thread-turns.js";
import { entriesOf } from "../entry/tape.js";
import { callCore, giveBack, isStopped, startedModule } from "../wasm/core.js";

/** @import { IndexedLogs } from "./indexed-logs.js" */
/** @import { RowReader } from "../../dist/skill_log.js" */
/** @import { ColumnName, ColumnOf, Damage, EntriesOptions, Entry, Histogram, HistogramOptions, InputAs, InputOf, IntegerOf, Integers, LogContents, Pending, Place, PlacesOptions, PlainBytes, ProgressOptions, Query, Row, RowLinesOptions, Rows, SearchOptions, Select, SortOptions, Stats } from "../types.js" */

/** The most bytes of lines that are held to put them in order. */
const MOST_HELD_BYTES = 4 << 20;

const SELECT_OPTIONS = [...ROW_CONDITIONS, "rows"];
const QUERY_OPTIONS = [...SELECT_OPTIONS, "sort", "signal"];

/**
 * An index of a log or of many: a row of 56 bytes for each entry. Entries are read only on request.
 *
 * `SessionLog.index` and `Sessions.index` make it. Rows are numbered from 0. The rows of a log stand
 * in the order of its file. A refresh adds new rows after all others.
 *
 * When a log is removed, replaced or cut, its rows are removed at the next refresh. Their numbers are
 * not given again: `row` throws `REPLACED` for them, and every other method skips them.
 *
 * @template [Input=any] your type of `input`
 * @template {string} [Status=string] your type of `final_status`
 */
export class LogIndex {
  #made;
  /** @type {SkillLogError | null} why the core of this index stopped: every later call throws it */
  #failure = null;
  #logs;
  #facts = new LogFacts();
  /** @type {Promise<{ added: number, removed: number }> | null} */
  #refreshing = null;
  /** @type {string[][]} by column and code */
  #texts = TEXT_COLUMNS.map(() => []);
  /**
   * What the logs hold, and the facts that it was found by: a million rows take 25 ms.
   *
   * @type {{ changes: number, contents: ReturnType<typeof contentsOf> }}
   */
  #contents = { changes: -1, contents: [] };

  /**
   * Use `SessionLog.index` or `Sessions.index`.
   *
   * @param {symbol} maker
   * @param {IndexedLogs} logs
   * @internal
   */
  constructor(maker, logs) {
    checkMaker(maker, "LogIndex", "SessionLog.index or Sessions.index");
    this.#made = startedModule() && new Core();
    this.#logs = logs;
    showBy(new.target, "LogIndex", (index) => ({
      length: index.#failure ? undefined : index.length,
      bytes: index.bytes,
    }));
  }

  get #core() {
    if (this.#failure) throw this.#failure;
    return this.#made;
  }

  /** The bytes that were read of all logs. */
  get bytes() {
    return this.#facts.bytes;
  }

  /** The number of damaged lines. */
  get damaged() {
    return this.#facts.damaged;
  }

  /**
   * The descriptions of damage, log by log, up to a million for each log. A description may stand for
   * several lines.
   *
   * @returns {Damage[]}
   */
  get damage() {
    return this.#facts.damage;
  }

  /** The number of foreign entries: they lack a member that every writer of the format writes. */
  get foreign() {
    return this.#core.foreign();
  }

  /**
   * The bytes after the last line end that more bytes may complete to an entry; null when there are
   * none. Of many logs, those of the first log that has any: `logs` has those of each.
   *
   * @returns {Pending | null}
   */
  get pending() {
    return this.#facts.pending;
  }

  /** The number of row numbers that were given. Removed rows count too. */
  get length() {
    return this.#core.length();
  }

  /** The number of rows that were removed. */
  get removed() {
    return this.#core.holes();
  }

  /**
   * Describes what each log holds, in the order of `Sessions.index`.
   *
   * @returns {LogContents[]}
   */
  logs() {
    const core = this.#core;
    const { sessions, changes } = this.#facts;
    const text = (/** @type {number} */ column, /** @type {number} */ code) =>
      this.#text(column, code);
    if (this.#contents.changes !== changes) {
      const contents = contentsOf(core, this.#facts, text, [...sessions.keys()]);
      this.#contents = { changes, contents };
    }
    /** @type {LogContents[]} */
    const logs = [];
    for (const [log, contents] of this.#contents.contents.entries()) {
      const [session, modified] = [sessions[log], this.#logs.modified?.(log)];
      /** @type {LogContents} */
      const described = { ...(session !== undefined && { session }), ...contents };
      if (modified) described.modified = modified;
      logs.push(described);
    }
    return logs;
  }

  /**
   * Returns a row.
   *
   * @param {number} i
   * @returns {Row<Status>}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when no row has that number; `REPLACED` when the row
   *   was removed
   */
  row(i) {
    this.#checkRow(i);
    const numbers = this.#core.row(i);
    if (numbers.length === 0) throw removedRow(i);
    const [log, offset, length, skill, phase, status, model] = numbers;
    const [attempts, verified, recovered, foreign] = numbers.subarray(7);
    const session = this.#facts.sessions[log];
    const duration = this.#core.duration(i);
    const phaseText = this.#text(1, phase);
    const modelText = this.#text(3, model);
    return {
      ...(session !== undefined && { session }),
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
   * Returns the rows from `start` up to, but not including, `end`. Leaves out removed rows.
   *
   * @param {number} start
   * @param {number} end
   * @returns {Row<Status>[]}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when it is not `0 <= start <= end <= length`
   */
  range(start, end) {
    const rows = this.#existing(this.#between(start, end)) ?? [];
    return Array.from(rows, (row) => this.row(row));
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
   * Leaves out rows that were removed.
   *
   * @param {Uint32Array | undefined} rows undefined stands for every row
   * @returns {Uint32Array | undefined} undefined stands for every row, of which none was removed
   */
  #existing(rows) {
    if (this.#core.holes() === 0) return rows;
    const all = new Selection();
    try {
      return this.#core.select(all, rows);
    } finally {
      giveBack(() => all.free());
    }
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
      const areWhole = isRows(rows);
      for (let at = 0; at < rows.length; at += 1)
        if (areWhole ? rows[at] >= length : !isBelow(rows[at], length))
          throw this.#notARow(`rows[${at}]`, rows[at]);
      return new Uint32Array(rows);
    }
    if (Object(rows) !== rows || !("start" in rows && "end" in rows))
      throw invalidArgument("rows", rows, "a Uint32Array, an array of numbers, or { start, end }");
    return this.#between(rows.start, rows.end);
  }

  /**
   * Checks that there are rows and that none was removed, and copies them.
   *
   * @param {Rows} rows
   */
  #checkExisting(rows) {
    const wanted = this.#checkRows(rows);
    const existing = this.#existing(wanted);
    if (existing !== wanted && existing?.length !== wanted.length)
      throw removedRow(wanted.find((row) => this.#core.row(row).length === 0) ?? 0);
    return wanted;
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
    // A tenth of the time of Uint32Array.from.
    const rows = new Uint32Array(end - start);
    for (let at = 0; at < rows.length; at += 1) rows[at] = start + at;
    return rows;
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
    const form = ENTRY_FORM[inputOption(options)];
    const integers = integersOption(options);
    const wanted = this.#checkExisting(rows);
    const order = this.#readingOrder(wanted);
    const sorted = order ? order.map((at) => wanted[at]) : wanted;
    const take = (
      /** @type {RowReader} */ reader,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      reader.entries(this.#core, from, to, form);
      return entriesOf(reader, to - from, integers);
    };
    /** @type {any[]} */
    const entries = [];
    for await (const [some] of this.#readRows(sorted, signal, take))
      for (const entry of some) entries.push(entry);
    if (!order) return entries;
    /** @type {any[]} */
    const inOrder = new Array(entries.length);
    for (const [at, entry] of entries.entries()) inOrder[order[at]] = entry;
    return inOrder;
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
    const take = (
      /** @type {RowReader} */ reader,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      reader.entries(this.#core, from, to, ENTRY_FORM.lines);
      return takeLines(reader);
    };
    for (const part of this.#partsInOrder(this.#checkExisting(rows))) {
      const order = this.#readingOrder(part);
      const sorted = order ? order.map((at) => part[at]) : part;
      /** @type {PlainBytes[]} */
      const held = [];
      for await (const [{ bytes, facts }] of this.#readRows(sorted, signal, take)) {
        onChunk?.({ lines: facts.lines, changed: facts.changed });
        if (order) held.push(bytes);
        else yield bytes;
      }
      if (order) yield linesInOrder(held, order);
    }
  }

  /**
   * Divides rows whose order changes between logs, because their lines are read log by log, and
   * held until they are in order.
   *
   * @param {Uint32Array} rows
   * @returns {Generator<Uint32Array, void, void>}
   */
  *#partsInOrder(rows) {
    if (!this.#readingOrder(rows)) {
      yield rows;
      return;
    }
    for (let from = 0, to = 0; from < rows.length; from = to) {
      for (let bytes = 0; to < rows.length && bytes < MOST_HELD_BYTES; to += 1)
        bytes += this.row(rows[to]).length;
      yield rows.subarray(from, to);
    }
  }

  /**
   * Returns the positions of rows in the order in which they are read, because each log is opened
   * once. Returns null when that is their order.
   *
   * @param {Uint32Array} rows
   */
  #readingOrder(rows) {
    if (this.#facts.sessions.length < 2) return null;
    // After a refresh, the rows of a log stand in several places.
    const ends = this.#core.row_ends(rows);
    const compared = (/** @type {number} */ a, /** @type {number} */ b) =>
      ends[2 * a] - ends[2 * b] || rows[a] - rows[b] || a - b;
    if (rows.every((_, at) => at === 0 || compared(at - 1, at) < 0)) return null;
    return Uint32Array.from(rows, (_, at) => at).sort(compared);
  }

  /**
   * Reads the bytes of rows again, log by log.
   *
   * @template T
   * @param {Uint32Array | undefined} rows the list; undefined stands for every row
   * @param {AbortSignal | undefined} signal
   * @param {(reader: RowReader, from: number, to: number) => T} take
   */
  #readRows(rows, signal, take) {
    const open = async (/** @type {number} */ log) => {
      const source = await this.#logs.open(log, this.#facts.bytesOf(log), signal);
      // A refresh meanwhile found no file.
      if (!source)
        throw new SkillLogError("REPLACED", "the log was removed while its entries were read");
      return source;
    };
    return readRows(this.#core, open, rows, rows?.length ?? this.length, signal, take);
  }

  /**
   * Returns the rows that meet every condition. Reads no entry.
   *
   * @param {Select<Status>} [wanted]
   * @returns {Uint32Array} in the order of their numbers, or of `rows`
   * @throws {SkillLogError} `INVALID_ARGUMENT` when a condition, or a row of `rows`, is not valid
   */
  select(wanted) {
    const { rows, ...conditions } = checkOptions(wanted, SELECT_OPTIONS);
    const checked = this.#checkOptionalRows(rows);
    const selection = selectionOf(conditions, this.#facts.sessions);
    try {
      return this.#core.select(selection, checked);
    } finally {
      giveBack(() => selection.free());
      if (checked) freeBuffer(checked);
    }
  }

  /**
   * Selects rows and sorts them, as `select` and `sort` do, and lets the thread do other things
   * meanwhile: it is never held for much longer than a frame of a page.
   *
   * @param {Query<Status>} [wanted]
   * @returns {Promise<Uint32Array>} Rows that a refresh adds meanwhile are left out
   * @throws {SkillLogError} `INVALID_ARGUMENT` when a condition, a row of `rows` or the column is not
   *   valid
   */
  async query(wanted) {
    const { rows, sort, signal, ...conditions } = checkOptions(wanted, QUERY_OPTIONS);
    checkSignal(signal);
    const order = sort === undefined ? null : sortOptions(sort);
    const checked = this.#checkOptionalRows(rows);
    const count = checked?.length ?? this.length;
    const selection = selectionOf(conditions, this.#facts.sessions);
    const turns = new ThreadTurns();
    const turn = async () => {
      await turns.letOthersRun();
      signal?.throwIfAborted();
    };
    try {
      signal?.throwIfAborted();
      /** @type {Uint32Array[]} */
      const parts = [];
      for (let from = 0; from < count; from += PART_ROWS) {
        const to = Math.min(from + PART_ROWS, count);
        const part = checked?.subarray(from, to) ?? this.#between(from, to);
        parts.push(this.#core.select(selection, part));
        if (!checked) freeBuffer(part);
        await turn();
      }
      const found = joined(parts);
      for (const part of checked ? [...parts, checked] : parts) freeBuffer(part);
      // To join the parts of a million rows takes as long as to find some.
      await turn();
      for (;;) {
        const left = this.#existing(found) ?? found;
        const sorted = order ? await this.#sortedInTurns(left, order, turn) : left;
        if (sorted) return sorted;
      }
    } finally {
      giveBack(() => selection.free());
      turns.close();
    }
  }

  /**
   * Sorts rows that exist, in turns.
   *
   * @param {Uint32Array} rows
   * @param {ReturnType<typeof sortOptions>} order
   * @param {() => Promise<void>} turn
   * @returns {Promise<Uint32Array | null>} null when rows were removed meanwhile, because columns
   *   leave those out
   */
  async #sortedInTurns(rows, { by, descending }, turn) {
    const holes = this.#core.holes();
    const steps = sortSteps({ ...this.#rowsOfIndex(rows), rows }, by, descending);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      await turn();
      if (this.#core.holes() !== holes) return null;
    }
  }

  /**
   * Returns the values of rows in a column. Leaves out removed rows, as `select({ rows })` does: the
   * value of each row that it returns stands at the same position.
   *
   * @template {ColumnName} Name
   * @param {Name} name
   * @param {Rows} [rows] default: every row
   * @returns {ColumnOf<Name>}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when there is no such column, or no such row
   */
  column(name, rows) {
    const checked = this.#checkOptionalRows(rows);
    const values = columnOf(this.#rowsOfIndex(checked), name);
    if (checked) freeBuffer(checked);
    return /** @type {any} */ (values);
  }

  /**
   * Returns rows in the order of a column. Rows that agree in it keep their order. Leaves out removed
   * rows.
   *
   * Instants are compared to the nanosecond, and texts by their code points. Rows that lack a value
   * come last in both directions: a phase, a model, a duration, and of `verified` an attempt.
   *
   * @param {SortOptions} options
   * @param {Rows} [rows] default: every row
   * @returns {Uint32Array}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when there is no such column, or no such row
   */
  sort(options, rows) {
    const { by, descending } = sortOptions(options);
    const existing = this.select({ rows });
    return sortedRows({ ...this.#rowsOfIndex(existing), rows: existing }, by, descending);
  }

  /**
   * Counts rows by time. Leaves out removed rows.
   *
   * @param {HistogramOptions} options
   * @param {Rows} [rows] default: every row
   * @returns {Histogram}
   * @throws {SkillLogError} `INVALID_ARGUMENT` when an option is not valid; when `width` makes over
   *   100,000 buckets, or `by` over 10,000,000 counts; or when there is no such row
   */
  histogram(options, rows) {
    const checked = checkOptions(options, ["buckets", "width", "offset", "by"]);
    return histogramOf(this.#rowsOfIndex(this.#checkOptionalRows(rows)), checked);
  }

  /** @param {Uint32Array | undefined} rows */
  #rowsOfIndex(rows) {
    return {
      core: this.#core,
      sessions: this.#facts.sessions,
      textOf: (/** @type {number} */ column, /** @type {number} */ code) =>
        this.#text(column, code),
      rows,
    };
  }

  /**
   * Finds where a text stands in the entry of a row.
   *
   * Looks where `search` looks, and reads the entry for it. `places(entry, text)` does the same for an
   * entry that was read already.
   *
   * @param {number} i
   * @param {string | RegExp} text
   * @param {PlacesOptions & { signal?: AbortSignal | undefined }} [options]
   * @returns {Promise<Place[]>} in the order of the strings: the members, the attempts, then `input`
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of the row
   */
  async places(i, text, options) {
    const { signal, ...checked } = checkOptions(options, [...PLACES_OPTIONS, "signal"]);
    const wanted = placesWanted(text, checked);
    return placesIn(await this.entry(i, { input: "raw", signal }), wanted);
  }

  /**
   * Finds the rows whose entry holds a text, or has a string that a RegExp matches: one of its
   * strings, or a key or a string of its `input`.
   *
   * Each string is decoded and searched by itself. A lone surrogate, which UTF-8 lacks, becomes
   * U+FFFD, in `text` too. If `input` has two members of one name, both are searched. The flags `g`
   * and `y` of a RegExp, and its `lastIndex`, do not matter.
   *
   * @param {string | RegExp} text
   * @param {SearchOptions} [options]
   * @returns {Promise<Uint32Array>} in the order of their numbers, or of `rows`
   * @throws {SkillLogError} `REPLACED` when another entry, or none, is at the place of a row
   */
  async search(text, options) {
    const { rows, ignoreCase, signal, onProgress } = progressOptions(
      options,
      ["ignoreCase"],
      ["rows"],
    );
    isPattern(text);
    const checked = this.#existing(this.#checkOptionalRows(rows));
    const total = checked?.length ?? this.length;
    /** @type {Uint32Array[]} */
    const found = [];
    let count = 0;
    for await (const searched of this.#searchRows(checked, text, ignoreCase === true, signal)) {
      found.push(searched.hits);
      count += searched.count;
      onProgress?.({ rows: count, total, hits: searched.hits });
    }
    const all = joined(found);
    if (!checked) return all.sort();
    const hits = new Set(all);
    return checked.filter((row) => hits.has(row));
  }

  /**
   * Searches rows, log by log.
   *
   * @param {Uint32Array | undefined} rows
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<{ count: number, hits: Uint32Array }, void, void>}
   */
  async *#searchRows(rows, text, ignoreCase, signal) {
    const threaded = this.#logs.search?.(this.#core, rows, text, ignoreCase, signal);
    if (threaded) {
      for await (const { count, hits, left } of threaded) {
        yield { count, hits };
        if (left.length > 0) yield* this.#searchHere(left, text, ignoreCase, signal);
      }
      return;
    }
    const order = rows && this.#readingOrder(rows);
    yield* this.#searchHere(
      order && rows ? order.map((at) => rows[at]) : rows,
      text,
      ignoreCase,
      signal,
    );
  }

  /**
   * Searches rows in this thread.
   *
   * @param {Uint32Array | undefined} rows
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<{ count: number, hits: Uint32Array }, void, void>}
   */
  async *#searchHere(rows, text, ignoreCase, signal) {
    const wanted = new RowSearch(text, ignoreCase);
    let before = 0;
    try {
      const search = (
        /** @type {RowReader} */ reader,
        /** @type {number} */ from,
        /** @type {number} */ to,
      ) => wanted.hits(this.#core, reader, from, to, rows);
      for await (const [hits, searched] of this.#readRows(rows, signal, search)) {
        yield { count: searched - before, hits };
        before = searched;
      }
    } finally {
      wanted.free();
    }
  }

  /**
   * Counts and measures rows.
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
   * Reads what was appended, and adds its rows. A last line without a line end is read again. Removes
   * the rows of logs that were removed, replaced or cut, and reads the files that are there now.
   *
   * @param {ProgressOptions} [options]
   * @returns {Promise<{ added: number, removed: number }>} how many rows were added, and how many
   *   were removed. Rows of a log that is replaced while it is read count in both
   */
  async refresh(options) {
    const checked = progressOptions(options);
    // Only one refresh runs at a time, because each starts where the refresh before it ended.
    while (this.#refreshing)
      await unlessAborted(
        this.#refreshing.catch(() => ({ added: 0, removed: 0 })),
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
  async #refresh(options) {
    options.signal?.throwIfAborted();
    const core = this.#core;
    const { length, removed } = this;
    try {
      await this.#logs.refresh(core, this.#facts, options);
      return { added: this.length - length, removed: this.removed - removed };
    } catch (error) {
      if (isStopped(error)) this.#failure = error;
      throw error;
    } finally {
      giveBack(() => this.#made.end());
    }
  }
}

/** @param {SortOptions} options */
function sortOptions(options) {
  const { by, descending = false } = checkOptions(options, ["by", "descending"]);
  if (typeof descending !== "boolean")
    throw invalidArgument("options.descending", descending, "true or false");
  return { by, descending };
}

/** @param {number} row */
function removedRow(row) {
  return new SkillLogError(
    "REPLACED",
    `row ${row}: its entry is not there any more: the index was refreshed after its log changed`,
  );
}

/**
 * Joins lists of rows.
 *
 * @param {Uint32Array[]} lists
 */
function joined(lists) {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
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
