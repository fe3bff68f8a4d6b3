// What reading must do wherever a log is: in a storage, in a user's file, in memory. A test file of
// each applies it.

import assert from "node:assert/strict";
import { decode, RawJson, SkillLogError } from "skill-log";

import { collected } from "../support/collected.js";
import { doubts, tails } from "../support/damaged-lines.js";
import { entry, line, TORN } from "../support/lines.js";
import { assertPending } from "../support/pending.js";
import { rowsOf } from "../indexing/row-of.js";
import { ofBytes } from "./in-place.js";
import { ofIndex, readingIndexSuite } from "./reading-index-suite.js";

/**
 * Opens a log that holds some bytes, for one test.
 *
 * @callback MakeLog
 * @param {import("node:test").TestContext} t
 * @param {Buffer} bytes
 * @returns {Promise<import("skill-log").SessionLog>}
 */

/** @typedef {import("skill-log").Damage} Damage */
/** @typedef {import("skill-log").LogRecord} LogRecord */

/**
 * What `verify` reports of a log without a byte.
 *
 * @type {import("skill-log").Report}
 */
export const NOTHING = {
  bytes: 0,
  lines: 0,
  entries: 0,
  recovered: 0,
  foreign: 0,
  doubtful: 0,
  damaged: 0,
  damage: [],
  pending: null,
};

/**
 * @param {string} name
 * @param {MakeLog} makeLog
 * @param {boolean} [hasModified] whether reading reports when a log was changed
 */
