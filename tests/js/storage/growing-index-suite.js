// What the index of a growing log must do in every storage. The test files that apply suite.js
// apply this suite too.

import assert from "node:assert/strict";
import fc from "fast-check";

import { tails } from "../support/damaged-lines.js";
import { entry, line, TORN } from "../support/lines.js";
import { assertPending } from "../support/pending.js";
import { rowsOf } from "../indexing/row-of.js";
import { existing, inPlace } from "./in-place.js";
import { checkAgainstReading, various } from "./reading-index-suite.js";

/** @import { LogIndex } from "skill-log" */

/**
 * A text of a random append: a line, a part of a line, or a line end. It has no NULs, because a
 * reader would wait for their writer.
 */
const appendedText = fc.oneof(
  fc.constantFrom(
    ...various.map(({ skill, ...more }) => line(skill, more)),
    "\n",
    "\n",
    "\n",
    "\r\n",
    "{}",
    "{}",
    TORN,
    "junk",
  ),
  fc
    .nat(line("d", { message: "cut" }).length)
    .map((cut) => line("d", { message: "cut" }).slice(0, cut)),
);

/** @param {LogIndex} index */
const state = (index) => ({
  rows: rowsOf(index),
  damage: index.damage,
  pending: index.pending,
  bytes: index.bytes,
});

/**
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<import("./suite.js").Place>} makePlace
 * @param {boolean} [hasModified] whether reading reports when a log was changed
 */
