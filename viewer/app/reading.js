// Reads what is open into the state: the list of sessions, the index of what is shown, and what
// arrives later.

import { pause } from "./pause.js";
import { problemOf } from "./problems.js";
import { rowAt, shownRows } from "./rows.js";
import { ALL, EMPTY } from "./store.js";

/** @import { LogContents, LogIndex, SessionRecord, SessionSummary } from "skill-log" */
/** @import { Opened } from "../sources/opened.js" */
/** @import { State, Store } from "./store.js" */

/**
 * How often the list is shown while it is read, in milliseconds; and at least: the part of the time
 * that showing it may take.
 */
const LIST_PAUSE = 100;
const LIST_PART = 0.1;

/**
 * How often more rows are shown while they are read, in milliseconds; and at least: the part of the
 * time that showing them may take.
 */
const GROWTH_PAUSE = 200;
const GROWTH_PART = 0.1;

/** How long entries are collected before they are shown, in milliseconds. */
const REFRESH_PAUSE = 250;

/** How often files are looked at that the browser does not watch, in milliseconds. */
const POLL_PAUSE = 2000;

/** What decides which rows are shown. @type {(keyof State)[]} */
const CONDITIONS = ["filter", "range", "sort"];

export class Reading {
  #store;
  /** Ends all that is read of the source. */
  #source = new AbortController();
  /** Ends all that is read of the session. */
  #session = new AbortController();
  /** The row that was looked for last. @type {{ index: State["index"], entry: State["entry"], bytes: number | undefined, row: number | null }} */
  #found = { index: null, entry: null, bytes: undefined, row: null };
  #refreshing = false;
  #isStale = false;
  /** Whether other rows may meet the conditions than those that were selected. */
  #isOther = false;
  /** Ends the choice of rows. */
  #selecting = new AbortController();
  /** Resolves to whether a session is read to its end. */
  #showing = Promise.resolve(false);

  /** @param {Store<State>} store */
  constructor(store) {
    this.#store = store;
    store.watch((state, changed) => {
      const isOther = changed.has("session") || changed.has("compared");
      if (isOther && state.sessions) this.#showing = this.#show(state);
      else if (state.index && CONDITIONS.some((name) => changed.has(name)))
        void this.#select(changed.has("filter") || changed.has("range"));
    });
  }

  /**
   * Opens a source in place of what is open.
   *
   * @param {Promise<Opened | null>} opening null: the person chose nothing
   * @param {Partial<State>} shown what a link asks for
   */
  async open(opening, shown = {}) {
    this.#store.set({ isOpening: true, problem: null });
    /** @type {Opened | null} */
    let opened;
    try {
      opened = await opening;
    } catch (error) {
      const problem = problemOf(error, "These logs cannot be opened.");
      this.#store.set({ isOpening: false, problem });
      return;
    }
    if (!opened) {
      this.#store.set({ isOpening: false });
      return;
    }
    await this.close();
    const { logs, name, updates, only, note = null } = opened;
    this.#source = new AbortController();
    const isLive = updates !== "never";
    const isListing = true;
    const session = shown.session ?? only ?? null;
    const known = { sessions: logs, source: name, note, isLive, isListing };
    this.#store.set({ ...EMPTY, ...shown, ...known, session });
    const { signal } = this.#source;
    if (updates === "poll") void this.#poll(signal);
    // Where there is one log, its index says what a list would read all of it for.
    const isListed = only !== undefined && session === only && (await this.#showing);
    if (isListed) this.#store.set({ isListing: false });
    else await this.#list(signal);
    // Afterwards, because a server or a disk that is slow lists first.
    if (updates === "follow" && !signal.aborted) await this.#follow(signal);
  }

  /** Ends what is read, and shows nothing. */
  async close() {
    const { sessions } = this.#store.state;
    this.#source.abort();
    this.#session.abort();
    this.#store.set(EMPTY);
    await sessions?.close();
  }

  /** @param {AbortSignal} signal */
  async #list(signal) {
    const { sessions } = this.#store.state;
    /** @type {SessionSummary[]} */
    const summaries = [];
    let next = 0;
    try {
      for await (const summary of sessions?.list({ signal }) ?? []) {
        summaries.push(summary);
        const start = performance.now();
        if (start < next) continue;
        this.#store.set({ summaries: [...summaries] });
        // Elements are updated in microtasks.
        await pause();
        const end = performance.now();
        next = end + Math.max(LIST_PAUSE, (end - start) / LIST_PART);
      }
      this.#store.set({ summaries, isListing: false });
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(error, "The list of sessions cannot be read.");
      this.#store.set({ summaries, isListing: false, problem });
    }
  }