export function readingSuite(name, makeLog, hasModified = false) {
  const it = ofBytes(name, makeLog);
  const onDamage = () => {};
  const skills = (/** @type {import("skill-log").Entry[]} */ entries) =>
    entries.map(({ skill }) => skill);

  it("reads no entries when a log has no byte", async (open) => {
    const log = await open("");
    assert.deepEqual(await log.read(), []);
    assert.deepEqual(await log.read({ strict: true }), []);
    assert.deepEqual(await collected(log.records({ reverse: true })), []);
    assert.deepEqual(await log.verify(), NOTHING);
  });

  it("yields the rest when it reads from the end of any record", async (open) => {
    const bytes = Buffer.from(
      `${line("a")}\n${line("b")}\n${TORN}${line("c")}\n\n\r\n${line("d")}`,
    );
    const log = await open(bytes);
    const records = await collected(log.records({ onDamage }));
    assert.deepEqual(
      records.map(({ entry, recovered }) => [entry.skill, recovered]),
      [
        ["a", false],
        ["b", false],
        ["c", true],
        ["d", false],
      ],
    );
    for (const [index, { entry, offset, length, end }] of records.entries()) {
      assert.deepEqual(decode(bytes.subarray(offset, offset + length)), entry);
      const rest = await collected(log.records({ from: end, onDamage }));
      assert.deepEqual(
        rest.map((each) => each.offset),
        records.slice(index + 1).map((each) => each.offset),
      );
    }
    assert.equal(records[3].end, bytes.length);
  });

  it("yields the entries that start in a range when it reads either way", async (open) => {
    // Lines of some bytes to some megabytes, so that lines cross chunks.
    const lines = Array.from({ length: 60 }, (_, index) => {
      const message = "x".repeat(index % 20 === 7 ? 1_500_000 : index * 997);
      return `${line(`e${index}`, { message })}\n${index % 9 === 4 ? `${TORN}${line(`f${index}`)}\n\n` : ""}`;
    });
    const size = lines.join("").length;
    const log = await open(lines.join(""));
    const all = await collected(log.records({ onDamage }));
    assert.equal(all.length, 67);
    assert.deepEqual((await collected(log.records({ reverse: true, onDamage }))).reverse(), all);
    const onTheirOwn = all.filter(({ recovered }) => !recovered);
    for (let step = 0; step <= 24; step += 1) {
      const from = onTheirOwn[(step * 5) % onTheirOwn.length].offset;
      const to = Math.floor((size * ((step * 7) % 25)) / 24);
      const inRange = all.filter(({ offset }) => offset >= from && offset < to);
      const places = (/** @type {LogRecord[]} */ records) =>
        records.map(({ offset, end }) => [offset, end]);
      assert.deepEqual(
        places(await collected(log.records({ from, to, onDamage }))),
        places(inRange),
      );
      assert.deepEqual(
        places(await collected(log.records({ from, to, reverse: true, onDamage }))).reverse(),
        places(inRange),
      );
    }
  });

  it("reports kinds and places, and returns all entries, when lines are damaged", async (open) => {
    const lines = [
      line("a"),
      TORN,
      `${TORN}${line("b")}`,
      `\0\0\0${line("c")}\0`,
      "not JSON",
      `${line("d")} x ${line("e")}`,
      "",
      line("f"),
      TORN,
    ];
    const text = lines.join("\n");
    const log = await open(text);
    /** @type {Damage[]} */
    const damage = [];
    assert.deepEqual(skills(await log.read({ onDamage: (each) => damage.push(each) })), [
      "a",
      "b",
      "c",
      "d",
      "e",
      "f",
    ]);
    const reported = damage.map(({ kind, offset, length, line, recovered }) => [
      kind,
      text.slice(offset, offset + length),
      line,
      recovered,
    ]);
    assert.deepEqual(reported, [
      ["torn", lines[1], 2, 0],
      ["fused", lines[2], 3, 1],
      ["nul", lines[3], 4, 1],
      ["corrupt", lines[4], 5, 0],
      ["corrupt", lines[5], 6, 2],
    ]);
    const length = TORN.length;
    const { pending, ...report } = await log.verify();
    assert.deepEqual(report, {
      bytes: text.length,
      lines: 8,
      entries: 6,
      recovered: 4,
      foreign: 0,
      doubtful: 0,
      damaged: 5,
      damage,
    });
    assertPending(pending, { offset: text.length - length, length }, hasModified);
  });

  it("reports line numbers when, and only when, it reads from the start", async (open) => {
    const log = await open(`${line("a")}\n${TORN}\n`);
    const lines = async (/** @type {import("skill-log").RangeOptions} */ options) => {
      /** @type {(number | undefined)[]} */
      const damage = [];
      await collected(log.records({ ...options, onDamage: (each) => damage.push(each.line) }));
      return damage;
    };
    assert.deepEqual(await lines({}), [2]);
    assert.deepEqual(await lines({ from: line("a").length + 1 }), [undefined]);
  });

  it("reports a line over the limit when a range ends anywhere in it", async (open) => {
    const text = `${line("a", { message: "x".repeat(500) })}\n${line("b")}\n`;
    const log = await open(text);
    for (const to of [1, 100, 300, 500, text.length]) {
      for (const reverse of [false, true]) {
        /** @type {string[]} */
        const kinds = [];
        await collected(
          log.records({ to, reverse, maxLineBytes: 200, onDamage: ({ kind }) => kinds.push(kind) }),
        );
        assert.deepEqual(kinds, ["too_long"], `to ${to}, reverse ${reverse}`);
      }
    }
  });

  it("does not exhaust the stack when a chunk has many short lines", async (open) => {
    const log = await open("{}\n".repeat(400_000));
    const backwards = log.records({ reverse: true });
    assert.equal((await backwards.next()).value?.offset, 3 * 399_999);
    await backwards.return();
    assert.equal((await log.verify()).entries, 400_000);
  });

  it("rejects the first line that the Go original refuses when it is strict", async (open) => {
    const log = await open(`${line("a")}\n{"skill":1}\n${line("b")}\n`);
    await assert.rejects(log.read({ strict: true }), (error) => {
      assert(error instanceof SkillLogError);
      assert.equal(error.code, "INVALID_LINE");
      assert.equal(error.line, 2);
      assert.equal(error.offset, line("a").length + 1 + 9);
      assert.equal(error.reason, "skill must be a string");
      assert.deepEqual(skills(error.entries ?? []), ["a"]);
      return true;
    });
  });

  it("rejects with a line number when, and only when, it reads from the start", async (open) => {
    const log = await open(`${line("a")}\n${line("b")}\nbad\n`);
    const offset = 2 * (line("a").length + 1);
    await assert.rejects(log.read({ strict: true }), {
      line: 3,
      offset,
      message: new RegExp(`, line 3, byte ${offset}: byte 0x62`),
    });
    for (const range of [{ from: line("a").length + 1 }, { from: offset, reverse: true }]) {
      await assert.rejects(collected(log.records({ ...range, strict: true })), (error) => {
        assert(error instanceof SkillLogError);
        assert.equal(error.offset, offset);
        assert(!("line" in error) && !error.message.includes("line"), error.message);
        return true;
      });
    }
  });

  it("reports pending bytes apart from damage when a log ends in them", async (open) => {
    const whole = `${line("a")}\n`;
    const log = await open(`${whole}${TORN}`);
    assert.deepEqual(
      skills(await log.read({ onDamage: () => assert.fail("pending bytes are no damage") })),
      ["a"],
    );
    const { pending, ...report } = await log.verify();
    const counts = { recovered: 0, foreign: 0, doubtful: 0, damaged: 0, damage: [] };
    assert.deepEqual(report, {
      bytes: whole.length + TORN.length,
      lines: 1,
      entries: 1,
      ...counts,
    });
    assertPending(pending, { offset: whole.length, length: TORN.length }, hasModified);
  });

  /**
   * Reads a log in every way, and asserts that the ways agree.
   *
   * @param {import("skill-log").SessionLog} log
   */
  const readEveryWay = async (log) => {
    /** @type {Damage[]} */
    const damage = [];
    const records = log.records({ onDamage: (each) => damage.push(each) });
    const [all, entries, backwards, report, index] = await Promise.all([
      collected(records),
      log.read({ onDamage }),
      collected(log.records({ reverse: true, onDamage })),
      log.verify(),
      log.index(),
    ]);
    assert.deepEqual(
      entries,
      all.map(({ entry }) => entry),
    );
    assert.deepEqual(backwards.reverse(), all);
    assert.deepEqual(report.damage, damage);
    assert.deepEqual(
      [report.entries, report.recovered],
      [all.length, all.filter(({ recovered }) => recovered).length],
    );
    assert.deepEqual(
      rowsOf(index).map(({ offset, skill, recovered }) => [offset, skill, recovered]),
      all.map(({ offset, entry, recovered }) => [offset, entry.skill, recovered]),
    );
    assert.deepEqual(
      [index.damage, index.damaged, index.pending, index.foreign],
      [ofIndex(log, report.damage), report.damaged, report.pending, report.foreign],
    );
    return { records: all, report };
  };

  it("finds entries, damage and pending bytes when the last line has no end", async (open) => {
    const first = `${line("a")}\n`;
    // Logs are opened in turn, because a page asks the user for a file at a time. They are read at
    // once, because some readings wait.
    const opened = [];
    for (const tail of tails)
      opened.push({
        ...tail,
        log: await open(`${first}${tail.text}`),
        whole: await open(`${first}${tail.text}\n`),
      });
    await Promise.all(
      opened.map(
        async ({ name, text, skills: expected = [], damage, pending: left = 0, log, whole }) => {
          const { records, report } = await readEveryWay(log);
          assert.deepEqual(skills(records.map(({ entry }) => entry)), ["a", ...expected], name);
          const reported = report.damage.map(({ reason: _, ...each }) => each);
          const offset = first.length;
          assert.deepEqual(
            reported,
            damage ? [{ offset, length: text.length, line: 2, recovered: 0, ...damage }] : [],
            name,
          );
          if (left > 0)
            assertPending(
              report.pending,
              { offset: first.length + text.length - left, length: left },
              hasModified,
            );
          else assert.equal(report.pending, null, name);
          assert.equal(report.bytes, first.length + text.length, name);
          // Each entry stays an entry when the line ends.
          const ended = await readEveryWay(whole);
          assert.deepEqual(
            ended.records.map(({ offset }) => offset),
            records.map(({ offset }) => offset),
            name,
          );
          assert.equal(ended.report.pending, null, name);
        },
      ),
    );
  });

  it("reports doubtful entries, and returns them when reading asks for them", async (open) => {
    const first = `${line("a")}\n`;
    for (const { name, text, certain, doubtful } of doubts) {
      const log = await open(`${first}${text}\n${line("z")}\n`);
      const { records, report } = await readEveryWay(log);
      assert.deepEqual(skills(records.map(({ entry }) => entry)), ["a", ...certain, "z"], name);
      assert.equal(report.doubtful, doubtful.length, name);
      const [{ doubtful: places = [], recovered }] = report.damage;
      assert.equal(recovered, certain.length, name);
      const placed = places.map(
        ({ offset, length }) => decode(text.slice(offset - first.length).slice(0, length)).skill,
      );
      assert.deepEqual(placed, doubtful, name);
      assert.equal("doubtful" in report.damage[0], doubtful.length > 0, name);
      // Records come in the file's order.
      const both = await collected(log.records({ doubtful: true, onDamage }));
      assert.deepEqual(
        both.filter((each) => !each.doubtful),
        records,
        name,
      );
      const inDoubt = both.filter((each) => each.doubtful);
      assert.deepEqual(
        inDoubt.map(({ entry, offset, length }) => [entry.skill, { offset, length }]),
        doubtful.map((skill, i) => [skill, places[i]]),
        name,
      );
      assert.deepEqual(
        both.map(({ offset }) => offset),
        both.map(({ offset }) => offset).sort((left, right) => left - right),
        name,
      );
      assert.deepEqual(
        await log.read({ doubtful: true, onDamage }),
        both.map(({ entry }) => entry),
        name,
      );
      assert.deepEqual(
        (await collected(log.records({ doubtful: true, reverse: true, onDamage }))).reverse(),
        both,
        name,
      );
    }
  });

  it("counts foreign entries when lines are JSON of another format", async (open) => {
    const { session_id: _, ...bare } = entry("no session");
    const lines = [
      line("a"),
      "{}",
      JSON.stringify(bare),
      '{"level":"info","msg":"started"}',
      `{"session_id":"s","timestamp":null,"skill":"x","final_status":"ok"}`,
    ];
    const { report } = await readEveryWay(
      await open(`${lines.join("\n")}\n${line("", { final_status: "" })}\n${TORN}{}\n{}`),
    );
    assert.deepEqual([report.entries, report.foreign, report.damaged], [7, 5, 1]);
    const index = await (await open(lines.join("\n"))).index();
    assert.deepEqual(
      rowsOf(index).map(({ foreign }) => foreign),
      [undefined, true, true, true, true],
    );
  });

  it("reports damage and returns the entry when a byte order mark is before it", async (open) => {
    const mark = "\ufeff";
    const bytes = Buffer.byteLength(mark);
    const reason = "a byte order mark stands before the entry";
    for (const [text, skill] of [
      [line("a"), "a"],
      ['{"skill":"other"}', "other"],
    ]) {
      for (const end of ["", "\n"]) {
        const { records, report } = await readEveryWay(await open(`${mark}${text}${end}`));
        assert.deepEqual(
          records.map(({ entry, offset, recovered }) => [entry.skill, offset, recovered]),
          [[skill, bytes, true]],
        );
        assert.deepEqual(report.damage, [
          {
            kind: "corrupt",
            reason,
            offset: 0,
            length: bytes + text.length,
            line: 1,
            recovered: 1,
          },
        ]);
      }
    }
    const { records, report } = await readEveryWay(await open(`${mark}${TORN}`));
    assert.deepEqual(
      [records, report.damage],
      [[], [{ kind: "corrupt", reason, offset: 0, length: bytes, line: 1, recovered: 0 }]],
    );
    assertPending(report.pending, { offset: bytes, length: TORN.length }, hasModified);
  });

  it("reports one damage when lines side by side have the same fault", async (open) => {
    const log = await open(
      `${line("a")}\n${"nothing\n".repeat(3)}${TORN}\nnothing\n${line("b")}\nnothing\n`,
    );
    const { report } = await readEveryWay(log);
    const reported = report.damage.map(({ kind, length, line: number, lines }) => [
      kind,
      length,
      number,
      lines,
    ]);
    assert.deepEqual(reported, [
      ["corrupt", 3 * 8 - 1, 2, 3],
      ["torn", TORN.length, 5, undefined],
      ["corrupt", 7, 6, undefined],
      ["corrupt", 7, 8, undefined],
    ]);
    assert.deepEqual([report.damaged, report.lines], [6, 8]);
  });

  it("passes each damaged line to onDamage, and keeps none, when it verifies", async (open) => {
    const log = await open(`${line("a")}\n${TORN}\nnothing\n${TORN}${line("b")}\n${TORN}`);
    const { damage, ...report } = await log.verify();
    /** @type {Damage[]} */
    const reported = [];
    assert.deepEqual(await log.verify({ onDamage: (each) => reported.push(each) }), {
      ...report,
      damage: [],
    });
    assert.deepEqual(reported, damage);
    assert.equal(reported.length, 3);
    const thrown = new Error("no more");
    const onDamage = () => {
      throw thrown;
    };
    await assert.rejects(log.verify({ onDamage }), (error) => error === thrown);
  });

  it("returns each input's own bytes when it reads with input: raw", async (open) => {
    const log = await open(
      `${line("a").slice(0, -1)},"input":[12345678901234567890]}\n${line("b")}\n${line("c", { input: "x" })}\n`,
    );
    const entries = await log.read({ input: "raw" });
    assert(entries[0].input instanceof RawJson);
    assert.deepEqual(
      entries.map(({ input }) => input?.text),
      ["[12345678901234567890]", undefined, '"x"'],
    );
    assert.deepEqual((await log.read())[0].input, [12345678901234567000]);
  });

  it("returns bigints when an entry has integers beyond ±2^53", async (open) => {
    const big = 2n ** 60n;
    const entries = [
      entry("a", { duration_ms: big }),
      entry("b", { duration_ms: 1 }),
      entry("c", { attempts: [{ attempt: -big, model: "m", verified: false }] }),
    ];
    const log = await open(entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join(""));
    assert.deepEqual(await log.read(), entries);
  });

  it("rejects with the signal's reason when a reading is aborted before", async (open) => {
    const log = await open(`${line("a")}\n`);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    for (const call of [
      () => log.read({ signal }),
      () => log.verify({ signal }),
      () => log.records({ signal }).next(),
    ]) {
      await assert.rejects(call(), (error) => error === reason);
    }
  });

  it("rejects at once when a reading is aborted between two entries", async (open) => {
    const log = await open(`${line("a")}\n${line("b")}\n`);
    const controller = new AbortController();
    const reason = new Error("enough");
    /** @type {string[]} */
    const given = [];
    await assert.rejects(
      async () => {
        for await (const { skill } of log.entries({ signal: controller.signal })) {
          given.push(skill);
          controller.abort(reason);
        }
      },
      (error) => error === reason,
    );
    assert.deepEqual(given, ["a"]);
  });

  it("returns the file's own bytes when a range of them is wanted", async (open) => {
    // More than a chunk, with bytes that are no text.
    const some = Buffer.from(`${line("a")}\n\xff\0{"\n`, "latin1");
    const bytes = Buffer.concat([some, Buffer.alloc(3 << 20, "wide "), some]);
    const log = await open(bytes);
    const { length } = bytes;
    assert.deepEqual(Buffer.from(await log.bytes()), bytes);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [some.length - 5, some.length + 5],
      [70_000, 2 << 20],
      [length - 9, length],
      [length - 9, length + 9],
      [length, length + 1],
      [length + 5, length + 9],
      [9, 3],
      [5, 2 ** 52],
    ]) {
      const expected = to < from ? Buffer.alloc(0) : bytes.subarray(from, to);
      assert.deepEqual(Buffer.from(await log.bytes({ from, to })), expected, `${from} to ${to}`);
    }
    const empty = await open("");
    assert.deepEqual(Buffer.from(await empty.bytes({ to: 9 })), Buffer.alloc(0));
  });

  it("returns the bytes of a damaged line when its place is read", async (open) => {
    const log = await open(`${line("a")}\n${TORN}\n${line("b")}\n`);
    const [{ offset, length }] = (await log.verify()).damage;
    const bytes = await log.bytes({ from: offset, to: offset + length });
    assert.equal(Buffer.from(bytes).toString(), TORN);
  });

  it("rejects with the reason when bytes are read after an abort", async (open) => {
    const reason = new Error("enough");
    const log = await open(`${line("a")}\n`);
    await assert.rejects(log.bytes({ signal: AbortSignal.abort(reason) }), reason);
  });

  it("rejects with CLOSED when a closed log is read", async (open) => {
    const log = await open(`${line("a")}\n`);
    await log.close();
    await log.close();
    for (const call of [
      () => log.read(),
      () => log.verify(),
      () => log.index(),
      () => log.records().next(),
      () => log.bytes(),
      () => log.follow().next(),
    ]) {
      await assert.rejects(call(), { code: "CLOSED" });
    }
  });

  it("rejects with INVALID_ARGUMENT when an option of a reading is wrong", async (open) => {
    const log = await open(`${line("a")}\n`);
    const read = (/** @type {any} */ options) => log.read(options);
    const verify = (/** @type {any} */ options) => log.verify(options);
    const bytes = (/** @type {any} */ options) => log.bytes(options);
    const records = (/** @type {any} */ options) => log.records(options).next();
    /** @type {[call: () => Promise<unknown>, message: RegExp][]} */
    const cases = [
      [() => read({ from: 3 }), /options\.from: unknown option/],
      [() => read({ onDamage: true }), /options\.onDamage: expected a function/],
      [() => read({ doubtful: 1 }), /options\.doubtful: expected true or false/],
      [() => verify({ onDamage: true }), /options\.onDamage: expected a function/],
      [() => verify({ doubtful: true }), /options\.doubtful: unknown option/],
      [() => bytes({ from: -1 }), /options\.from: expected a byte offset/],
      [() => bytes({ to: "9" }), /options\.to: expected a byte offset/],
      [() => bytes({ length: 9 }), /options\.length: unknown option/],
      [() => bytes({ signal: 1 }), /options\.signal: expected an AbortSignal/],
      [() => records({ from: -1 }), /options\.from: expected a byte offset/],
      [() => records({ to: 1.5 }), /options\.to: expected a byte offset/],
      [() => records({ input: "bytes" }), /options\.input: expected "parsed" or "raw"/],
      [() => read("strict"), /options: expected an object, got the string "strict"/],
      [() => verify({ onProgress: 1 }), /options\.onProgress: expected a function/],
      [() => read({ signal: {} }), /options\.signal: expected an AbortSignal/],
    ];
    for (const [call, message] of cases)
      await assert.rejects(call(), { code: "INVALID_ARGUMENT", message });
  });

  readingIndexSuite(name, makeLog);
}

/**
 * Applies what must hold where a log can only be read.
 *
 * @param {string} name
 * @param {MakeLog} makeLog
 * @param {boolean} [hasModified] whether reading reports when a log was changed
 */
export function readOnlySuite(name, makeLog, hasModified = false) {
  readingSuite(name, makeLog, hasModified);

  ofBytes(name, makeLog)("rejects with READ_ONLY when it appends or repairs", async (open) => {
    const text = `${line("a")}\n${TORN}\n`;
    const log = await open(text);
    for (const call of [
      () => log.append(entry("b")),
      () => log.repair(),
      () => log.repair({ dryRun: true }),
      () => log.repair({ exclusive: true }),
    ]) {
      await assert.rejects(call(), { code: "READ_ONLY" });
    }
    assert.equal((await log.verify()).bytes, text.length);
  });
}
