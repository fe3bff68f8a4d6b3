// The positions of a list of any height, against a model of how browsers scroll.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { Scrolling, TALLEST } from "../../../viewer/list/scrolling.js";

/** A browser's scroller: it knows the spacer's height alone, and keeps pixels of the screen. */
class Scroller {
  scrollTop = 0;
  #list;

  /** @param {Scrolling} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {number} scrollTop */
  set(scrollTop) {
    const most = Math.max(0, this.#list.spacer - this.#list.viewport);
    const { pixelRatio } = this.#list;
    this.scrollTop = Math.round(Math.min(Math.max(0, scrollTop), most) * pixelRatio) / pixelRatio;
  }

  /** Scrolls as a wheel does. @param {number} distance */
  wheel(distance) {
    this.set(this.scrollTop + distance);
    this.#list.scrolled(this.scrollTop, true);
    if (this.#list.mustSettle) this.pause();
  }

  /**
   * Scrolls as a dragged scroll bar does.
   *
   * @param {number} part of the way, from 0 to 1
   * @returns {number} how far the scroll bar moved
   */
  drag(part) {
    const { scrollTop } = this;
    this.set(part * (this.#list.spacer - this.#list.viewport));
    const moved = this.scrollTop - scrollTop;
    this.#list.scrolled(this.scrollTop);
    if (this.#list.mustSettle) this.pause();
    return moved;
  }

  /** Rows are added. @param {number} rows */
  grow(rows) {
    this.#list.resize({ count: this.#list.count + rows });
    if (this.#list.mustSettle) this.pause();
  }

  /** Nothing is scrolled for a while. */
  pause() {
    if (this.#list.isSettled) return;
    this.set(this.#list.barAt(this.#list.top));
    this.#list.settle(this.scrollTop);
  }

  /** Goes to a row, as keys and links do. @param {number} row */
  goTo(row) {
    this.#list.goTo(this.#list.topOf(row));
    this.set(this.#list.barAt(this.#list.top));
    this.#list.settle(this.scrollTop);
  }
}

/** @param {{ count: number, rowHeight?: number, viewport?: number, pixelRatio?: number }} sizes */
function listOf({ count, rowHeight = 30, viewport = 700, pixelRatio = 1 }) {
  const list = new Scrolling();
  list.resize({ count, rowHeight, viewport, pixelRatio });
  return { list, scroller: new Scroller(list) };
}

const sizes = fc.record({
  count: fc.oneof(fc.constantFrom(1_000_000, 10_000_000), fc.integer({ min: 0, max: 20_000_000 })),
  rowHeight: fc.integer({ min: 20, max: 90 }),
  viewport: fc.integer({ min: 90, max: 2200 }),
  pixelRatio: fc.constantFrom(1, 1.25, 1.5, 2, 3, 10),
});

const part = fc.double({ min: 0, max: 1, noNaN: true });

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("wheel"), by: fc.integer({ min: -6000, max: 6000 }) }),
    fc.record({ kind: fc.constant("drag"), by: part }),
    fc.record({ kind: fc.constant("pause"), by: fc.constant(0) }),
    fc.record({ kind: fc.constant("goTo"), by: part }),
    fc.record({ kind: fc.constant("grow"), by: fc.integer({ min: 1, max: 100_000 }) }),
  ),
  { minLength: 1, maxLength: 60 },
);

/**
 * @param {Scrolling} list
 * @param {number} row
 */
function isWhole(list, row) {
  const start = row * list.rowHeight - list.top;
  return start >= 0 && start + list.rowHeight <= list.viewport;
}

test("moves no row against the browser when it scrolls, and loses no end", () => {
  fc.assert(
    fc.property(sizes, steps, (given, all) => {
      const { list, scroller } = listOf(given);
      for (const { kind, by } of all) {
        const { top } = list;
        let dragged = 0;
        if (kind === "wheel") scroller.wheel(by);
        else if (kind === "drag") dragged = scroller.drag(by);
        else if (kind === "pause") scroller.pause();
        else if (kind === "goTo") scroller.goTo(Math.floor(by * (list.count - 1)));
        else scroller.grow(by);
        const moved = list.top - top;
        if (kind === "wheel") {
          assert.ok(moved * by >= 0, `${moved} against ${by}`);
          assert.ok(Math.abs(moved) <= Math.abs(by) + 1, `${moved} by a wheel of ${by}`);
        }
        if (kind === "drag") assert.ok(moved * dragged >= 0, `${moved} against ${dragged}`);
        if (kind === "pause" || kind === "grow") assert.equal(moved, 0);
        assert.ok(list.top >= 0 && list.top <= list.lastTop);
        if (kind === "drag" && by === 0) assert.equal(list.top, 0);
        if (kind === "drag" && by === 1) assert.ok(list.lastTop - list.top <= 1);
        assert.equal(list.mustSettle, false);
      }
      scroller.pause();
      assert.ok(list.isSettled);
      assert.ok(list.spacer <= TALLEST);
      assert.ok(list.spacer * list.pixelRatio < 33_554_428);
    }),
    { numRuns: 500 },
  );
});

test("moves rows by the pixels of the wheel when they are not at an end", () => {
  fc.assert(
    fc.property(sizes, part, fc.integer({ min: -4000, max: 4000 }), (given, at, by) => {
      const { list, scroller } = listOf(given);
      list.resize({ pixelRatio: 1 });
      fc.pre(list.lastTop > 20_000);
      list.goTo(5000 + at * (list.lastTop - 10_000));
      scroller.set(list.barAt(list.top));
      list.settle(scroller.scrollTop);
      const { top, offset } = list;
      scroller.wheel(by);
      assert.equal(list.top - top, by);
      assert.equal(list.offset, offset, "rows stay where they are in the spacer");
    }),
  );
});

for (const count of [1_000_000, 10_000_000]) {
  for (const pixelRatio of [1, 2]) {
    const where = `${count} rows at ${pixelRatio} ×`;

    test(`shows any row when it is linked to or the scroll bar is at its place: ${where}`, () => {
      fc.assert(
        fc.property(
          fc.oneof(fc.integer({ min: 0, max: count - 1 }), fc.constantFrom(0, count - 1)),
          (row) => {
            const { list, scroller } = listOf({ count, pixelRatio });
            scroller.goTo(row);
            assert.ok(isWhole(list, row), "by its number");
            assert.ok(list.rows().start <= row && row < list.rows().end);
            const bar = list.barAt(list.topOf(row, "center")) / list.lastBar;
            scroller.drag(bar > 0.5 ? 0 : 1);
            scroller.drag(bar);
            assert.ok(isWhole(list, row), "by the scroll bar");
          },
        ),
      );
    });

    test(`shows every row by the wheel alone when it turns without a pause: ${where}`, () => {
      const { list, scroller } = listOf({ count, pixelRatio });
      let most = 0;
      while (list.top < list.lastTop) {
        const { top, viewport } = list;
        scroller.wheel(600);
        assert.ok(list.top > top && list.top - top <= viewport, `stops or leaps at ${top}`);
        most = Math.max(most, list.top - top);
      }
      assert.ok(isWhole(list, count - 1));
      assert.equal(most, 600);
      while (list.top > 0) {
        const { top } = list;
        scroller.wheel(-600);
        assert.ok(list.top < top && top - list.top <= list.viewport, `stops or leaps at ${top}`);
      }
    });

    test(`shows the last row whole when the scroll bar is at its end: ${where}`, () => {
      const { list, scroller } = listOf({ count, pixelRatio });
      scroller.drag(0.4);
      scroller.drag(1);
      assert.equal(list.top, list.lastTop);
      assert.ok(isWhole(list, count - 1));
      scroller.drag(0);
      assert.equal(list.top, 0);
    });
  }
}

test("shows each next row by keys when 3,000 rows are passed, at any place", () => {
  for (const start of [0, 4_999_000, 9_996_999]) {
    const { list, scroller } = listOf({ count: 10_000_000 });
    for (let row = start; row < start + 3000; row += 1) {
      scroller.goTo(row);
      assert.ok(isWhole(list, row));
    }
  }
});

test("keeps the row that is first in view when rows get another height", () => {
  const { list, scroller } = listOf({ count: 1_000_000 });
  list.goTo(500_000 * 30);
  scroller.set(list.barAt(list.top));
  list.settle(scroller.scrollTop);
  list.resize({ rowHeight: 66 });
  assert.equal(list.rows().start, 500_000);
});

test("has no position but 0 when all rows are visible", () => {
  const { list, scroller } = listOf({ count: 3 });
  scroller.drag(1);
  scroller.wheel(100);
  scroller.goTo(2);
  assert.deepEqual([list.top, list.bar, list.offset], [0, 0, 0]);
  assert.deepEqual(list.rows(5), { start: 0, end: 3 });
});

test("takes a long way for a movement by pixels when a wheel made it", () => {
  const { list } = listOf({ count: 10_000_000 });
  list.goTo(100_000_000);
  list.settle(list.barAt(list.top));
  list.scrolled(list.bar + 20_000, true);
  assert.equal(list.top, 100_020_000);
  list.scrolled(list.bar + 20_000);
  assert.ok(list.top > 100_500_000);
});
