// What a person chose, kept in the browser: for the whole page, and for each source of logs.

import { Store } from "./store.js";

/** @import { Zone } from "../time/times.js" */

/**
 * @typedef {object} Preferences
 * @property {"system" | "light" | "dark"} theme
 * @property {boolean} contrast whether contrast is high, whatever the system asks for
 * @property {Zone} zone how times are shown
 * @property {readonly string[] | null} columns of the table of entries; null: the usual ones
 * @property {boolean} wrap whether long texts in the table wrap
 * @property {boolean} showsTime whether the timeline is shown
 * @property {number} leftSize of the list of sessions, in CSS pixels
 * @property {number} rightSize of the entry beside the list; 0: as the page's width suggests
 * @property {boolean} follows whether the list stays at its end while entries arrive
 */

/** @type {Readonly<Preferences>} */
const USUAL = {
  theme: "system",
  contrast: false,
  zone: "local",
  columns: null,
  wrap: false,
  showsTime: true,
  leftSize: 320,
  rightSize: 0,
  follows: false,
};

/**
 * What is known of the sessions of one source.
 *
 * @typedef {object} Known
 * @property {readonly string[]} favourites ids
 * @property {Readonly<Record<string, string>>} names id → the person's own name for it
 * @property {Readonly<Record<string, number>>} seen id → how many bytes of it were seen
 * @property {Readonly<Record<string, number>>} counts id → how many entries of it were seen
 */

/** @type {Readonly<Known>} */
export const NOTHING_KNOWN = { favourites: [], names: {}, seen: {}, counts: {} };

/** The most sessions whose seen bytes are kept for one source. The oldest are forgotten. */
const MOST_SEEN = 5000;

const PAGE_KEY = "skill-log viewer";

/**
 * Preferences that are kept. Where the browser forbids it, they last as long as the page.
 *
 * @template {object} S
 * @augments {Store<S>}
 */
export class KeptStore extends Store {
  /**
   * @param {string} key
   * @param {Readonly<S>} usual also says which properties there are, and of which type
   * @param {() => Storage | undefined} [storage]
   */
  constructor(key, usual, storage = browserStorage) {
    super({ ...usual, ...readKept(storage(), key, usual) });
    this.watch((state) => writeKept(storage(), key, state));
    // Another tab of the page may change them.
    globalThis.addEventListener?.("storage", (event) => {
      if (event.key === key) this.set(/** @type {S} */ (readKept(storage(), key, usual)));
    });
  }
}

export const preferences = new KeptStore(PAGE_KEY, USUAL);

/**
 * Returns what is known of the sessions of a source.
 *
 * @param {string} source its name
 * @returns {KeptStore<Known>}
 */
export function knownOf(source) {
  return new KeptStore(`${PAGE_KEY}: ${source}`, NOTHING_KNOWN);
}

/**
 * Adds a session's number to those of others, such as its bytes to what was seen.
 *
 * @param {Readonly<Record<string, number>>} numbers
 * @param {string} id
 * @param {number} number
 * @returns {Readonly<Record<string, number>>}
 */
export function withSeen(numbers, id, number) {
  const { [id]: _, ...others } = numbers;
  const kept = Object.entries(others).slice(-(MOST_SEEN - 1));
  return Object.fromEntries([...kept, [id, number]]);
}

/** Returns the browser's storage. Reading the property throws where cookies are forbidden. */
function browserStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/**
 * Returns the kept properties whose types are right: a person may have changed them.
 *
 * @template {object} S
 * @param {Storage | undefined} storage
 * @param {string} key
 * @param {Readonly<S>} usual
 * @returns {Partial<S>}
 */
function readKept(storage, key, usual) {
  try {
    const kept = JSON.parse(storage?.getItem(key) ?? "{}");
    const right = Object.entries(usual).filter(
      ([name, value]) => Object.hasOwn(kept, name) && isAlike(kept[name], value),
    );
    return /** @type {Partial<S>} */ (
      Object.fromEntries(right.map(([name]) => [name, kept[name]]))
    );
  } catch {
    return {};
  }
}

/**
 * @param {unknown} kept
 * @param {unknown} usual
 */
function isAlike(kept, usual) {
  // Only `columns` is null as usual.
  if (usual === null || Array.isArray(usual))
    return Array.isArray(kept) ? kept.every((item) => typeof item === "string") : kept === usual;
  return typeof kept === typeof usual && kept !== null && !Array.isArray(kept);
}

/**
 * @param {Storage | undefined} storage
 * @param {string} key
 * @param {object} state
 */
function writeKept(storage, key, state) {
  try {
    storage?.setItem(key, JSON.stringify(state));
  } catch {
    // It is full or forbidden: the state lasts as long as the page.
  }
}
