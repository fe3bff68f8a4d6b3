// What the rows in view say: reads their entries after a short while, and keeps the last ones.

import { places } from "skill-log";

/** @import { Entry, LogIndex, Place } from "skill-log" */
/** @import { Search } from "../app/store.js" */

/**
 * The largest entry that is read for its row, in bytes. Decoding it takes some milliseconds, in the
 * thread that scrolls.
 */
const LARGEST = 256 << 10;

/** The most bytes that are read at once. */
const MOST_BYTES = 1 << 20;

/** How many excerpts are kept. */
const KEPT = 1000;

/** How long rows are in view before they are read, in milliseconds. */
const PAUSE = 40;

/** The most characters of an excerpt. */
const LONGEST = 400;

/**
 * @typedef {object} Excerpt
 * @property {string} text one line
 * @property {string} field where it is from: empty where it is the message
 * @property {{ start: number, end: number }[]} marks in `text`
 */

export class Excerpts {
  #onRead;
  /** @type {LogIndex | null} */
  #index = null;
  /** @type {Search | null} */
  #search = null;
  /** @type {Map<number, Excerpt>} by row; the last ones that were asked for are at the end */
  #kept = new Map();
  #controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} onRead is called after excerpts were read */
  constructor(onRead) {
    this.#onRead = onRead;
  }

  /**
   * Forgets all when the index or the search is another.
   *
   * @param {LogIndex | null} index
   * @param {Search | null} search
   */
  of(index, search) {
    if (index === this.#index && isSame(search, this.#search)) return;
    this.#index = index;
    this.#search = search;
    this.#kept.clear();
    this.end();
  }

  /** Ends what is read. */
  end() {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  /**
   * Returns the excerpt of a row.
   *
   * @param {number} row
   * @returns {Excerpt | undefined} undefined: it was not read yet
   */
  get(row) {
    return this.#kept.get(row);
  }

  /**
   * Reads those of rows that are not there yet.
   *
   * @param {number[]} rows
   */
  want(rows) {
    clearTimeout(this.#timer);
    const missing = rows.filter((row) => !this.#kept.has(row));
    if (missing.length === 0) return;
    this.#timer = setTimeout(() => void this.#read(missing), PAUSE);
  }

  /** @param {number[]} rows */
  async #read(rows) {
    const index = this.#index;
    if (!index) return;
    this.#controller.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    /** @type {number[]} */
    let some = [];
    let bytes = 0;
    const flush = async () => {
      if (some.length === 0) return;
      const read = some;
      some = [];
      bytes = 0;
      const entries = await index.entries(read, { input: "raw", integers: "number", signal });
      for (const [at, row] of read.entries()) this.#keep(row, excerptOf(entries[at], this.#search));
      this.#onRead();
    };
    try {
      for (const row of rows) {
        const { length } = index.row(row);
        if (length > LARGEST) {
          const text = `an entry of ${(length / 1e6).toFixed(1)} MB`;
          this.#keep(row, { text, field: "large", marks: [] });
          continue;
        }
        some.push(row);
        bytes += length;
        if (bytes >= MOST_BYTES) await flush();
      }
      await flush();
      this.#onRead();
    } catch (error) {
      if (signal.aborted) return;
      // The log was replaced: a refresh takes its rows away. Other failures are shown as they are.
      const text = error instanceof Error ? error.message : String(error);
      for (const row of rows)
        if (!this.#kept.has(row)) this.#keep(row, { text, field: "not read", marks: [] });
      this.#onRead();
    }
  }

  /**
   * @param {number} row
   * @param {Excerpt} excerpt
   */
  #keep(row, excerpt) {
    this.#kept.delete(row);
    this.#kept.set(row, excerpt);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) return;
      this.#kept.delete(oldest);
    }
  }
}

/**
 * Returns what a search looks for.
 *
 * @param {Search} search
 * @returns {{ text: string | RegExp, ignoreCase: boolean } | { error: string }}
 */
export function wantedText({ text, isPattern, isExact }) {
  if (!isPattern) return { text, ignoreCase: !isExact };
  try {
    return { text: new RegExp(text, "u"), ignoreCase: !isExact };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Returns what a row says of its entry: where a text was found; else its message, or what comes
 * nearest to one.
 *
 * @param {Entry} entry read with its `input` raw
 * @param {Search | null} search
 * @returns {Excerpt}
 */
export function excerptOf(entry, search) {
  const wanted = search && search.text !== "" ? wantedText(search) : null;
  if (wanted && "text" in wanted) {
    const { text, ignoreCase } = wanted;
    const found = places(entry, text, { ignoreCase, most: 4, around: 120 });
    const place = found.find(({ field }) => field === "message") ?? found[0];
    if (place) return placeExcerpt(place, found);
  }
  if (entry.message) return { text: oneLine(entry.message), field: "", marks: [] };
  const attempts = entry.attempts ?? [];
  for (let at = attempts.length - 1; at >= 0; at -= 1) {
    const text = attempts[at].output_summary || attempts[at].runner_output;
    if (text) return { text: oneLine(text), field: `attempt ${at + 1}`, marks: [] };
  }
  return { text: entry.file_path ?? "", field: "", marks: [] };
}

/**
 * @param {Place} place
 * @param {Place[]} all
 * @returns {Excerpt}
 */
function placeExcerpt({ field, start, end, excerpt, length }, all) {
  const { text } = excerpt;
  const before = start > excerpt.start ? "…" : "";
  const after = end + (text.length - excerpt.end) < length ? "…" : "";
  return {
    text: before + spaced(text) + after,
    field: [field === "message" ? "" : field, all.length > 1 ? `+${all.length - 1}` : ""]
      .filter((word) => word !== "")
      .join(" "),
    marks: [{ start: excerpt.start + before.length, end: excerpt.end + before.length }],
  };
}

/** @param {string} text */
function oneLine(text) {
  // Much more than is kept may be space.
  return spaced(text.slice(0, 4 * LONGEST))
    .replace(/ {2,}/g, " ")
    .trim()
    .slice(0, LONGEST);
}

/**
 * Writes control characters as spaces, one for one, so that offsets stay.
 *
 * @param {string} text
 */
function spaced(text) {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}

/**
 * @param {Search | null} a
 * @param {Search | null} b
 */
function isSame(a, b) {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.text === b.text &&
      a.isExact === b.isExact &&
      a.isPattern === b.isPattern)
  );
}
