// What the index of a log must do wherever the log is. reading-suite.js applies it.

import assert from "node:assert/strict";
import { RawJson } from "skill-log";

import { entry, line, TORN } from "../support/lines.js";
import { UNCHANGED } from "../indexing/holes.js";
import { numbersOf, rowOf, rowsOf } from "../indexing/row-of.js";
import { ofBytes } from "./in-place.js";

/** @import { LogIndex, SessionLog } from "skill-log" */

const attempts = [
  { attempt: 1, model: "m", verified: false },
  { attempt: 2, model: "n", verified: true },
];

/** Entries with every optional field, and with none. */
export const various = [
  entry("a"),
  entry("b", {
    phase: "red",
    model_used: "m",
    duration_ms: 5,
    attempts,
    input: { b: [1, { c: null }] },
    message: "<é>",
    timestamp: "2026-01-02T03:04:05.000000006+07:00",
  }),
  entry("", { final_status: "" }),
  entry("__proto__", {
    duration_ms: -(2n ** 63n),
    attempts: [attempts[1], attempts[0]],
    input: "text",
  }),
  entry("c", { duration_ms: 2n ** 53n, phase: "constructor", model_used: "\u{1fab5}".repeat(50) }),
];

/**
 * Returns things as an index of a log has them: with the id of the log's session if it has one.
 *
 * @template T
 * @param {SessionLog} log
 * @param {T[]} things
 */
export function ofIndex({ id }, things) {
  return things.map((thing) => ({ ...(id !== undefined && { session: id }), ...thing }));
}

/** Asserts that an index and reading agree. @param {LogIndex} index @param {SessionLog} log */
export async function checkAgainstReading(index, log) {
  const records = [];
  for await (const record of log.records({ onDamage() {} })) records.push(record);
  assert.deepEqual(rowsOf(index), ofIndex(log, records.map(rowOf)));
  assert.deepEqual(
    await index.entries(numbersOf(index)),
    records.map(({ entry }) => entry),
  );
  const { bytes, damaged, damage, foreign, pending } = await log.verify();
  const found = {
    bytes: index.bytes,
    damaged: index.damaged,
    damage: index.damage,
    foreign: index.foreign,
    pending: index.pending,
  };
  assert.deepEqual(found, { bytes, damaged, damage: ofIndex(log, damage), foreign, pending });
  checkContents(index, log);
}

/** Asserts what an index says of its only log. @param {LogIndex} index @param {SessionLog} log */
function checkContents(index, { id }) {
  const rows = rowsOf(index);
  const instants = rows.map(({ timestamp }) => Date.parse(timestamp));
  const rowAt = (/** @type {number} */ instant) => rows[instants.indexOf(instant)];
  assert.deepEqual(index.logs(), [
    {
      ...(id !== undefined && { session: id }),
      bytes: index.bytes,
      entries: rows.length,
      ...(rows.length > 0 && {
        first: rowAt(Math.min(...instants)).timestamp,
        last: rowAt(Math.max(...instants)).timestamp,
        skill: rows[rows.length - 1].skill,
        final_status: rows[rows.length - 1].final_status,
      }),
      damaged: index.damaged,
      pending: index.pending,
      foreign: index.foreign,
    },
  ]);
}

/** @param {{ skill: string }[]} entries */
const textOf = (entries) => entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join("");

/**
 * @param {string} name
 * @param {import("./reading-suite.js").MakeLog} makeLog
 */
