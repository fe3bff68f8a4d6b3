// What the index of a log that grows must do in every storage. Applied to each by the file that applies suite.js.

import assert from "node:assert/strict";
import fc from "fast-check";

import { tails } from "../damaged-lines.js";
import { entry, line, TORN } from "../lines.js";
import { assertPending } from "../pending.js";
import { rowsOf } from "../indexing/row-of.js";
import { inPlace } from "./in-place.js";
import { checkAgainstReading, various } from "./reading-index-suite.js";

/** @import { LogIndex } from "skill-log" */

/** The pieces that random appends are made of: lines, parts of lines, and line ends. No NULs: they are waited for, in a file. */
const piece = fc.oneof(
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
 * @param {boolean} [isDated] whether reading tells when a log was changed
 */
export function indexSuite(name, makePlace, isDated = false) {
  const it = inPlace(`${name}: index`, makePlace);

  it("a log that does not exist has an empty index, which finds it when it is there", async (place, log) => {
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

  it("a refresh adds the rows of what was appended, and leaves the others", async (place, log) => {
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

  it("a torn tail is pending, has no row, and gets one when the rest of it comes", async (place, log) => {
    const whole = line("b", { message: "in two writes" });
    await place.put(`${line("a")}\n${whole.slice(0, 50)}`);
    const index = await log.index();
    const offset = line("a").length + 1;
    assert.deepEqual([index.length, index.bytes], [1, offset + 50]);
    assertPending(index.pending, { offset, length: 50 }, isDated);
    await place.put(whole.slice(50, 60));
    assert.equal(await index.refresh(), 0);
    assertPending(index.pending, { offset, length: 60 }, isDated);
    await place.put(`${whole.slice(60)}\n`);
    assert.equal(await index.refresh(), 1);
    assert.deepEqual([index.pending, index.damage], [null, []]);
    await checkAgainstReading(index, log);
  });

  it("an entry without a line end has a row; where it grows into another line, that one's", async (place, log) => {
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
    // The entry is damage now, as it has no session id, and the brace may begin another one.
    assert.deepEqual([index.length, index.foreign, index.damaged], [1, 0, 1]);
    const damage = () =>
      index.damage.map(({ kind, length, line: number }) => [kind, length, number]);
    assert.deepEqual(damage(), [["torn", 3, 2]]);
    assertPending(index.pending, { offset: line("a").length + 1 + 3, length: 1 }, isDated);
    await place.put("\n");
    assert.equal(await index.refresh(), 0);
    assert.deepEqual([damage(), index.damaged, index.pending], [[["torn", 4, 2]], 1, null]);
    await place.put(`${line("b")}\n`);
    assert.equal(await index.refresh(), 1);
    await checkAgainstReading(index, log);
  });

  it("neighbouring lines with the same fault are one damage, wherever a read or a refresh ended between them", async (place, log) => {
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
    const told = [];
    await log.verify({ onDamage: (each) => told.push(each) });
    assert.deepEqual(told, damage);
  });

  it("what follows the last line end is in an index as it stands, and once, however it goes on", async (place, log) => {
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

  it("however a log grew, its index says what one from scratch says", async (place, log) => {
    const grown = await log.index();
    const step = fc.tuple(fc.array(piece, { maxLength: 4 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        for (const [pieces, refreshes] of steps) {
          await place.put(pieces.join(""));
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

  it("refreshes that are asked for at once are done one after the other", async (place, log) => {
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
      results.map(({ status, value }) => value ?? status),
      [more.length, 0, "rejected", 0],
    );
    await checkAgainstReading(index, log);
  });

  it("progress is told in bytes that never get fewer, up to all there are", async (place, log) => {
    await log.append(
      Array.from({ length: 3_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) })),
    );
    const size = (await place.bytes()).length;
    const progress = [];
    const index = await log.index({ onProgress: (each) => progress.push(each) });
    assert(progress.length >= 4, `${progress.length} times`);
    for (const [i, { bytes, total }] of progress.entries()) {
      assert.equal(total, size);
      assert(bytes <= total && (i === 0 || bytes >= progress[i - 1].bytes));
    }
    assert.deepEqual(progress.at(-1), { bytes: size, total: size });
    const { bytes } = await log.append(entry("more"));
    const later = [];
    await index.refresh({ onProgress: (each) => later.push(each) });
    assert.deepEqual(later, [{ bytes: size + bytes, total: size + bytes }]);
    const refused = new Error("no more");
    const onProgress = () => {
      throw refused;
    };
    await assert.rejects(log.index({ onProgress }), (error) => error === refused);
  });

  it("what is aborted rejects with the reason, whatever it is, and a refresh goes on where it was", async (place, log) => {
    await log.append(entry("a"));
    const index = await log.index();
    await log.append(
      Array.from({ length: 5_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) })),
    );
    await place.put(`${TORN}\n{}`);
    for (const reason of [new Error("enough"), "a text", null, 0, { code: "CLOSED" }]) {
      const isReason = (error) => error === reason;
      const { signal } = withReason(reason);
      for (const call of [
        () => log.index({ signal }),
        () => index.refresh({ signal }),
        () => index.entry(0, { signal }),
        () => index.entries({ start: 0, end: 1 }, { signal }),
      ]) {
        await assert.rejects(call, isReason);
      }
      for (const call of [(options) => log.index(options), (options) => index.refresh(options)]) {
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

  it("a refresh refuses when the file was written anew with as many bytes", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const index = await log.index();
    await place.rewrite(`${line("c")}\n${line("d")}\n`);
    await assert.rejects(index.refresh(), { code: "REPLACED" });
    assert.equal(index.row(1).skill, "b");
    // What had no line end is no line yet: it is read again.
    await place.rewrite(`${line("a")}\n${line("b")}`);
    const pending = await log.index();
    await place.rewrite(`${line("a")}\n${line("c")}`);
    assert.equal(await pending.refresh(), 0);
    assert.equal(pending.row(1).skill, "c");
  });

  it("a repair in place is no replacement: rows stay, and a refresh goes on", async (place, log) => {
    await place.put(`${line("a")}\n${TORN}\n${TORN}${line("b")}\0\0\n${line("c")}\n{}`);
    const index = await log.index();
    assert.equal(index.length, 4);
    const rows = rowsOf(index);
    // Now the last line is damaged as well, and repair overwrites what was an entry.
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

  it("an index of a log that was closed is refused; one that was made before goes on", async (place, log) => {
    await log.append(entry("a"));
    const index = await log.index();
    await log.close();
    await assert.rejects(log.index(), { code: "CLOSED" });
    await place.put(`${line("b")}\n`);
    assert.equal(await index.refresh(), 1);
    assert.deepEqual(await index.entry(1), entry("b"));
  });
}

/** An aborted signal; AbortSignal.abort would make an error of no reason. @param {unknown} reason */
function withReason(reason) {
  const controller = new AbortController();
  controller.abort(reason);
  return controller;
}
