// Which bytes of damaged lines a repair overwrites: all but entries, in stretches as long as
// possible.

/** @import { DamagedLine } from "../storage/storage.js" */

/** @typedef {[offset: number, length: number][]} Places */

/**
 * About how many stretches a group has at most, and how many bytes. The stretches of a group are
 * saved and overwritten together, because each group takes several syncs.
 */
const GROUP_STRETCHES = 30_000;
const GROUP_BYTES = 1 << 25;

/** The kinds of damage, worst first. Lines that are saved together get the worst of their kinds. */
export const KINDS = /** @type {const} */ (["corrupt", "fused", "nul", "torn"]);

/** The length of a byte order mark, in bytes. */
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * What to overwrite of some lines that follow each other. A line belongs to one group as a whole,
 * because overwriting a part of it changes how the rest is read.
 */
export class DamagedGroup {
  /**
   * Four numbers for each stretch: offset, length, kind, and 1 if a whole entry follows on its
   * line.
   *
   * @type {number[]}
   */
  #stretches = [];
  #bytes = 0;
  /** The end of the last stretch if it ends a line; else NaN. */
  #end = NaN;
  /** Damaged lines that stay. */
  left = 0;
  /** @type {number[]} the offsets of whole entries that touch the entry before them */
  touching = [];

  /** @param {number} from where its first line starts */
  constructor(from) {
    this.from = from;
  }

  get isFull() {
    return this.#bytes >= GROUP_BYTES || this.#stretches.length >= 4 * GROUP_STRETCHES;
  }

  /**
   * Adds a damaged line, or several that are described as one.
   *
   * @param {DamagedLine} line
   * @param {"keep" | "drop" | undefined} doubtful what happens to doubtful pieces
   * @param {boolean} parts whether to part entries that touch
   */
  add(line, doubtful, parts) {
    const inDoubt = line.doubtful;
    // A larger limit, or the caller, may decide that the line has an entry.
    if (line.kind === "too_long" || (inDoubt.length > 0 && !doubtful)) {
      this.left += line.lines;
      return;
    }
    const kept =
      inDoubt.length > 0 && doubtful === "keep"
        ? mergedPlaces(line.whole, inDoubt, false)
        : line.whole;
    let damaged = line.damaged;
    if (inDoubt.length > 0)
      damaged =
        doubtful === "keep" ? without(damaged, inDoubt) : mergedPlaces(damaged, inDoubt, true);
    const touching = touchesOf(kept);
    if (parts) for (const offset of touching) this.touching.push(offset);
    else if (touching.length > 0) this.left += 1;
    const kind = Math.max(
      0,
      KINDS.findIndex((kind) => kind === line.kind),
    );
    let next = 0;
    for (const [offset, length] of damaged) {
      const end = offset + length;
      while (next < kept.length && kept[next][0] < end) next += 1;
      // The entry after a byte order mark is found however it starts, so no gap must part the two.
      const isByteOrderMark = offset === 0 && length === BYTE_ORDER_MARK_BYTES;
      const isFollowed = !isByteOrderMark && next < kept.length && kept[next][0] === end;
      this.#put(offset, length, kind, isFollowed, offset === line.offset);
    }
    const last = damaged[damaged.length - 1];
    if (last)
      this.#end = last[0] + last[1] === line.offset + line.length ? line.offset + line.length : NaN;
  }

  /**
   * @param {number} offset
   * @param {number} length
   * @param {number} kind
   * @param {boolean} isFollowed
   * @param {boolean} startsLine
   */
  #put(offset, length, kind, isFollowed, startsLine) {
    const stretches = this.#stretches;
    if (startsLine && offset === this.#end + 1) {
      // Only a line end stands between the two.
      const last = stretches.length - 4;
      stretches[last + 1] += length + 1;
      stretches[last + 2] = Math.min(stretches[last + 2], kind);
      stretches[last + 3] = isFollowed ? 1 : 0;
      this.#bytes += length + 1;
    } else {
      stretches.push(offset, length, kind, isFollowed ? 1 : 0);
      this.#bytes += length;
    }
    this.#end = NaN;
  }

  /**
   * @returns {Generator<{ offset: number, length: number, kind: number, isFollowed: boolean },
   * void, void>}
   */
  *stretches() {
    const all = this.#stretches;
    for (let at = 0; at < all.length; at += 4) {
      yield {
        offset: all[at],
        length: all[at + 1],
        kind: all[at + 2],
        isFollowed: all[at + 3] === 1,
      };
    }
  }
}

/**
 * Returns the offsets of whole entries that touch the entry before them.
 *
 * @param {Places} whole
 */
export function touchesOf(whole) {
  return whole
    .slice(1)
    .flatMap(([offset], index) => (whole[index][0] + whole[index][1] === offset ? [offset] : []));
}

/**
 * Merges two lists of places in the order of the file. Places that overlap become one place.
 *
 * @param {Places} some
 * @param {Places} others
 * @param {boolean} asOne whether places that touch become one place too
 * @returns {Places}
 */
function mergedPlaces(some, others, asOne) {
  /** @type {Places} */
  const all = [];
  for (const [offset, length] of [...some, ...others].sort(([a], [b]) => a - b)) {
    const last = all[all.length - 1];
    const end = last ? last[0] + last[1] : -1;
    if (offset < end || (asOne && offset === end))
      last[1] = Math.max(end, offset + length) - last[0];
    else all.push([offset, length]);
  }
  return all;
}

/**
 * Returns the parts of places that no other place covers.
 *
 * @param {Places} places in order
 * @param {Places} others in order
 * @returns {Places}
 */
function without(places, others) {
  /** @type {Places} */
  const rest = [];
  let next = 0;
  for (const [offset, length] of places) {
    const end = offset + length;
    let at = offset;
    while (next > 0 && others[next - 1][0] + others[next - 1][1] > offset) next -= 1;
    for (; next < others.length && others[next][0] < end; next += 1) {
      if (others[next][0] > at) rest.push([at, others[next][0] - at]);
      at = Math.max(at, others[next][0] + others[next][1]);
    }
    if (at < end) rest.push([at, end - at]);
  }
  return rest;
}
