// What reading must do wherever a log is: in a storage, in a file of the user's, in memory. Applied to each by a file of its own.

import assert from "node:assert/strict";
import { decode, RawJson } from "skill-log";

import { entry, line, TORN } from "../lines.js";
import { ofBytes } from "./in-place.js";
import { readingIndexSuite } from "./reading-index-suite.js";

/**
 * Opens a log that holds some bytes, for one test.
 *
 * @typedef {(t: import("node:test").TestContext, bytes: Buffer) => Promise<import("skill-log").SessionLog>} MakeLog
 */

/**
 * @param {string} name
 * @param {MakeLog} makeLog
 */
export function readingSuite(name, makeLog) {
  const it = ofBytes(name, makeLog);
  const onDamage = () => {};
  const skills = (entries) => entries.map(({ skill }) => skill);
  const collect = async (records) => {
    const all = [];
    for await (const each of records) all.push(each);
    return all;
  };

  it("a log without a byte is empty", async (open) => {
    const log = await open("");
    assert.deepEqual(await log.read(), []);
    assert.deepEqual(await log.read({ strict: true }), []);
    assert.deepEqual(await collect(log.records({ reverse: true })), []);
    assert.deepEqual(await log.verify(), { bytes: 0, lines: 0, entries: 0, recovered: 0, damaged: 0, damage: [], pending: null });
  });

  it("records tell where each entry is, and a reading goes on from any end", async (open) => {
    const bytes = Buffer.from(`${line("a")}\n${line("b")}\n${TORN}${line("c")}\n\n\r\n${line("d")}`);
    const log = await open(bytes);
    const records = await collect(log.records({ onDamage }));
    assert.deepEqual(records.map(({ entry, recovered }) => [entry.skill, recovered]), [["a", false], ["b", false], ["c", true], ["d", false]]);
    for (const [index, { entry, offset, length, end }] of records.entries()) {
      assert.deepEqual(decode(bytes.subarray(offset, offset + length)), entry);
      const rest = await collect(log.records({ from: end, onDamage }));
      assert.deepEqual(rest.map((each) => each.offset), records.slice(index + 1).map((each) => each.offset));
    }
    assert.equal(records[3].end, bytes.length);
  });

  it("a range gives what starts in it, forwards and backwards", async (open) => {
    // Lines from some bytes to some megabytes, so that chunks are crossed.
    const lines = Array.from({ length: 60 }, (_, index) => {
      const message = "x".repeat(index % 20 === 7 ? 1_500_000 : index * 997);
      return `${line(`e${index}`, { message })}\n${index % 9 === 4 ? `${TORN}${line(`f${index}`)}\n\n` : ""}`;
    });
    const size = lines.join("").length;
    const log = await open(lines.join(""));
    const all = await collect(log.records({ onDamage }));
    assert.equal(all.length, 67);
    assert.deepEqual((await collect(log.records({ reverse: true, onDamage }))).reverse(), all);
    const onTheirOwn = all.filter(({ recovered }) => !recovered);
    for (let step = 0; step <= 24; step += 1) {
      const from = onTheirOwn[(step * 5) % onTheirOwn.length].offset;
      const to = Math.floor((size * ((step * 7) % 25)) / 24);
      const inRange = all.filter(({ offset }) => offset >= from && offset < to);
      const places = (records) => records.map(({ offset, end }) => [offset, end]);
      assert.deepEqual(places(await collect(log.records({ from, to, onDamage }))), places(inRange));
      assert.deepEqual(places(await collect(log.records({ from, to, reverse: true, onDamage }))).reverse(), places(inRange));
    }
  });

  it("damage is told with its kind and place, and hides nothing", async (open) => {
    const lines = [line("a"), TORN, `${TORN}${line("b")}`, `\0\0\0${line("c")}\0`, "not JSON", `${line("d")} x ${line("e")}`, "", line("f"), TORN];
    const text = lines.join("\n");
    const log = await open(text);
    const damage = [];
    assert.deepEqual(skills(await log.read({ onDamage: (each) => damage.push(each) })), ["a", "b", "c", "d", "e", "f"]);
    const told = damage.map(({ kind, offset, length, line, recovered }) => [kind, text.slice(offset, offset + length), line, recovered]);
    assert.deepEqual(told, [
      ["torn", lines[1], 2, 0],
      ["fused", lines[2], 3, 1],
      ["nul", lines[3], 4, 1],
      ["corrupt", lines[4], 5, 0],
      ["corrupt", lines[5], 6, 2],
    ]);
    const length = TORN.length;
    const counts = { bytes: text.length, lines: 8, entries: 6, recovered: 4, damaged: 5 };
    assert.deepEqual(await log.verify(), { ...counts, damage, pending: { offset: text.length - length, length } });
  });

  it("line numbers are told where reading began at the start, and only there", async (open) => {
    const log = await open(`${line("a")}\n${TORN}\n`);
    const lines = async (options) => {
      const damage = [];
      await collect(log.records({ ...options, onDamage: (each) => damage.push(each.line) }));
      return damage;
    };
    assert.deepEqual(await lines({}), [2]);
    assert.deepEqual(await lines({ from: line("a").length + 1 }), [undefined]);
  });

  it("a line over the limit is told of wherever a range ends in it", async (open) => {
    const text = `${line("a", { message: "x".repeat(500) })}\n${line("b")}\n`;
    const log = await open(text);
    for (const to of [1, 100, 300, 500, text.length]) {
      for (const reverse of [false, true]) {
        const kinds = [];
        await collect(log.records({ to, reverse, maxLineBytes: 200, onDamage: ({ kind }) => kinds.push(kind) }));
        assert.deepEqual(kinds, ["too_long"], `to ${to}, reverse ${reverse}`);
      }
    }
  });

  it("a chunk of many short lines takes no more stack than others", async (open) => {
    const log = await open("{}\n".repeat(400_000));
    const backwards = log.records({ reverse: true });
    assert.equal((await backwards.next()).value.offset, 3 * 399_999);
    await backwards.return();
    assert.equal((await log.verify()).entries, 400_000);
  });

  it("strict reading stops at the first line that the original refuses", async (open) => {
    const log = await open(`${line("a")}\n{"skill":1}\n${line("b")}\n`);
    await assert.rejects(log.read({ strict: true }), (error) => {
      assert.equal(error.code, "INVALID_LINE");
      assert.equal(error.line, 2);
      assert.equal(error.offset, line("a").length + 1 + 9);
      assert.equal(error.reason, "skill must be a string");
      assert.deepEqual(skills(error.entries), ["a"]);
      return true;
    });
  });

  it("the error of a strict reading has a line number where reading began at the start, and only there", async (open) => {
    const log = await open(`${line("a")}\n${line("b")}\nbad\n`);
    const offset = 2 * (line("a").length + 1);
    await assert.rejects(log.read({ strict: true }), { line: 3, offset, message: new RegExp(`, line 3, byte ${offset}: byte 0x62`) });
    for (const range of [{ from: line("a").length + 1 }, { from: offset, reverse: true }]) {
      await assert.rejects(collect(log.records({ ...range, strict: true })), (error) => {
        assert.equal(error.offset, offset);
        assert(!("line" in error) && !error.message.includes("line"), error.message);
        return true;
      });
    }
  });

  it("pending bytes are no damage, and are told apart", async (open) => {
    const whole = `${line("a")}\n`;
    const log = await open(`${whole}${TORN}`);
    assert.deepEqual(skills(await log.read({ onDamage: () => assert.fail("pending bytes are no damage") })), ["a"]);
    const report = { bytes: whole.length + TORN.length, lines: 1, entries: 1, recovered: 0, damaged: 0, damage: [] };
    assert.deepEqual(await log.verify(), { ...report, pending: { offset: whole.length, length: TORN.length } });
  });

  it("raw inputs are given with each entry, byte by byte as they are", async (open) => {
    const log = await open(`${line("a").slice(0, -1)},"input":[12345678901234567890]}\n${line("b")}\n${line("c", { input: "x" })}\n`);
    const entries = await log.read({ input: "raw" });
    assert(entries[0].input instanceof RawJson);
    assert.deepEqual(entries.map(({ input }) => input?.text), ["[12345678901234567890]", undefined, '"x"']);
    assert.deepEqual((await log.read())[0].input, [12345678901234567000]);
  });

  it("integers beyond ±2^53 are bigints in every entry that has them", async (open) => {
    const big = 2n ** 60n;
    const entries = [entry("a", { duration_ms: big }), entry("b", { duration_ms: 1 }), entry("c", { attempts: [{ attempt: -big, model: "m", verified: false }] })];
    const log = await open(entries.map(({ skill, ...more }) => `${line(skill, more)}\n`).join(""));
    assert.deepEqual(await log.read(), entries);
  });

  it("an aborted reading rejects with the signal's reason", async (open) => {
    const log = await open(`${line("a")}\n`);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    for (const call of [() => log.read({ signal }), () => log.verify({ signal }), () => log.records({ signal }).next()]) {
      await assert.rejects(call(), (error) => error === reason);
    }
  });

  it("a reading that is aborted between two entries rejects at once", async (open) => {
    const log = await open(`${line("a")}\n${line("b")}\n`);
    const controller = new AbortController();
    const reason = new Error("enough");
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

  it("a closed log is not read any more", async (open) => {
    const log = await open(`${line("a")}\n`);
    await log.close();
    await log.close();
    for (const call of [() => log.read(), () => log.verify(), () => log.index(), () => log.records().next(), () => log.follow().next()]) {
      await assert.rejects(call(), { code: "CLOSED" });
    }
  });

  it("options of reading that do not exist, or are of the wrong type, are refused", async (open) => {
    const log = await open(`${line("a")}\n`);
    const cases = [
      [() => log.read({ from: 3 }), /options\.from: expected no such option/],
      [() => log.read({ onDamage: true }), /options\.onDamage: expected a function/],
      [() => log.records({ from: -1 }).next(), /options\.from: expected a byte offset/],
      [() => log.records({ to: 1.5 }).next(), /options\.to: expected a byte offset/],
      [() => log.records({ input: "bytes" }).next(), /options\.input: expected "parsed" or "raw"/],
      [() => log.read("strict"), /options: expected an object, got the string "strict"/],
      [() => log.verify({ onProgress: 1 }), /options\.onProgress: expected a function/],
      [() => log.read({ signal: {} }), /options\.signal: expected an AbortSignal/],
    ];
    for (const [call, message] of cases) await assert.rejects(call(), { code: "INVALID_ARGUMENT", message });
  });

  readingIndexSuite(name, makeLog);
}

/**
 * Applies what must hold where nothing can be changed.
 *
 * @param {string} name
 * @param {MakeLog} makeLog
 */
export function readOnlySuite(name, makeLog) {
  readingSuite(name, makeLog);

  ofBytes(name, makeLog)("nothing can be appended, and nothing repaired", async (open) => {
    const text = `${line("a")}\n${TORN}\n`;
    const log = await open(text);
    for (const call of [() => log.append(entry("b")), () => log.repair(), () => log.repair({ dryRun: true }), () => log.repair({ exclusive: true })]) {
      await assert.rejects(call(), { code: "READ_ONLY" });
    }
    assert.equal((await log.verify()).bytes, text.length);
  });
}