export function growingIndexSuite(name, makePlace, hasModified = false) {
  const it = inPlace(`${name}: index`, makePlace);

  it("is empty when the log does not exist, and has its rows when it does", async (place, log) => {
    const index = await log.index();
    assert.deepEqual(state(index), { rows: [], damage: [], pending: null, bytes: 0 });
    assert.deepEqual(await index.entries({ start: 0, end: 0 }), []);
    assert.deepEqual(index.stats(), {
      entries: 0,
      bytes: 0,
      skills: [],
      phases: [],
      statuses: [],
      models: [],
    });
    assert.equal(await index.refresh(), 0);
    assert.equal(await place.bytes(), null);
    await log.append(various);
    assert.equal(await index.refresh(), various.length);
    await checkAgainstReading(index, log);
  });

  it("adds new rows, and keeps the others, when it is refreshed", async (place, log) => {
    await log.append(various[0]);
    const index = await log.index();
    const before = index.row(0);
    assert.equal(await index.refresh(), 0);
    await log.append(various.slice(1));
    assert.equal(index.length, 1);
    assert.equal(await index.refresh(), various.length - 1);
    assert.deepEqual(index.row(0), before);
    await place.put("\n\n\r\n\n");
    assert.equal(await index.refresh(), 0);
    await log.append(entry("after"));
    assert.equal(await index.refresh(), 1);
    assert.deepEqual(await index.entry(index.length - 1), entry("after"));
    await checkAgainstReading(index, log);
  });

  it("reports a torn tail as pending, and adds its row when the rest comes", async (place, log) => {
    const whole = line("b", { message: "in two writes" });
    await place.put(`${line("a")}\n${whole.slice(0, 50)}`);
    const index = await log.index();
    const offset = line("a").length + 1;
    assert.deepEqual([index.length, index.bytes], [1, offset + 50]);
    assertPending(index.pending, { offset, length: 50 }, hasModified);
    await place.put(whole.slice(50, 60));
    assert.equal(await index.refresh(), 0);
    assertPending(index.pending, { offset, length: 60 }, hasModified);
    await place.put(`${whole.slice(60)}\n`);
    assert.equal(await index.refresh(), 1);
    assert.deepEqual([index.pending, index.damage], [null, []]);
    await checkAgainstReading(index, log);
  });

  it("replaces the row of an entry without a line end when its line grows", async (place, log) => {
    await place.put(`${line("a")}\n{}`);
    const index = await log.index();
    assert.deepEqual(
      [index.length, index.row(1).skill, index.foreign, index.pending],
      [2, "", 1, null],
    );
    await place.put(" ");
    assert.equal(await index.refresh(), 0);
    assert.equal(index.row(1).length, 3);
    await place.put("{");
    assert.equal(await index.refresh(), -1);
    // The entry is damage now because it has no session id. The brace may start another entry.
    assert.deepEqual([index.length, index.foreign, index.damaged], [1, 0, 1]);
    const damage = () =>
      index.damage.map(({ kind, length, line: number }) => [kind, length, number]);
    assert.deepEqual(damage(), [["torn", 3, 2]]);
    assertPending(index.pending, { offset: line("a").length + 1 + 3, length: 1 }, hasModified);
    await place.put("\n");
    assert.equal(await index.refresh(), 0);
    assert.deepEqual([damage(), index.damaged, index.pending], [[["torn", 4, 2]], 1, null]);
    await place.put(`${line("b")}\n`);
    assert.equal(await index.refresh(), 1);
    await checkAgainstReading(index, log);
  });

  it("joins equal faults on both sides when a refresh ended between them", async (place, log) => {
    const lines = 300_000;
    await place.put("junk\n".repeat(lines));
    const index = await log.index();
    await place.put("junk\njust\n");
    await index.refresh();
    await place.put("junk");
    await index.refresh();
    await place.put("\njunk\n");
    await index.refresh();
    const { damage, damaged } = await log.verify();
    assert.deepEqual([damaged, damage.map((each) => each.lines)], [lines + 4, [lines + 4]]);
    assert.deepEqual([index.damaged, index.damage], [damaged, damage]);
    /** @type {typeof damage} */
    const reported = [];
    await log.verify({ onDamage: (each) => reported.push(each) });
    assert.deepEqual(reported, damage);
  });

  it("counts an unended last line once when its line end arrives", async (place, log) => {
    const index = await log.index();
    for (const { name: tail, text, skills = [], damage, pending = 0 } of tails) {
      await log.append(entry("a"));
      await index.refresh();
      const { length, damaged } = index;
      await place.put(text);
      assert.equal(await index.refresh(), skills.length, tail);
      assert.deepEqual(
        rowsOf(index)
          .slice(length)
          .map(({ skill }) => skill),
        skills,
        tail,
      );
      assert.deepEqual(
        [index.damaged - damaged, index.damage.length],
        [damage ? 1 : 0, index.damaged],
        tail,
      );
      assert.equal(index.damage[damaged]?.kind, damage?.kind, tail);
      assert.equal(index.pending?.length ?? 0, pending, tail);
      assert.equal(await index.refresh(), 0, tail);
      await place.put("\n");
      assert.equal(await index.refresh(), 0, tail);
      assert.equal(index.damage.length, index.damaged, tail);
    }
    await checkAgainstReading(index, log);
  });

  it("equals a new index when the log grew at random", async (place, log) => {
    const grown = await log.index();
    const step = fc.tuple(fc.array(appendedText, { maxLength: 4 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        for (const [texts, refreshes] of steps) {
          await place.put(texts.join(""));
          if (!refreshes) continue;
          const before = grown.length;
          assert.equal(await grown.refresh(), grown.length - before);
        }
        await grown.refresh();
        assert.deepEqual(state(grown), state(await log.index()));
        assert.equal((await grown.entries({ start: 0, end: grown.length })).length, grown.length);
      }),
      { numRuns: 60 },
    );
    await checkAgainstReading(grown, log);
  });

  it("refreshes in turn when several refreshes are called at once", async (place, log) => {
    await log.append(various);
    const index = await log.index();
    const more = Array.from({ length: 2_000 }, (_, i) =>
      entry(`m${i}`, { message: "x".repeat(500) }),
    );
    await log.append(more);
    const first = index.refresh();
    const others = [
      index.refresh(),
      index.refresh({ signal: AbortSignal.abort(new Error("not this one")) }),
      index.refresh(),
    ];
    const results = await Promise.allSettled([first, ...others]);
    assert.deepEqual(
      results.map((each) => (each.status === "fulfilled" ? each.value : each.status)),
      [more.length, 0, "rejected", 0],
    );
    await checkAgainstReading(index, log);
  });

  it("reports rising bytes, up to the log's size, when it has onProgress", async (place, log) => {
    await log.append(
      Array.from({ length: 3_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) })),
    );
    const size = existing(await place.bytes()).length;
    /** @type {{ bytes: number, total: number }[]} */
    const progress = [];
    const index = await log.index({ onProgress: (each) => progress.push(each) });
    assert(progress.length >= 4, `${progress.length} times`);
    for (const [i, { bytes, total }] of progress.entries()) {
      assert.equal(total, size);
      assert(bytes <= total && (i === 0 || bytes >= progress[i - 1].bytes));
    }
    assert.deepEqual(progress.at(-1), { bytes: size, total: size });
    const { bytes } = await log.append(entry("more"));
    /** @type {typeof progress} */
    const later = [];
    await index.refresh({ onProgress: (each) => later.push(each) });
    assert.deepEqual(later, [{ bytes: size + bytes, total: size + bytes }]);
    const refused = new Error("no more");
    const onProgress = () => {
      throw refused;
    };
    await assert.rejects(log.index({ onProgress }), (error) => error === refused);
  });

  it("rejects with any reason, and goes on, when it is aborted", async (place, log) => {
    await log.append(entry("a"));
    const index = await log.index();
    await log.append(
      Array.from({ length: 5_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) })),
    );
    await place.put(`${TORN}\n{}`);
    for (const reason of [new Error("enough"), "a text", null, 0, { code: "CLOSED" }]) {
      const isReason = (/** @type {unknown} */ error) => error === reason;
      const { signal } = withReason(reason);
      for (const call of [
        () => log.index({ signal }),
        () => index.refresh({ signal }),
        () => index.entry(0, { signal }),
        () => index.entries({ start: 0, end: 1 }, { signal }),
      ]) {
        await assert.rejects(call, isReason);
      }
      /** @type {((options: import("skill-log").ProgressOptions) => Promise<unknown>)[]} */
      const works = [(options) => log.index(options), (options) => index.refresh(options)];
      for (const call of works) {
        const controller = new AbortController();
        let times = 0;
        const onProgress = () => {
          times += 1;
          if (times === 2) controller.abort(reason);
        };
        await assert.rejects(call({ signal: controller.signal, onProgress }), isReason);
        assert.equal(times, 2);
      }
      assert.deepEqual(await index.entry(0), entry("a"));
    }
    assert(index.length > 1);
    await index.refresh();
    await checkAgainstReading(index, log);
  });

  it("rejects with REPLACED when the file was rewritten with as many bytes", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const index = await log.index();
    await place.rewrite(`${line("c")}\n${line("d")}\n`);
    await assert.rejects(index.refresh(), { code: "REPLACED" });
    assert.equal(index.row(1).skill, "b");
    // An entry without a line end is read again, because it is no line yet.
    await place.rewrite(`${line("a")}\n${line("b")}`);
    const pending = await log.index();
    await place.rewrite(`${line("a")}\n${line("c")}`);
    assert.equal(await pending.refresh(), 0);
    assert.equal(pending.row(1).skill, "c");
  });

  it("keeps its rows, and refreshes, when the log was repaired in place", async (place, log) => {
    await place.put(`${line("a")}\n${TORN}\n${TORN}${line("b")}\0\0\n${line("c")}\n{}`);
    const index = await log.index();
    assert.equal(index.length, 4);
    const rows = rowsOf(index);
    // Now the last line is damaged too, and repair overwrites what was an entry.
    await place.put(`junk\n`);
    assert.equal((await log.repair()).left, 0);
    assert.deepEqual(
      (await index.entries(Uint32Array.of(2, 1, 0))).map(({ skill }) => skill),
      ["c", "b", "a"],
    );
    assert.equal(await index.refresh(), -1);
    assert.deepEqual(rowsOf(index), rows.slice(0, 3));
    await log.append(entry("d"));
    assert.equal(await index.refresh(), 1);
    assert.deepEqual(await index.entries({ start: 0, end: 4 }), await log.read());
  });

  it("rejects with CLOSED when a closed log is indexed anew", async (place, log) => {
    await log.append(entry("a"));
    const index = await log.index();
    await log.close();
    await assert.rejects(log.index(), { code: "CLOSED" });
    await place.put(`${line("b")}\n`);
    assert.equal(await index.refresh(), 1);
    assert.deepEqual(await index.entry(1), entry("b"));
  });
}

/**
 * Aborts with any reason, of which AbortSignal.abort would make an error.
 *
 * @param {unknown} reason
 */
function withReason(reason) {
  const controller = new AbortController();
  controller.abort(reason);
  return controller;
}
