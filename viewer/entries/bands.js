// Where the bands of damage stand among the rows of an index.

/** @import { Damage, LogIndex, Pending } from "skill-log" */

/** The most bands. The damage beyond them is only counted. */
export const MOST_BANDS = 20_000;

const NO_POSITIONS = new Uint32Array();

/**
 * @typedef {object} Band
 * @property {string | undefined} session
 * @property {Damage | null} damage null: `pending` instead
 * @property {Pending | null} pending the end of a log that is no entry yet
 * @property {number} before how many rows stand before it
 * @property {number} [news] how many entries after it a person has not seen; then it is no damage
 */

/**
 * Returns whether two bands stand for the same bytes, before and after a log grew.
 *
 * @param {Band} one
 * @param {Band} other
 */
export function isSameBand(one, other) {
  const offset = (/** @type {Band} */ { damage, pending }) => (damage ?? pending)?.offset;
  return one.session === other.session && offset(one) === offset(other);
}

/** Rows, and bands between them, as one list. */
export class RowsAndBands {
  #rows;
  /** @type {readonly Band[]} by their place */
  #bands;

  /**
   * @param {Uint32Array} rows
   * @param {readonly Band[]} bands in the order of `before`
   */
  constructor(rows, bands) {
    this.#rows = rows;
    this.#bands = bands;
  }

  get length() {
    return this.#rows.length + this.#bands.length;
  }

  get rows() {
    return this.#rows;
  }

  get bands() {
    return this.#bands;
  }

  /**
   * Returns what stands at a place of the list.
   *
   * @param {number} at
   * @returns {{ row: number, band?: undefined } | { row?: undefined, band: Band }}
   */
  at(at) {
    const bands = this.#bandsUpTo(at);
    if (bands > 0 && this.#bands[bands - 1].before + bands - 1 === at)
      return { band: this.#bands[bands - 1] };
    return { row: this.#rows[at - bands] };
  }

  /**
   * Returns the place in the list of the row at a position of `rows`.
   *
   * @param {number} position
   */
  placeOf(position) {
    return position + countOf(this.#bands.length, (i) => this.#bands[i].before <= position);
  }

  /**
   * Returns the position in `rows` of the row at a place, or of the next row.
   *
   * @param {number} at
   */
  positionAt(at) {
    const bands = this.#bandsUpTo(at);
    const isBand = bands > 0 && this.#bands[bands - 1].before + bands - 1 === at;
    return at - bands + (isBand ? 1 : 0);
  }

  /**
   * Counts the bands that stand at a place or before it.
   *
   * @param {number} at
   */
  #bandsUpTo(at) {
    return countOf(this.#bands.length, (i) => this.#bands[i].before + i <= at);
  }
}

/**
 * Returns the bands of an index, for all its rows in the order of their numbers.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @returns {{ bands: Band[], left: number }} `left`: how much damage has no band
 */
export function bandsOf(index, rows) {
  const { damage } = index;
  // What the logs of a million rows hold takes 20 ms.
  if (damage.length === 0 && index.pending === null) return { bands: [], left: 0 };
  const left = Math.max(0, damage.length - MOST_BANDS);
  const logs = index.logs();
  /** @type {Map<string | undefined, (Damage | Pending)[]>} */
  const bySession = new Map();
  const add = (
    /** @type {string | undefined} */ session,
    /** @type {Damage | Pending} */ stretch,
  ) => {
    const some = bySession.get(session);
    if (some) some.push(stretch);
    else bySession.set(session, [stretch]);
  };
  for (const one of damage.slice(0, MOST_BANDS)) add(one.session, one);
  for (const { session, pending } of logs) if (pending) add(session, pending);
  if (bySession.size === 0) return { bands: [], left };
  // Columns leave out rows that were removed.
  const existing = index.select({ rows });
  const offsets = index.column("offset", existing);
  const isOne = logs.length === 1 || bySession.has(undefined);
  const groups = isOne ? null : positionsBySession(index, existing, bySession);
  /** @type {Band[]} */
  const bands = [];
  for (const [session, stretches] of bySession) {
    const own = groups && (groups.get(session) ?? NO_POSITIONS);
    for (const stretch of stretches) {
      bands.push({
        session,
        damage: "kind" in stretch ? stretch : null,
        pending: "kind" in stretch ? null : stretch,
        before: placeAmong(rows, existing, positionBefore(offsets, own, stretch.offset)),
      });
    }
  }
  bands.sort((a, b) => a.before - b.before);
  return { bands, left };
}

/**
 * Returns where the rows of some sessions stand among rows, each session's in rising order.
 *
 * Reads the rows once, however many sessions there are.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows none of which was removed
 * @param {ReadonlyMap<string | undefined, unknown>} wanted by the session
 * @returns {Map<string | undefined, Uint32Array>} by the session. A session without rows is absent
 */
function positionsBySession(index, rows, wanted) {
  const { codes, texts } = index.column("session", rows);
  const counts = new Uint32Array(texts.length);
  for (let at = 0; at < codes.length; at += 1) counts[codes[at]] += 1;
  const groups = texts.map((text, code) =>
    wanted.has(text) ? new Uint32Array(counts[code]) : null,
  );
  const ends = new Uint32Array(texts.length);
  for (let at = 0; at < codes.length; at += 1) {
    const group = groups[codes[at]];
    if (group) group[ends[codes[at]]++] = at;
  }
  /** @type {Map<string | undefined, Uint32Array>} */
  const found = new Map();
  for (const [code, group] of groups.entries()) if (group) found.set(texts[code], group);
  return found;
}

/**
 * Returns the position before which a stretch of a log stands: after the log's last row before it,
 * or at the log's first row.
 *
 * @param {ArrayLike<number>} offsets of all rows
 * @param {Uint32Array | null} own the positions of the log's rows; null: all rows are the log's
 * @param {number} offset of the stretch
 */
function positionBefore(offsets, own, offset) {
  if (!own) return countOf(offsets.length, (i) => offsets[i] < offset);
  if (own.length === 0) return offsets.length;
  const before = countOf(own.length, (i) => offsets[own[i]] < offset);
  return before > 0 ? own[before - 1] + 1 : own[0];
}

/**
 * Adds the line after which everything is new to a person.
 *
 * @param {readonly Band[]} bands
 * @param {number} before how many rows stand before it
 * @param {number} news how many after it
 * @returns {readonly Band[]}
 */
export function withNews(bands, before, news) {
  const at = bands.findIndex((band) => band.before > before);
  return bands.toSpliced(at < 0 ? bands.length : at, 0, {
    session: undefined,
    damage: null,
    pending: null,
    before,
    news,
  });
}

/**
 * Returns how many rows stand before a position among those of them that exist.
 *
 * @param {Uint32Array} rows
 * @param {Uint32Array} existing
 * @param {number} position
 */
function placeAmong(rows, existing, position) {
  if (existing.length === rows.length) return position;
  return position < existing.length ? positionOf(rows, existing[position]) : rows.length;
}

/**
 * Returns the position of the first row in a rising list that is not less.
 *
 * @param {Uint32Array} rows
 * @param {number} row
 */
export function positionOf(rows, row) {
  return countOf(rows.length, (i) => rows[i] < row);
}

/**
 * Returns how many items come first that something is true of, when it is true of none after them.
 *
 * @param {number} length
 * @param {(i: number) => boolean} isTrue
 */
function countOf(length, isTrue) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
