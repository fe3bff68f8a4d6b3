// An index that a server keeps, and what changed in it since a client asked.

import { LogIndex as Core, Selection } from "../../dist/skill_log.js";
import { SkillLogError } from "../errors.js";
import { LogFacts } from "../indexing/log-facts.js";
import {
  FRAME,
  FRAME_LOGS,
  FRAME_ROWS,
  frameOf,
  jsonFrame,
  MOST_DAMAGE,
} from "../remote/protocol.js";
import { ROW_BYTES, sectionsOf, withSections } from "../remote/row-sections.js";
import { callCore, giveBack, startedModule } from "../wasm/core.js";
import { sentDamage } from "./sent-damage.js";
import { sentError } from "./sent-errors.js";

/** @import { ManyLogs } from "../sessions/many-logs.js" */
/** @import { Damage } from "../types.js" */

/** How many provisional rows of a log are remembered. Before that, all its rows are sent again. */
const MOST_UNENDED = 64;

/**
 * The most descriptions of damage of a page of several logs. A page is held up to its last log, and a
 * frame with them stays far below its limit.
 */
const MOST_PAGE_DAMAGE = 2 * MOST_DAMAGE;

/** How often progress is sent, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** The facts of logs, and which of them changed. */
class ChangingFacts extends LogFacts {
  /** @type {Set<number>} the logs that changed since `takeChanges` */
  changed = new Set();
  /** @type {Set<number>} those whose rows were removed since */
  cleared = new Set();
  /** @type {Set<number>} the logs without a file */
  gone = new Set();

  /** @param {string | undefined} session */
  add(session) {
    this.changed.add(this.sessions.length);
    super.add(session);
  }

  /** @type {LogFacts["readOn"]} */
  readOn(log) {
    this.changed.add(log);
    super.readOn(log);
  }

  /** @type {LogFacts["take"]} */
  take(log, step, position) {
    this.changed.add(log);
    this.gone.delete(log);
    return super.take(log, step, position);
  }

  /** @type {LogFacts["setPending"]} */
  setPending(log, pending) {
    this.changed.add(log);
    super.setPending(log, pending);
  }

  /** @type {LogFacts["restore"]} */
  restore(log, ...kept) {
    this.changed.add(log);
    this.gone.delete(log);
    super.restore(log, ...kept);
  }

  /** @type {LogFacts["clear"]} */
  clear(log) {
    this.changed.add(log);
    this.cleared.add(log);
    this.gone.add(log);
    super.clear(log);
  }
}

/**
 * Where a client's copy of the index ends.
 *
 * @typedef {{ revision: number, length: number }} Cursor
 */

/** The index of a server. */
export class ServedIndex {
  #core = startedModule() && new Core();
  #facts = new ChangingFacts();
  #logs;
  #failures;
  /** Differs between any two indexes. */
  #name;
  /** For each revision the number of rows. */
  #lengths = [0];
  /** The revision in which each log changed last, and was cleared last. @type {number[]} */
  #changedAt = [];
  /** @type {Map<number, number>} */
  #clearedAt = new Map();
  /**
   * For logs whose last rows were provisional: from which row on, and since which revision.
   *
   * @type {Map<number, { revision: number, row: number }[]>}
   */
  #unended = new Map();
  /** @type {Promise<void>} what uses the index alone */
  #last = Promise.resolve();
  /** @type {Promise<void> | null} a refresh that has not started */
  #waiting = null;
  /** @type {Set<(progress: { bytes: number, total: number }) => void>} */
  #listeners = new Set();

  /**
   * @param {(onFailure: (error: unknown, id: string) => void) => ManyLogs} logs makes the logs
   * @param {string} name differs between any two indexes
   */
  constructor(logs, name) {
    /** @type {Map<string, unknown>} */
    this.#failures = new Map();
    this.#logs = logs((error, id) => this.#failures.set(id, error));
    this.#name = name;
  }

  /** How many rows it has. */
  get length() {
    return this.#core.length();
  }

