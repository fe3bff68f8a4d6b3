// What the index of a growing log must do in every storage. The test files that apply suite.js
// apply this suite too.

import assert from "node:assert/strict";
import fc from "fast-check";

import { tails } from "../support/damaged-lines.js";
import { entry, line, TORN } from "../support/lines.js";
import { assertPending } from "../support/pending.js";
import { assertHoles, assertUnchanged, UNCHANGED } from "../indexing/holes.js";
import { numberedRows, numbersOf, rowsOf } from "../indexing/row-of.js";
import { existing, inPlace } from "./in-place.js";
import { checkAgainstReading, ofIndex, various } from "./reading-index-suite.js";

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

/** A random change of a log, and how its index is refreshed afterwards. */
const change = fc.record({
  how: fc.constantFrom("grow", "grow", "grow", "cut", "rewrite", "replace", "remove"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  texts: fc.array(appendedText, { maxLength: 4 }),
  refreshes: fc.constantFrom("never", "once", "once", "twice", "aborted"),
});

/** @param {number} count */
const added = (count) => ({ added: count, removed: 0 });

/** @param {LogIndex} index */
const state = (index) => ({
  rows: rowsOf(index),
  logs: index.logs(),
  foreign: index.foreign,
  damaged: index.damaged,
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
    const nothing = { foreign: 0, damaged: 0, bytes: 0, pending: null };
    assert.deepEqual(state(index), {
      ...nothing,
      rows: [],
      damage: [],
      logs: [{ ...nothing, session: "s", entries: 0 }],
    });
    assert.deepEqual(await index.entries({ start: 0, end: 0 }), []);
    assert.deepEqual(index.stats(), {
      entries: 0,
      bytes: 0,
      skills: [],
      phases: [],
      statuses: [],
      models: [],
    });
    assert.deepEqual(await index.refresh(), UNCHANGED);
    assert.equal(await place.bytes(), null);
    await log.append(various);
    assert.deepEqual(await index.refresh(), added(various.length));
    await checkAgainstReading(index, log);
  });

  it("adds new rows, and keeps the others, when it is refreshed", async (place, log) => {
    await log.append(various[0]);
    const index = await log.index();
    const before = index.row(0);
    assert.deepEqual(await index.refresh(), UNCHANGED);
    await log.append(various.slice(1));
    assert.equal(index.length, 1);
    assert.deepEqual(await index.refresh(), added(various.length - 1));
    assert.deepEqual(index.row(0), before);
    await place.put("\n\n\r\n\n");
    assert.deepEqual(await index.refresh(), UNCHANGED);
    await log.append(entry("after"));
    assert.deepEqual(await index.refresh(), added(1));
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
    assert.deepEqual(await index.refresh(), UNCHANGED);
    assertPending(index.pending, { offset, length: 60 }, hasModified);
    await place.put(`${whole.slice(60)}\n`);
    assert.deepEqual(await index.refresh(), added(1));
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
    assert.deepEqual(await index.refresh(), { added: 1, removed: 1 });
    await assertHoles(index, [1]);
    assert.equal(index.row(2).length, 3);
    await assertUnchanged(index);
    await place.put("{");
    assert.deepEqual(await index.refresh(), { added: 0, removed: 1 });
    await assertHoles(index, [1, 2]);
    // The entry is damage now because it has no session id. The brace may start another entry.
    assert.deepEqual([index.length, index.foreign, index.damaged], [3, 0, 1]);
    const damage = () =>
      index.damage.map(({ kind, length, line: number }) => [kind, length, number]);
    assert.deepEqual(damage(), [["torn", 3, 2]]);
    assertPending(index.pending, { offset: line("a").length + 1 + 3, length: 1 }, hasModified);
    await place.put("\n");
    assert.deepEqual(await index.refresh(), UNCHANGED);
    assert.deepEqual([damage(), index.damaged, index.pending], [[["torn", 4, 2]], 1, null]);
    await place.put(`${line("b")}\n`);
    assert.deepEqual(await index.refresh(), added(1));
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
    assert.deepEqual([index.damaged, index.damage], [damaged, ofIndex(log, damage)]);
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
      assert.deepEqual(await index.refresh(), added(skills.length), tail);
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
      assert.deepEqual(await index.refresh(), UNCHANGED, tail);
      await place.put("\n");
      assert.deepEqual(await index.refresh(), UNCHANGED, tail);
      assert.equal(index.damage.length, index.damaged, tail);
    }
    await checkAgainstReading(index, log);
  });

  it("equals a new index when the log grew at random", async (place, log) => {
    const grown = await log.index();
    const step = fc.tuple(fc.array(appendedText, { maxLength: 4 }), fc.boolean());
    const seen = new SeenRows(grown);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        for (const [texts, refreshes] of steps) {
          await place.put(texts.join(""));
          if (refreshes) await seen.refresh();
        }
        await seen.refresh();
        await assertLikeNew(grown, log);
      }),
      { numRuns: 60 },
    );
    await checkAgainstReading(grown, log);
  });

  it("equals a new index when the log grew, and was cut, replaced and removed, at random", async (place, log) => {
    const index = await log.index();
    const seen = new SeenRows(index);
    let made = 0;
    // A repair writes line ends over other bytes, so a file of line ends passes for a repaired file.
    const other = () => `${line(`other ${(made += 1)}`, { message: "o".repeat(made % 900) })}\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
        for (const { how, at, texts, refreshes } of changes) {
          const bytes = (await place.bytes()) ?? Buffer.alloc(0);
          if (how === "grow") await place.put(texts.join(""));
          else if (how === "remove" && bytes.length > 0) await place.remove();
          else if (how === "cut") await place.rewrite(bytes.subarray(0, bytes.length * at));
          else if (how === "rewrite") await place.rewrite(other() + texts.join(""));
          else if (how === "replace") await place.replace(other() + texts.join(""));
          if (refreshes === "aborted") await seen.refreshInVain();
          if (refreshes === "twice")
            await Promise.all([index.refresh(), index.refresh()]).then(() => seen.look());
          if (refreshes === "once") await seen.refresh();
          else if (how === "remove" || how === "cut") await place.put(other());
        }
        await seen.refresh();
        await assertUnchanged(index);
        await assertLikeNew(index, log);
      }),
      { numRuns: 100 },
    );
    const holes = [...numberedRows(index).entries()].filter(([, row]) => !row).map(([i]) => i);
    assert(holes.length > 0);
    await checkAgainstReading(index, log);
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
      [added(more.length), UNCHANGED, "rejected", UNCHANGED],
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

  it("has the rows of the new file when the file was rewritten with as many bytes", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const index = await log.index();
    await place.rewrite(`${line("c")}\n${line("d")}\n`);
    // Until a refresh, the rows stay, and their entries are refused.
    await assert.rejects(index.entry(0), { code: "REPLACED", message: /: refresh the index$/ });
    assert.deepEqual([index.length, index.removed, index.row(1).skill], [2, 0, "b"]);
    assert.deepEqual(await index.refresh(), { added: 2, removed: 2 });
    await assertHoles(index, [0, 1]);
    assert.deepEqual(await index.entries([2, 3]), [entry("c"), entry("d")]);
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
  });

  it("has the rows of the new file when a file with NULs was rewritten", async (place, log) => {
    // Another process may be writing where the NULs are, so the line is judged late.
    await place.rewrite(`\0\0\0${line("a")}\n`);
    const index = await log.index();
    await place.rewrite(`${line("b", { message: "longer than a" })}\n${line("c")}\n`);
    assert.deepEqual(await index.refresh(), { added: 2, removed: 1 });
    await checkAgainstReading(index, log);
  });

  it("removes the row of an unended line when the line was rewritten", async (place, log) => {
    // An entry without a line end is read again, because it is no line yet.
    await place.rewrite(`${line("a")}\n${line("b")}`);
    const index = await log.index();
    await place.rewrite(`${line("a")}\n${line("c")}`);
    assert.deepEqual(await index.refresh(), { added: 1, removed: 1 });
    await assertHoles(index, [1]);
    assert.deepEqual([index.row(0).skill, index.row(2).skill], ["a", "c"]);
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
  });

  it("removes the rows of a log that was removed, and reads the next log", async (place, log) => {
    await log.append(various);
    await place.put(`junk\n${TORN}`);
    const index = await log.index();
    const holes = [...various.keys()];
    await place.remove();
    for (const call of [() => index.entry(0), () => index.search("a")])
      await assert.rejects(call, {
        code: "REPLACED",
        message: / was removed since it was indexed/,
      });
    assert.deepEqual(await index.refresh(), { added: 0, removed: various.length });
    await assertHoles(index, holes);
    assert.deepEqual([index.bytes, index.damaged, index.damage, index.pending], [0, 0, [], null]);
    await assertUnchanged(index);
    // The same bytes again are other rows.
    await place.put(`${line("a")}\n`);
    assert.deepEqual(await index.refresh(), added(1));
    await assertHoles(index, holes);
    assert.deepEqual(await index.entry(various.length), entry("a"));
    await place.put(`${line("b")}\n`);
    assert.deepEqual(await index.refresh(), added(1));
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
  });

  it("has the rows of the last file when the log was replaced several times", async (place, log) => {
    await log.append(various);
    const index = await log.index();
    for (const text of [line("x").repeat(40), "", `${line("y")}\n${TORN}\n${line("z")}`])
      await place.replace(text);
    assert.deepEqual(await index.refresh(), { added: 2, removed: various.length });
    await assertHoles(index, [...various.keys()]);
    assert.deepEqual(
      rowsOf(index).map(({ skill }) => skill),
      ["y", "z"],
    );
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
    const { length, removed } = index;
    await place.replace(`${line("w")}\n`);
    assert.deepEqual(await index.refresh(), { added: 1, removed: 2 });
    assert.deepEqual([index.length, index.removed], [length + 1, removed + 2]);
    await checkAgainstReading(index, log);
  });

  it("removes the rows of a log that was cut, and reads what is left anew", async (place, log) => {
    await log.append(various);
    const index = await log.index();
    const { offset } = index.row(3);
    await place.rewrite(existing(await place.bytes()).subarray(0, offset - 1));
    assert.deepEqual(await index.refresh(), { added: 3, removed: various.length });
    await assertHoles(index, [...various.keys()]);
    assert.deepEqual(await index.entries([5, 6, 7]), various.slice(0, 3));
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
  });

  it("goes on when a refresh was aborted while it read another file", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const index = await log.index();
    const lines = Array.from({ length: 5_000 }, (_, i) =>
      line(`e${i}`, { message: "x".repeat(900) }),
    );
    await place.replace(`${lines.join("\n")}\n${TORN}`);
    for (const times of [1, 2, 3]) {
      const controller = new AbortController();
      const reason = new Error("enough");
      let left = times;
      const onProgress = () => {
        left -= 1;
        if (left === 0) controller.abort(reason);
      };
      const { signal } = controller;
      await assert.rejects(index.refresh({ signal, onProgress }), (error) => error === reason);
      // What was read so far is the start of the new file.
      const numbers = numbersOf(index);
      await assertHoles(index, [0, 1]);
      assert.deepEqual(
        (await index.entries(numbers)).map(({ skill }) => skill),
        numbers.map((_, i) => `e${i}`),
      );
    }
    const { length } = index;
    assert(length > 2 && length < 5_002, `${length} rows`);
    assert.deepEqual(await index.refresh(), added(5_002 - length));
    await assertHoles(index, [0, 1]);
    await assertUnchanged(index);
    await checkAgainstReading(index, log);
  });

  it("refuses entries, or reads them, when a refresh finds no file meanwhile", async (place, log) => {
    await log.append(various);
    const index = await log.index();
    await place.remove();
    const outcomes = await Promise.allSettled([
      index.refresh(),
      index.entry(0),
      index.search("T"),
      index.entries({ start: 0, end: various.length }),
    ]);
    const [refreshed, ...others] = outcomes;
    assert.deepEqual(refreshed, {
      status: "fulfilled",
      value: { added: 0, removed: various.length },
    });
    for (const outcome of others)
      assert.equal(outcome.status === "rejected" && outcome.reason.code, "REPLACED");
    await assertHoles(index, [...various.keys()]);
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
    assert.deepEqual(await index.refresh(), { added: 0, removed: 1 });
    assert.deepEqual(rowsOf(index), rows.slice(0, 3));
    await assertHoles(index, [3]);
    await log.append(entry("d"));
    assert.deepEqual(await index.refresh(), added(1));
    assert.deepEqual(await index.entries([0, 1, 2, 4]), await log.read());
  });

  it("rejects with CLOSED when a closed log is indexed anew", async (place, log) => {
    await log.append(entry("a"));
    const index = await log.index();
    await log.close();
    await assert.rejects(log.index(), { code: "CLOSED" });
    await place.put(`${line("b")}\n`);
    assert.deepEqual(await index.refresh(), added(1));
    assert.deepEqual(await index.entry(1), entry("b"));
  });
}

/**
 * Asserts that an index equals a new one of the same log, except for the numbers of its rows.
 *
 * @param {LogIndex} index
 * @param {import("skill-log").SessionLog} log
 */
async function assertLikeNew(index, log) {
  const scratch = await log.index();
  assert.equal(scratch.removed, 0);
  assert.deepEqual(state(index), state(scratch));
  const numbers = numbersOf(index);
  assert.deepEqual(
    await index.entries(numbers),
    await scratch.entries({ start: 0, end: scratch.length }),
  );
  assert.deepEqual(index.stats(), scratch.stats());
  const found = await scratch.search("a");
  assert.deepEqual(
    [...(await index.search("a"))],
    [...found].map((row) => numbers[row]),
  );
}

/** What an index had at each row number whenever it was looked at. */
class SeenRows {
  #index;
  /** @type {ReturnType<typeof numberedRows>} */
  #rows = [];

  /** @param {LogIndex} index */
  constructor(index) {
    this.#index = index;
  }

  /** Asserts that each row is the row that it was, or a hole. */
  look() {
    const rows = numberedRows(this.#index);
    assert(rows.length >= this.#rows.length, "the index became shorter");
    for (const [i, row] of this.#rows.entries())
      if (rows[i] !== null) assert.deepEqual(rows[i], row, `row ${i} is another row`);
    assert.equal(this.#index.removed, rows.filter((row) => !row).length);
    this.#rows = rows;
  }

  /** Refreshes the index, and asserts the counts. */
  async refresh() {
    this.look();
    const { length, removed } = this.#index;
    const counts = await this.#index.refresh();
    this.look();
    assert.deepEqual(counts, {
      added: this.#index.length - length,
      removed: this.#index.removed - removed,
    });
  }

  /** Refreshes the index, and aborts when it has read something. */
  async refreshInVain() {
    const controller = new AbortController();
    const onProgress = () => controller.abort("enough");
    await this.#index.refresh({ signal: controller.signal, onProgress }).catch((error) => {
      if (error !== "enough") throw error;
    });
    this.look();
  }
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
