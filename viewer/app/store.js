// What the page shows, in one place, and who is told when it changes.

/** @import { LogIndex, RowConditions, SessionSummary, SortOptions } from "skill-log" */
/** @import { Logs, Opened } from "../sources/opened.js" */
/** @import { ReactiveController, ReactiveControllerHost } from "lit" */

/** As a session: all of them. No log has this id, because no file may have it as its name. */
export const ALL = "*";

/**
 * Where an entry is: the place in a file stays while rows get other numbers.
 *
 * @typedef {object} EntryPlace
 * @property {string} session
 * @property {number} offset of its first byte, in the file
 */

/**
 * Entries of two sessions, by the offsets of their first bytes; null: that session has none.
 *
 * @typedef {{ left: number | null, right: number | null }} EntryOffsets
 */

/**
 * @typedef {object} Search
 * @property {string} text
 * @property {boolean} isExact whether the case of letters counts
 * @property {boolean} isPattern whether `text` is a regular expression
 */

/**
 * @typedef {object} Problem what went wrong, for a person
 * @property {string} what
 * @property {string} [where]
 * @property {string} [advice] what was expected, or what to do
 */

/**
 * @typedef {object} State
 * @property {Logs | null} sessions null: nothing is open
 * @property {string} source the name of what is open, such as the folder's
 * @property {NonNullable<Opened["note"]> | null} note what is open, where it is no copy of files
 * @property {boolean} isLive whether new entries arrive by themselves
 * @property {boolean} isOpening whether a source is being opened
 * @property {readonly SessionSummary[]} summaries those that are listed so far, newest first
 * @property {boolean} isListing whether more will come
 * @property {string | null} session whose entries are shown, or `ALL`; null: none was chosen
 * @property {LogIndex | null} index of the entries that are shown; null while it is made
 * @property {{ bytes: number, total: number } | null} progress of reading; null: nothing is read
 * @property {Uint32Array} selected rows of the index that are shown, in the order of their numbers
 * @property {Uint32Array} rows the same in the order that is shown
 * @property {RowConditions} filter
 * @property {SortOptions | null} sort null: in the order of the files
 * @property {{ since: number, until: number } | null} range instants in milliseconds since 1970; the
 *   last one is excluded
 * @property {Search | null} search
 * @property {EntryPlace | null} entry the one that is shown in full
 * @property {string | null} compared the session that `session` is compared with; null: none is
 * @property {EntryOffsets | null} pair the entries of both that are compared
 * @property {string | null} marked a session that waits for another one to be compared with
 * @property {Problem | null} problem
 */

/** @type {Readonly<State>} */
export const EMPTY = {
  sessions: null,
  source: "",
  note: null,
  isLive: false,
  isOpening: false,
  summaries: [],
  isListing: false,
  session: null,
  index: null,
  progress: null,
  selected: new Uint32Array(),
  rows: new Uint32Array(),
  filter: {},
  sort: null,
  range: null,
  search: null,
  entry: null,
  compared: null,
  pair: null,
  marked: null,
  problem: null,
};

/**
 * A state that can be watched.
 *
 * @template {object} S
 */
export class Store {
  #state;
  /** @type {Set<(state: Readonly<S>, changed: ReadonlySet<keyof S>) => void>} */
  #listeners = new Set();

  /** @param {Readonly<S>} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /**
   * Changes properties of the state. Tells the listeners unless all are what they were.
   *
   * @param {Partial<S>} changes
   */
  set(changes) {
    const names = /** @type {(keyof S)[]} */ (Object.keys(changes));
    const changed = new Set(names.filter((name) => !Object.is(this.#state[name], changes[name])));
    if (changed.size === 0) return;
    this.#state = { ...this.#state, ...changes };
    for (const listener of [...this.#listeners]) listener(this.#state, changed);
  }

  /**
   * Calls a function after each change.
   *
   * @param {(state: Readonly<S>, changed: ReadonlySet<keyof S>) => void} listener
   * @returns {() => void} ends that
   */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * Updates an element when a state changes, as long as the element is in the page.
 *
 * @template {object} S
 * @implements {ReactiveController}
 */
export class Watched {
  #host;
  #store;
  #names;
  /** @type {() => void} */
  #end = () => {};

  /**
   * @param {ReactiveControllerHost} host
   * @param {Store<S>} store
   * @param {(keyof S)[]} [names] the properties that matter. Default: all
   */
  constructor(host, store, names) {
    this.#host = host;
    this.#store = store;
    this.#names = names;
    host.addController(this);
  }

  get state() {
    return this.#store.state;
  }

  hostConnected() {
    this.#end = this.#store.watch((_, changed) => {
      if (!this.#names || this.#names.some((name) => changed.has(name))) this.#host.requestUpdate();
    });
    this.#host.requestUpdate();
  }

  hostDisconnected() {
    this.#end();
  }
}