export function readingIndexSuite(name, makeLog) {
  const it = ofBytes(`${name}: index`, makeLog);

  it("returns the entry's members and place when it is asked for a row", async (open) => {
    const log = await open(`${textOf(various)}${TORN}${line("e")}\n\n\r\n${line("f")}`);
    const index = await log.index();
    assert.equal(index.length, various.length + 2);
    const lengths = various.map(({ skill, ...more }) => Buffer.byteLength(line(skill, more)));
    const ofLog = log.id === undefined ? {} : { session: log.id };
    assert.deepEqual(index.row(0), {
      ...ofLog,
      offset: 0,
      length: lengths[0],
      timestamp: various[0].timestamp,
      skill: "a",
      final_status: "ok",
      attempts: 0,
      recovered: false,
    });
    const { timestamp } = various[1];
    const known = { phase: "red", model_used: "m", duration_ms: 5, attempts: 2, verified: true };
    assert.deepEqual(index.row(1), {
      ...ofLog,
      offset: lengths[0] + 1,
      length: lengths[1],
      timestamp,
      skill: "b",
      final_status: "ok",
      ...known,
      recovered: false,
    });
    assert.deepEqual(
      [index.row(3).duration_ms, index.row(3).verified, index.row(4).duration_ms],
      [-(2n ** 63n), false, 2n ** 53n],
    );
    assert.deepEqual(
      rowsOf(index).map(({ recovered }) => recovered),
      [false, false, false, false, false, true, false],
    );
    await checkAgainstReading(index, log);
  });

  it("reports the damage that reading reports when lines are damaged", async (open) => {
    const log = await open(
      `${line("a")}\n${TORN}\nnot JSON\n\0\0${line("b")}\n${line("c")}\n${TORN}`,
    );
    const index = await log.index();
    assert.deepEqual(
      [index.damaged, index.damage.map(({ kind }) => kind)],
      [3, ["torn", "corrupt", "nul"]],
    );
    await checkAgainstReading(index, log);
    assert.deepEqual(await index.refresh(), UNCHANGED);
    await checkAgainstReading(index, log);
  });

  it("reads each entry in the given order, as often as given, when it has rows", async (open) => {
    // Rows near each other and far apart: some lines are longer than one read.
    const sizes = [2, 300, 40_000, 6, 2_500_000, 8, 8, 300_000, 4, 20_000, 1_200_000, 6];
    const entries = sizes.map((size, i) =>
      entry(`e${i}`, { message: "é".repeat(size / 2), input: { i } }),
    );
    const log = await open(textOf(entries));
    const index = await log.index();
    for (const [i, each] of entries.entries()) assert.deepEqual(await index.entry(i), each);
    const lists = [
      [],
      [0],
      [11],
      [0, 1, 3],
      [11, 0, 11, 11, 4, 4, 3, 5],
      [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
      [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11],
    ];
    for (const list of lists)
      assert.deepEqual(
        await index.entries(Uint32Array.from(list)),
        list.map((row) => entries[row]),
      );
    for (const [from, to] of [
      [0, 0],
      [12, 12],
      [0, 12],
      [3, 9],
      [4, 5],
      [11, 12],
    ]) {
      assert.deepEqual(await index.entries({ start: from, end: to }), entries.slice(from, to));
    }
    const raw = await index.entries(Uint32Array.of(4, 1), { input: "raw" });
    assert(raw[0].input instanceof RawJson);
    assert.deepEqual(
      raw.map(({ input }) => input?.text),
      ['{"i":4}', '{"i":1}'],
    );
    assert.equal((await index.entry(4, { input: "raw" })).input?.text, '{"i":4}');
  });

  it("reports hits as they come when it searches many rows", async (open) => {
    const entries = Array.from({ length: 3_000 }, (_, i) =>
      entry(`e${i}`, {
        message: "x".repeat(900),
        input: i % 1_000 === 7 ? { "a Rare key": i } : { i },
      }),
    );
    const log = await open(`${TORN}${textOf(entries)}`);
    const index = await log.index();
    /** @type {number[]} */
    const reported = [];
    /** @type {[rows: number, total: number][]} */
    const progress = [];
    /** @type {import("skill-log").SearchOptions["onProgress"]} */
    const onProgress = ({ rows, total, hits }) => {
      reported.push(...hits);
      progress.push([rows, total]);
    };
    assert.deepEqual([...(await index.search("a Rare", { onProgress }))], [7, 1007, 2007]);
    assert.deepEqual(reported, [7, 1007, 2007]);
    assert.deepEqual(progress.at(-1), [3_000, 3_000]);
    assert.deepEqual(
      [...(await index.search("rare KEY", { ignoreCase: true, rows: [2007, 8, 7] }))],
      [2007, 7],
    );
    assert.deepEqual([...(await index.search("a rare"))], []);
    assert.deepEqual([...index.select({ skill: ["e2999", "e0"] })], [0, 2999]);
    assert.equal(index.stats().entries, 3_000);
  });

  it("reports rising bytes, up to the log's size, when it indexes or verifies", async (open) => {
    const text = textOf(
      Array.from({ length: 3_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) })),
    );
    const log = await open(text);
    /** @type {((options: import("skill-log").ProgressOptions) => Promise<unknown>)[]} */
    const works = [(options) => log.index(options), (options) => log.verify(options)];
    for (const work of works) {
      /** @type {{ bytes: number, total: number }[]} */
      const progress = [];
      await work({ onProgress: (each) => progress.push(each) });
      assert(progress.length > 2, `${progress.length} times`);
      assert(
        progress.every(
          ({ bytes, total }, i) => total === text.length && bytes > (progress[i - 1]?.bytes ?? 0),
        ),
      );
      assert.equal(progress.at(-1)?.bytes, text.length);
    }
  });

  it("rejects with the reason when it is aborted before or while it indexes", async (open) => {
    const log = await open(
      textOf(Array.from({ length: 5_000 }, (_, i) => entry(`e${i}`, { message: "x".repeat(900) }))),
    );
    const reason = { code: "CLOSED" };
    await assert.rejects(
      log.index({ signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const controller = new AbortController();
    await assert.rejects(
      log.index({ signal: controller.signal, onProgress: () => controller.abort(reason) }),
      (error) => error === reason,
    );
    assert.equal((await log.index()).length, 5_000);
  });

  it("rejects with the reason when it is aborted while it reads entries", async (open) => {
    const log = await open(
      textOf(
        Array.from({ length: 20 }, (_, i) => entry(`e${i}`, { message: "x".repeat(400_000) })),
      ),
    );
    const index = await log.index();
    const controller = new AbortController();
    const reading = index.entries({ start: 0, end: 20 }, { signal: controller.signal });
    controller.abort("enough");
    await assert.rejects(reading, (error) => error === "enough");
    assert.equal((await index.entries({ start: 0, end: 20 })).length, 20);
  });
}