  get #revision() {
    return this.#lengths.length - 1;
  }

  /**
   * Runs work alone: no refresh runs meanwhile.
   *
   * @template T
   * @param {() => Promise<T>} work
   */
  #alone(work) {
    const done = this.#last.then(work);
    this.#last = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /**
   * Returns what opens a log of the index; undefined where it has none of that id.
   *
   * @param {string} id
   */
  refOf(id) {
    return this.#logs.refOf(id);
  }

  /** Reads what is new. A call while another refresh runs shares the refresh that comes next. */
  #refresh() {
    return (this.#waiting ??= this.#alone(async () => {
      this.#waiting = null;
      this.#failures.clear();
      await this.#logs.refresh(this.#core, this.#facts, {
        onProgress: (progress) => this.#listeners.forEach((tell) => tell(progress)),
      });
      giveBack(() => this.#core.end());
      this.#noteChanges();
    }));
  }

  #noteChanges() {
    const { changed, cleared } = this.#facts;
    if (changed.size === 0) return;
    this.#lengths.push(this.#core.length());
    const revision = this.#revision;
    for (const log of changed) this.#changedAt[log] = revision;
    for (const log of cleared) this.#clearedAt.set(log, revision);
    for (const log of changed) this.#noteUnended(log, revision);
    changed.clear();
    cleared.clear();
  }

  /**
   * @param {number} log
   * @param {number} revision
   */
  #noteUnended(log, revision) {
    const [, , provisional] = this.#core.state(log);
    const before = this.#unended.get(log);
    if (provisional === 0 && !before) return;
    const rows = provisional > 0 ? this.#rowsOf([log]) : NO_ROWS;
    const row = provisional > 0 ? rows[rows.length - provisional] : Infinity;
    const notes = before ?? [{ revision: revision - 1, row: Infinity }];
    notes.push({ revision, row });
    if (notes.length > MOST_UNENDED) notes.shift();
    this.#unended.set(log, notes);
  }

  /**
   * Returns from which row on the rows of a log are sent that may have been provisional.
   *
   * @param {number} log
   * @param {number} since a revision
   */
  #unendedRow(log, since) {
    const notes = this.#unended.get(log);
    if (!notes) return Infinity;
    const at = notes.findLastIndex(({ revision }) => revision <= since);
    return at < 0 ? 0 : Math.min(...notes.slice(at).map(({ row }) => row));
  }

  /**
   * Returns the rows of logs, in the order of their numbers.
   *
   * @param {number[]} logs
   */
  #rowsOf(logs) {
    const selection = new Selection();
    try {
      selection.logs(Uint32Array.from(logs));
      return this.#core.select(selection, undefined);
    } finally {
      giveBack(() => selection.free());
    }
  }

  /**
   * Reads a cursor.
   *
   * @param {string} text
   * @returns {number | null} the revision; null where the cursor is not of this index
   */
  revisionOf(text) {
    const [name, revision] = text.split(".");
    const isOwn = name === this.#name && /^\d{1,15}$/.test(revision);
    return isOwn && Number(revision) <= this.#revision ? Number(revision) : null;
  }

  /**
   * Refreshes the index, and yields what changed since a client asked, as frames.
   *
   * @param {string | null} after the client's cursor
   * @param {ReadonlySet<string> | undefined} ids the logs that the client wants
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *changes(after, ids, signal) {
    yield* this.#refreshing(signal);
    const frames = await this.#alone(async () => {
      const since = (after !== null && this.revisionOf(after)) || 0;
      /** @type {Uint8Array[]} */
      const all = [jsonFrame({ restart: since === 0 })];
      for (const frame of this.#framesSince(since, ids)) {
        all.push(frame);
        await new Promise((done) => setTimeout(done));
        if (signal.aborted) return [];
      }
      const failures = [...this.#failures]
        .filter(([id]) => !ids || ids.has(id))
        .map(([id, error]) => ({ id, ...sentError(error) }));
      all.push(jsonFrame({ cursor: `${this.#name}.${this.#revision}`, failures }));
      return all;
    });
    yield* frames;
  }

  /** @param {AbortSignal} signal */
  async *#refreshing(signal) {
    let isDone = false;
    let last = 0;
    let ring = () => {};
    /** @type {{ bytes: number, total: number } | null} */
    let progress = null;
    const listener = (/** @type {{ bytes: number, total: number }} */ now) => {
      progress = now;
      if (performance.now() - last >= PROGRESS_INTERVAL) ring();
    };
    this.#listeners.add(listener);
    const end = () => {
      isDone = true;
      ring();
    };
    const refresh = this.#refresh();
    refresh.then(end, end);
    try {
      while (!isDone) {
        await new Promise((done) => (ring = () => done(undefined)));
        if (signal.aborted) return;
        if (!progress || isDone) continue;
        last = performance.now();
        yield jsonFrame({ progress });
        progress = null;
      }
    } finally {
      this.#listeners.delete(listener);
    }
    await refresh;
  }

  /**
   * @param {number} since a revision
   * @param {ReadonlySet<string> | undefined} ids
   * @returns {Generator<Uint8Array, void, void>}
   */
  *#framesSince(since, ids) {
    const { sessions, gone } = this.#facts;
    const logs = [];
    for (let log = 0; log < sessions.length; log += 1) {
      const isChanged = this.#changedAt[log] > since;
      // To a client without an index, a log that is gone never was.
      if (isChanged && (since > 0 || !gone.has(log)) && (!ids || ids.has(sessions[log] ?? "")))
        logs.push(log);
    }
    // An index that is made now has its logs in this order.
    if (since === 0)
      logs.sort((one, other) => compare(sessions[one], sessions[other]) || one - other);
    const rows = this.#rowsSince(since, logs);
    for (let at = 0; at < logs.length; ) {
      /** @type {{ log: number, rows: Uint32Array }[]} */
      const page = [];
      const described = [];
      let [count, places] = [0, 0];
      for (; at < logs.length && page.length < FRAME_LOGS; at += 1) {
        const own = rows.get(logs[at]) ?? NO_ROWS;
        const damage = sentDamage(this.#facts.damageOf(logs[at]));
        const isFull = count + own.length > FRAME_ROWS || places + damage.places > MOST_PAGE_DAMAGE;
        if (page.length > 0 && isFull) break;
        page.push({ log: logs[at], rows: own });
        described.push(this.#factsOf(logs[at], since, damage.damage));
        count += own.length;
        places += damage.places;
      }
      yield jsonFrame({ logs: described });
      yield* this.#rowFrames(page);
    }
  }

  /**
   * Returns the rows that a client lacks, by log.
   *
   * @param {number} since
   * @param {number[]} logs
   * @returns {Map<number, Uint32Array>}
   */
  #rowsSince(since, logs) {
    const first = this.#lengths[since];
    const fresh = Uint32Array.from({ length: this.#core.length() - first }, (_, at) => first + at);
    const wanted = new Set(logs);
    const again = logs
      .map((log) => ({ log, row: this.#unendedRow(log, since) }))
      .filter(({ row }) => row < first);
    const before = again.flatMap(({ log, row }) => [
      ...this.#rowsOf([log]).filter((each) => each >= row && each < first),
    ]);
    const list = this.#core.rows_by_log(
      before.length > 0 ? Uint32Array.from([...before, ...fresh]) : fresh,
    );
    const ends = this.#core.row_ends(list);
    /** @type {Map<number, Uint32Array>} */
    const rows = new Map();
    for (let from = 0, to = 0; from < list.length; from = to) {
      const log = ends[2 * from];
      while (to < list.length && ends[2 * to] === log) to += 1;
      if (wanted.has(log)) rows.set(log, list.subarray(from, to));
    }
    return rows;
  }

  /**
   * Describes a log.
   *
   * @param {number} log
   * @param {number} since
   * @param {readonly Damage[]} damage what is sent of its damage
   */
  #factsOf(log, since, damage) {
    const facts = this.#facts;
    return {
      log,
      id: facts.sessions[log] ?? "",
      bytes: facts.bytesOf(log),
      modified: this.#logs.modified(log).getTime(),
      ...((this.#clearedAt.get(log) ?? 0) > since && { cleared: true }),
      ...(facts.damagedOf(log) > 0 && {
        damaged: facts.damagedOf(log),
        damage,
      }),
      ...(facts.pendingOf(log) && { pending: facts.pendingOf(log) }),
    };
  }

  /**
   * Yields the rows of a page of logs.
   *
   * @param {{ log: number, rows: Uint32Array }[]} page
   */
  *#rowFrames(page) {
    if (page.length === 1 && page[0].rows.length > FRAME_ROWS) {
      const [{ log, rows }] = page;
      for (let from = 0; from < rows.length; from += FRAME_ROWS) {
        const to = Math.min(from + FRAME_ROWS, rows.length);
        yield this.#rowFrame([{ log, rows: rows.subarray(from, to) }], to === rows.length);
      }
      return;
    }
    yield this.#rowFrame(page, true);
  }

  /**
   * @param {{ log: number, rows: Uint32Array }[]} page
   * @param {boolean} isLast whether the rows are the last ones of their logs
   */
  #rowFrame(page, isLast) {
    const list = new Uint32Array(page.reduce((sum, { rows }) => sum + rows.length, 0));
    let at = 0;
    for (const { rows } of page) {
      list.set(rows, at);
      at += rows.length;
    }
    const bytes = callCore(() => this.#core.rows_as_batch(list));
    const batch = sectionsOf(bytes);
    if (!batch) throw new SkillLogError("INTERNAL", "the core's batch of rows is malformed");
    let start = batch.rowsAt;
    const sections = page.map(({ log, rows }) => {
      const provisional = isLast ? Math.min(this.#core.state(log)[2], rows.length) : 0;
      const section = { log, provisional, rows: rows.length, at: start };
      start += rows.length * ROW_BYTES;
      return section;
    });
    return frameOf(FRAME.rows, withSections(bytes, batch, sections));
  }

  /**
   * Searches, and yields what was found as frames. Reads nothing that is new.
   *
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   * @param {{ after: string, logs?: readonly number[] }} where `logs`: the numbers of the logs that
   *   are searched; default: all
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *search(text, ignoreCase, { after, logs }, signal) {
    const core = this.#core;
    const since = this.revisionOf(after);
    const changed = [];
    if (since === null) throw new SkillLogError("REPLACED", "the server was started anew");
    for (const [log, revision] of this.#clearedAt) if (revision > since) changed.push(log);
    if (changed.length > 0) yield jsonFrame({ left: changed });
    const rows = logs && this.#rowsOf(logs.filter((log) => log < this.#facts.sessions.length));
    const all = rows ?? core.rows_by_log(undefined);
    let done = 0;
    for await (const step of this.#logs.search(core, all, text, ignoreCase, signal)) {
      const { count, hits, left } = step;
      signal.throwIfAborted();
      done += count + left.length;
      yield jsonFrame({
        done,
        total: all.length,
        ...(hits.length > 0 && { hits: this.#placesOf(hits) }),
        ...(left.length > 0 && { left: [...new Set(this.#logsOf(left))] }),
      });
    }
    yield jsonFrame({ end: true });
  }

  /**
   * Returns the offsets of rows, by log.
   *
   * @param {Uint32Array} rows
   * @returns {[log: number, offsets: number[]][]}
   */
  #placesOf(rows) {
    /** @type {Map<number, number[]>} */
    const places = new Map();
    for (const row of Uint32Array.from(rows)) {
      const [log, offset] = this.#core.row(row);
      // A refresh may have removed it meanwhile.
      if (log === undefined) continue;
      const offsets = places.get(log);
      if (offsets) offsets.push(offset);
      else places.set(log, [offset]);
    }
    return [...places];
  }

  /** @param {Uint32Array} rows */
  #logsOf(rows) {
    const ends = this.#core.row_ends(rows);
    return Array.from(ends.filter((_, at) => at % 2 === 0));
  }

  /** Frees the index after what runs has ended. */
  async close() {
    await this.#last;
    giveBack(() => this.#core.free());
  }
}

const NO_ROWS = new Uint32Array(0);

/**
 * @param {string | undefined} one
 * @param {string | undefined} other
 */
function compare(one = "", other = "") {
  return one < other ? -1 : Number(one > other);
}