  /**
   * Indexes a session, two that are compared, or all. Shows the first rows while the others are
   * read, unless sessions are compared.
   *
   * @param {State} state
   * @returns {Promise<boolean>} whether it was read to its end
   */
  async #show({ sessions, session, compared }) {
    this.#session.abort();
    this.#session = new AbortController();
    const { signal } = this.#session;
    this.#isStale = false;
    const { rows, selected } = EMPTY;
    this.#store.set({ index: null, rows, selected, progress: null, problem: null });
    if (session === null || !sessions) return false;
    const ids = session === ALL ? [] : [...new Set([session, compared ?? session])];
    /** @type {unknown} */
    let failure = null;
    let isRead = false;
    /** @type {LogIndex | null} */
    let growing = null;
    const grow = growthOf(async () => {
      if (growing && growing.length > 0) await this.#showIndex(growing, signal);
    });
    try {
      const index = await sessions.index({
        ...(session !== ALL && { ids }),
        signal,
        onStart: (index) => (growing = compared === null ? index : null),
        onProgress: (progress) => {
          if (signal.aborted) return;
          this.#store.set({ progress });
          grow();
        },
        onFailure: (error) => (failure ??= error),
      });
      if (signal.aborted) return false;
      await this.#showIndex(index, signal, true);
      if (signal.aborted) return false;
      this.#store.set({ progress: null });
      // Elements are updated in microtasks, and what a million rows hold takes as long as that.
      await pause();
      if (signal.aborted) return false;
      // What arrived before there was an index to refresh.
      if (this.#isStale) void this.#refresh();
      isRead = failure === null;
      const logs = new Set(index.logs().map((log) => log.session ?? session));
      const missing = ids.find((id) => !logs.has(id));
      if (missing !== undefined && failure === null)
        this.#store.set({
          problem: {
            what: `There is no session ${missing} here.`,
            advice: "It may have been renamed, or the link is for other logs.",
          },
        });
    } catch (error) {
      failure = error;
    }
    if (signal.aborted || failure === null) return isRead && !signal.aborted;
    const what =
      session === ALL ? "Not every log can be read." : `The log ${session} cannot be read.`;
    this.#store.set({ problem: problemOf(failure, what), progress: null });
    return false;
  }

  /**
   * Shows what an index has.
   *
   * @param {LogIndex} index
   * @param {AbortSignal} signal
   * @param {boolean} [isWhole] whether it was read to its end
   */
  async #showIndex(index, signal, isWhole = false) {
    const shown = await this.#rowsOf(index);
    if (!shown || signal.aborted) return;
    const { session, summaries, compared } = this.#store.state;
    // The only log is not listed by another way.
    const isOnly = summaries.length === 0 && session !== ALL && compared === null;
    const [only] = isOnly ? index.logs() : [];
    if (isOnly) await pause();
    if (signal.aborted || session !== this.#store.state.session) return;
    const listed = only && [{ modified: new Date(), ...only, id: session ?? "" }];
    this.#store.set({ index, ...shown, ...(listed && { summaries: listed }) });
    if (summaries.length !== 1) return;
    await pause();
    if (signal.aborted) return;
    const { bytes } = index;
    const logs = index.logs();
    // To count what a million rows hold takes as long as drawing it.
    await pause();
    if (signal.aborted) return;
    const known = index.bytes === bytes ? { logs: () => logs } : index;
    this.#store.set({ summaries: withContents(this.#store.state, known, isWhole) });
  }

  /**
   * Returns the rows that are shown of an index.
   *
   * @param {LogIndex} index
   * @param {Uint32Array | null} [known] see `shownRows`
   * @returns {Promise<Pick<State, "selected" | "rows"> | null>} null where others are wanted
   *   meanwhile
   */
  async #rowsOf(index, known = null) {
    this.#selecting.abort();
    const { signal } = (this.#selecting = new AbortController());
    try {
      return await shownRows(index, this.#store.state, signal, known);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** @param {boolean} [isOther] whether other rows may meet the conditions; else they are sorted */
  async #select(isOther = true) {
    const { index, selected } = this.#store.state;
    if (!index) return;
    this.#isOther ||= isOther;
    const shown = await this.#rowsOf(index, this.#isOther ? null : selected);
    if (!shown || this.#store.state.index !== index) return;
    this.#isOther = false;
    this.#store.set(shown);
  }

  /**
   * Notices entries as they are appended.
   *
   * @param {AbortSignal} signal
   */
  async #follow(signal) {
    const { sessions, summaries } = this.#store.state;
    if (!sessions?.follow) return;
    // How far each log is known. What was appended since it was listed arrives, too.
    const ends = new Map(summaries.map((summary) => [summary.id, entriesEnd(summary)]));
    try {
      const records = sessions.follow({
        from: new Map(summaries.map(({ id, bytes }) => [id, bytes])),
        signal,
        onDamage: () => {},
        onFailure: () => {},
      });
      /** @type {Map<string, Arrived>} */
      let arrived = new Map();
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let timer;
      for await (const record of records) {
        const id = record.session;
        const isOther = record.end <= (ends.get(id) ?? 0);
        ends.set(id, record.end);
        const some = arrived.get(id);
        if (some && !isOther) some.records.push(record);
        else arrived.set(id, { records: [record], isOther });
        timer ??= setTimeout(() => {
          timer = undefined;
          this.#arrive(arrived);
          arrived = new Map();
        }, REFRESH_PAUSE);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#store.set({ isLive: false, problem: problemOf(error, "New entries are not noticed.") });
    }
  }

  /** @param {Map<string, Arrived>} arrived */
  #arrive(arrived) {
    const { summaries, session, compared } = this.#store.state;
    this.#store.set({ summaries: withArrived(summaries, arrived) });
    const shown = [session ?? "", compared ?? ""];
    if (session === ALL || shown.some((id) => arrived.has(id))) void this.#refresh();
  }

  /**
   * Looks at files again and again that nothing watches, while the page is visible.
   *
   * @param {AbortSignal} signal
   */
  async #poll(signal) {
    while (!signal.aborted) {
      await pause(POLL_PAUSE);
      if (!signal.aborted && document.visibilityState === "visible") await this.#refresh();
    }
  }

  async #refresh() {
    this.#isStale = true;
    const { index } = this.#store.state;
    // What is stale now is read when the index is made, or after this refresh.
    if (!index || this.#refreshing) return;
    this.#refreshing = true;
    const { signal } = this.#session;
    try {
      while (this.#isStale && !signal.aborted) {
        this.#isStale = false;
        const before = index.bytes;
        const { added, removed } = await index.refresh({ signal });
        if (signal.aborted) continue;
        if (added > 0 || removed > 0 || index.bytes !== before) await this.#select();
        if (signal.aborted) continue;
        this.#store.set({ summaries: withContents(this.#store.state, index, true) });
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#store.set({ problem: problemOf(error, "New entries cannot be read.") });
    } finally {
      this.#refreshing = false;
      // Another session was shown meanwhile, and may have asked.
      if (this.#isStale && this.#session.signal !== signal) void this.#refresh();
    }
  }

  /**
   * Returns the row of the entry that is shown.
   *
   * @returns {number | null} null where none is, or where the index has no such entry
   */
  get row() {
    const { index, entry, session } = this.#store.state;
    const found = this.#found;
    // An entry keeps its row, and one that had none may have arrived.
    const isKnown = found.index === index && found.entry === entry;
    if (isKnown && (found.row !== null || found.bytes === index?.bytes)) return found.row;
    const row = index && entry ? rowAt(index, entry, session) : null;
    this.#found = { index, entry, bytes: index?.bytes, row };
    return row;
  }
}

/**
 * Returns a function that shows what is read so far, unless that was shown a moment ago or is being
 * shown.
 *
 * @param {() => Promise<void>} show
 * @returns {() => void}
 */
function growthOf(show) {
  let next = 0;
  return () => {
    const start = performance.now();
    if (start < next) return;
    next = Infinity;
    const shown = show().then(() => pause());
    void shown
      .catch(() => {})
      .then(() => {
        const end = performance.now();
        next = end + Math.max(GROWTH_PAUSE, (end - start) / GROWTH_PART);
      });
  };
}

/**
 * What was appended to a log since the last look.
 *
 * @typedef {object} Arrived
 * @property {SessionRecord[]} records at least one, in the order of the file
 * @property {boolean} isOther whether they are those of another file, which replaced the log: they
 *   start where the log was read already
 */

/**
 * Returns how many bytes of a log have an end: what follows is no entry yet.
 *
 * @param {Pick<SessionSummary, "bytes" | "pending">} summary
 */
function entriesEnd({ bytes, pending }) {
  return bytes - (pending?.length ?? 0);
}

/**
 * Returns summaries with the entries that arrived. Sessions that got some come first.
 *
 * Counts no entry that a summary has already, because an index may have read it earlier.
 *
 * @param {readonly SessionSummary[]} summaries
 * @param {ReadonlyMap<string, Arrived>} arrived
 * @returns {SessionSummary[]}
 */
export function withArrived(summaries, arrived) {
  const known = new Map(summaries.map((summary) => [summary.id, summary]));
  const grown = [...arrived].map(([id, { records, isOther }]) => {
    const listed = known.get(id);
    known.delete(id);
    const before = isOther ? undefined : listed;
    const from = before ? entriesEnd(before) : 0;
    const added = records.filter(({ end }) => end > from);
    if (before && added.length === 0) return before;
    const { entry, end } = /** @type {SessionRecord} */ (added.at(-1));
    return {
      damaged: 0,
      foreign: 0,
      first: added[0].entry.timestamp,
      ...before,
      id,
      entries: (before?.entries ?? 0) + added.length,
      bytes: Math.max(end, before?.bytes ?? 0),
      pending: null,
      modified: new Date(),
      last: entry.timestamp,
      skill: entry.skill,
      final_status: entry.final_status,
    };
  });
  return [...grown.reverse(), ...known.values()];
}

/**
 * Returns whether a log holds anything else than what was known of it.
 *
 * @param {LogContents} log
 * @param {LogContents} known
 */
function isOther(log, known) {
  const names = /** @type {const} */ (["bytes", "entries", "damaged", "foreign"]);
  return names.some((name) => log[name] !== known[name]);
}

/**
 * Returns summaries with what an index knows better.
 *
 * @param {Pick<State, "summaries" | "session">} state
 * @param {Pick<NonNullable<State["index"]>, "logs">} index
 * @param {boolean} isWhole whether the index was read to its end. Else only more bytes are newer
 * @returns {readonly SessionSummary[]} the same ones where none changed
 */
export function withContents({ summaries, session }, index, isWhole) {
  const logs = new Map(index.logs().map((log) => [log.session ?? session ?? "", log]));
  let isChanged = false;
  const changed = summaries.map((summary) => {
    const log = logs.get(summary.id);
    if (!log || !(isWhole ? isOther(log, summary) : log.bytes > summary.bytes)) return summary;
    isChanged = true;
    const { session: _, ...contents } = log;
    return { ...summary, ...contents, modified: log.modified ?? new Date() };
  });
  return isChanged ? changed : summaries;
}
