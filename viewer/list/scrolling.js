// Where a list of any height stands, while the browser scrolls a spacer of at most 8,000,000 pixels.
//
// The list has two positions: `top`, the first pixel of its rows that is visible, and `bar`, the
// browser's own scrollTop. Small movements move both by the same pixels. Large movements, of a
// dragged scroll bar, move `top` in proportion. When scrolling stops, `bar` is set to where `top`
// belongs, so both agree again.

/**
 * The height of the tallest spacer, in CSS pixels. Chromium's tallest element has 33,554,428
 * pixels, or half of that where the screen has two pixels for one. Up to here, positions of half a
 * pixel are exact in the 32-bit floats of compositors.
 */
export const TALLEST = 8_000_000;

/** As TALLEST, in pixels of the screen: pages can be enlarged tenfold. */
const TALLEST_ON_SCREEN = 32_000_000;

/**
 * How far from both ends of the spacer a pixel of it is a pixel of the rows. There the wheel gets
 * to the last row exactly. Elsewhere, this is room to scroll by pixels before `bar` has to be set.
 */
const EDGE = TALLEST / 20;

/** The positions of one list. Sizes are in CSS pixels. */
export class Scrolling {
  count = 0;
  rowHeight = 1;
  /** The height of the part that is visible. */
  viewport = 0;
  /** Pixels of the screen for each of them. */
  pixelRatio = 1;
  /** The first visible pixel of the rows. */
  top = 0;
  /** The last known scrollTop. */
  bar = 0;

  /** The height of the spacer. */
  get spacer() {
    return Math.min(this.count * this.rowHeight, TALLEST, TALLEST_ON_SCREEN / this.pixelRatio);
  }

  /** The largest `top`. */
  get lastTop() {
    return Math.max(0, this.count * this.rowHeight - this.viewport);
  }

  /** The largest `bar`. */
  get lastBar() {
    return Math.max(0, this.spacer - this.viewport);
  }

  /** What is added to a row's place among the rows, to get its place in the spacer. */
  get offset() {
    return this.bar - this.top;
  }

  /** Whether `bar` is where `top` belongs, as exactly as browsers keep it. */
  get isSettled() {
    return Math.abs(this.bar - this.barAt(this.top)) < 1;
  }

  /** Whether `bar` may get to an end before `top` does, so that it cannot wait for a pause. */
  get mustSettle() {
    if (this.isSettled) return false;
    const isAtEnd = this.bar <= 0 || this.bar >= this.lastBar;
    return isAtEnd || Math.abs(this.bar - this.barAt(this.top)) > EDGE / 2;
  }

  /**
   * Changes sizes, and keeps the first visible row where it is.
   *
   * @param {Partial<Pick<Scrolling, "count" | "rowHeight" | "viewport" | "pixelRatio">>} sizes
   */
  resize(sizes) {
    const first = this.top / this.rowHeight;
    const isOther = sizes.rowHeight !== undefined && sizes.rowHeight !== this.rowHeight;
    Object.assign(this, sizes);
    this.top = clamp(isOther ? Math.round(first * this.rowHeight) : this.top, this.lastTop);
  }

  /**
   * Follows the browser to a scrollTop.
   *
   * @param {number} scrollTop
   * @param {boolean} [isFine] whether a wheel or a finger moved it. Default: as the distance says,
   *   because a scroll bar that is dragged by a pixel of the screen moves thousands
   */
  scrolled(scrollTop, isFine = false) {
    // Some browsers bounce beyond the ends.
    const bar = clamp(scrollTop, this.lastBar);
    const distance = bar - this.bar;
    if (distance === 0) return;
    if (Math.abs(distance) < (isFine ? EDGE : this.#leastDrag()))
      this.top = clamp(this.top + distance, this.lastTop);
    else this.top = this.#topAfterDrag(bar);
    this.bar = bar;
  }

  /** Returns half of what the scroll bar moves when it is dragged by a pixel of the screen. */
  #leastDrag() {
    return Math.min(EDGE, this.spacer / Math.max(1, this.viewport * this.pixelRatio) / 2);
  }

  /**
   * Moves in proportion to the way that is left to the end, because `bar` may be a little off. So
   * `top` never moves against `bar`, and gets to both ends.
   *
   * @param {number} bar
   */
  #topAfterDrag(bar) {
    const [from, to] = [this.barAt(this.top), this.lastBar];
    const moved =
      bar > this.bar
        ? from + ((bar - this.bar) * (to - from)) / (to - this.bar)
        : (from * bar) / this.bar;
    const top = this.topAt(moved);
    // Rows at whole pixels stay sharp. Their ends are not rounded away.
    return bar > this.bar
      ? Math.max(this.top, Math.min(Math.ceil(top), this.lastTop))
      : Math.min(this.top, Math.floor(top));
  }

  /**
   * Goes to a place among the rows. The caller then sets the browser's scrollTop to `barAt(top)`,
   * and calls `settle` with what the browser made of it.
   *
   * @param {number} top
   */
  goTo(top) {
    this.top = clamp(Math.round(top), this.lastTop);
  }

  /**
   * Notes the scrollTop that was set for `top`.
   *
   * @param {number} bar
   */
  settle(bar) {
    this.bar = bar;
  }

  /**
   * Returns the `top` at which a row is whole in view.
   *
   * @param {number} row
   * @param {"nearest" | "center" | "start" | "end"} [where] default: as near as possible to here
   */
  topOf(row, where = "nearest") {
    const start = row * this.rowHeight;
    const end = start + this.rowHeight - this.viewport;
    switch (where) {
      case "start":
        return clamp(start, this.lastTop);
      case "end":
        return clamp(end, this.lastTop);
      case "center":
        return clamp(Math.round((start + end) / 2), this.lastTop);
      default:
        return clamp(Math.min(Math.max(this.top, end), start), this.lastTop);
    }
  }

  /**
   * Returns which rows are at least partly visible, and some more.
   *
   * @param {number} [more] rows before and after them
   * @returns {{ start: number, end: number }} `end` is excluded
   */
  rows(more = 0) {
    const start = Math.floor(this.top / this.rowHeight) - more;
    const end = Math.ceil((this.top + this.viewport) / this.rowHeight) + more;
    return { start: clamp(start, this.count), end: clamp(end, this.count) };
  }

  /**
   * Returns the scrollTop that belongs to a place among the rows.
   *
   * @param {number} top
   */
  barAt(top) {
    return along(top, this.lastTop, this.lastBar);
  }

  /**
   * Returns the place among the rows that belongs to a scrollTop.
   *
   * @param {number} bar
   */
  topAt(bar) {
    return along(bar, this.lastBar, this.lastTop);
  }
}

/**
 * Maps a place on one way to a place on another: equal steps near both ends, steps in proportion
 * between them.
 *
 * @param {number} place
 * @param {number} from the length of its way
 * @param {number} to the length of the other way
 */
function along(place, from, to) {
  if (from === to || place <= EDGE) return Math.min(place, to);
  if (place >= from - EDGE) return Math.max(0, to - (from - place));
  return EDGE + ((place - EDGE) * (to - 2 * EDGE)) / (from - 2 * EDGE);
}

/**
 * @param {number} value
 * @param {number} most
 */
function clamp(value, most) {
  return Math.min(Math.max(0, value), most);
}
