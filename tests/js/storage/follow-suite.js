// What following must do in every storage. suite.js applies it.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { collected } from "../support/collected.js";
import { tails } from "../support/damaged-lines.js";
import { followed, nextRecord } from "../following/followed.js";
import { entry, line, TORN } from "../support/lines.js";
import { existing } from "./in-place.js";

/** @typedef {import("skill-log").Damage} Damage */
/** @typedef {import("skill-log").LogRecord} LogRecord */

/** Longer than an appended entry takes to come, in milliseconds. */
const A_WHILE = 300;

/** Longer than a follower with events takes to see a change, in milliseconds. */
const PIECE_TIME = 30;

/** @param {import("./in-place.js").TestInPlace} it */
export function followSuite(it) {
  const places = (/** @type {LogRecord[]} */ records) =>
    records.map(({ offset, length }) => [offset, length]);

  it("yields all records, then new ones, when entries are appended", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const follower = followed(log.follow());
    await follower.until(2);
    await log.append(entry("c"));
    await follower.until(3);
    await log.append([entry("d"), entry("e", { message: "x".repeat(1_000_000) })]);
    assert.deepEqual(await follower.until(5), await collected(log.records()));
    await pause(A_WHILE);
    assert.equal(follower.records.length, 5);
  });

  it("waits for the log, without making it, when it does not exist", async (place, log) => {
    const starts = /** @type {const} */ (["start", "end", 0, 1000]);
    const all = starts.map((from) => followed(log.follow({ from })));
    await pause(A_WHILE);
    assert.equal(await place.bytes(), null);
    await log.append(entry("a"));
    for (const follower of all)
      assert.deepEqual(await follower.until(1), await collected(log.records()));
  });

  it("starts at the log's end when it follows from the end", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    // Many followers, because the append must not overtake the last one where files open slowly.
    const iterables = Array.from({ length: 20 }, () => log.follow({ from: "end" }));
    await log.append(entry("c"));
    const all = iterables.map(followed);
    await log.append(entry("d"));
    await Promise.all(all.map((follower) => follower.until(2)));
    await pause(A_WHILE);
    for (const follower of all) assert.deepEqual(follower.skills(), ["c", "d"]);
  });

  it("yields a whole entry when its first part was before the end", async (place, log) => {
    await log.append(entry("a"));
    const half = line("b").length / 2;
    await place.put(line("b").slice(0, half));
    const follower = followed(log.follow({ from: "end" }));
    await pause(A_WHILE);
    await place.put(`${line("b").slice(half)}\n`);
    await follower.until(1);
    assert.deepEqual(follower.records, (await collected(log.records())).slice(1));
  });

  it("yields no entry when it was whole before the end but had no line end", async (place, log) => {
    await log.append(entry("a"));
    await place.put(line("b"));
    const follower = followed(log.follow({ from: "end" }));
    await pause(A_WHILE);
    await log.append(entry("c"));
    await follower.until(1);
    assert.deepEqual(follower.skills(), ["c"]);
  });

  it("waits without a report when pending bytes come slowly", async (place, log) => {
    const follower = followed(
      log.follow({ onDamage: () => assert.fail("pending bytes are no damage") }),
    );
    await log.append(entry("a"));
    await follower.until(1);
    const bytes = line("b", { message: "x".repeat(100) });
    for (let at = 0; at < bytes.length; at += 10) {
      await place.put(bytes.slice(at, at + 10));
      await pause(20);
      if (at + 10 < bytes.length) assert.deepEqual(follower.skills(), ["a"]);
    }
    await follower.until(2);
    assert.equal(follower.records[1].end, existing(await place.bytes()).length);
  });

  it("yields an entry once, and at once, when its line end comes later", async (place, log) => {
    const follower = followed(log.follow());
    await place.put(line("a"));
    const [{ offset, length, end }] = await follower.until(1);
    assert.deepEqual([offset, length, end], [0, line("a").length, line("a").length]);
    await place.put("\n");
    await pause(A_WHILE);
    await place.put(`${line("b")}\r`);
    await follower.until(2);
    await log.append(entry("c"));
    await follower.until(3);
    await pause(A_WHILE);
    assert.deepEqual(follower.skills(), ["a", "b", "c"]);
    const resumed = followed(log.follow({ from: end }));
    await resumed.until(2);
    assert.deepEqual(resumed.skills(), ["b", "c"]);
  });

  const mixed = `${line("a")}\n${TORN}\n${TORN}${line("b")}\n\n\r\n${line("c")}\r\n\0\0${line("d")}\0\nnot JSON\n${line("e")} x ${line("f")}\n${line("ü")}\n${line("g")}`;

  for (const size of [1, 7, 50]) {
    it(`yields each entry once when it comes in parts of ${size} bytes`, async (place, log) => {
      const follower = followed(log.follow({ onDamage() {} }));
      const bytes = Buffer.from(mixed);
      const start = size === 1 ? Math.max(0, bytes.length - (place.single ?? bytes.length)) : 0;
      if (start > 0) await place.put(bytes.subarray(0, start));
      for (let at = start; at < bytes.length; at += size) {
        await place.put(bytes.subarray(at, at + size));
        if (at % 5 === 0) await pause(2);
      }
      const all = await collected(log.records({ onDamage() {} }));
      assert.equal(all.length, 8);
      await follower.until(all.length);
      await pause(A_WHILE);
      // Lengths may differ, because an entry without a line end has no carriage return yet.
      const offsets = (/** @type {LogRecord[]} */ records) => records.map(({ offset }) => offset);
      assert.deepEqual(offsets(follower.records), offsets(all));
    });
  }

  it("yields the rest when it follows from any record's end or offset", async (place, log) => {
    await place.put(mixed);
    const all = await followed(log.follow({ onDamage() {} })).until(8);
    assert.deepEqual(all, await collected(log.records({ onDamage() {} })));
    const resumed = [
      ...all.map(({ end }, index) => ({ from: end, rest: all.slice(index + 1) })),
      ...all
        .filter(({ recovered }) => !recovered)
        .map((record) => ({ from: record.offset, rest: all.slice(all.indexOf(record)) })),
    ].map(({ from, rest }) => ({
      from,
      rest,
      follower: followed(log.follow({ from, onDamage() {} })),
    }));
    for (const { rest, follower } of resumed) await follower.until(rest.length);
    await log.append(entry("later"));
    for (const { from, rest, follower } of resumed) {
      await follower.until(rest.length + 1);
      const skills = [...rest.map(({ entry }) => entry.skill), "later"];
      assert.deepEqual(follower.skills(), skills, `from ${from}`);
      assert.deepEqual(places(follower.records.slice(0, -1)), places(rest), `from ${from}`);
    }
  });

  it("yields what reading has not returned when it goes on from there", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const read = await collected(log.records());
    await log.append(entry("c"));
    const follower = followed(log.follow({ from: read.at(-1)?.end }));
    await log.append(entry("d"));
    await follower.until(2);
    assert.deepEqual([...read, ...follower.records], await collected(log.records()));
  });

  it("reports damage, with its line from the start, when it comes", async (place, log) => {
    await log.append(entry("a"));
    /** @type {Record<"start" | "end", Damage[]>} */
    const reported = { start: [], end: [] };
    for (const from of /** @type {const} */ (["start", "end"]))
      followed(log.follow({ from, onDamage: (each) => reported[from].push(each) }));
    await place.put(TORN);
    await pause(A_WHILE);
    assert.deepEqual(reported, { start: [], end: [] });
    await place.put(`${line("b")}\n`);
    await pause(A_WHILE);
    /** @type {Damage[]} */
    const damage = [];
    await log.read({ onDamage: (each) => damage.push(each) });
    assert.equal(damage[0].line, 2);
    assert.deepEqual(reported.start, damage);
    assert.deepEqual(
      reported.end,
      damage.map(({ line: _, ...each }) => each),
    );
  });

  it("yields every entry once when the log is repaired in place", async (place, log) => {
    const follower = followed(log.follow({ onDamage() {} }));
    for (let round = 0; round < 5; round += 1) {
      await log.append(entry(`a${round}`));
      await place.put(`${TORN}\n${TORN}${line(`b${round}`)}\n`);
      if (round % 2 === 0) await follower.until(2 * round + 2);
      await log.repair();
      await log.append(entry(`c${round}`), { sync: true });
      await log.repair();
    }
    const all = await collected(log.records());
    await follower.until(15);
    await pause(A_WHILE);
    assert.deepEqual(places(follower.records), places(all));
  });

  it("starts anew when the file is rewritten with as many bytes", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const { length } = existing(await place.bytes());
    const starts = /** @type {const} */ (["start", "end", length]);
    const all = starts.map((from) => followed(log.follow({ from })));
    await all[0].until(2);
    await pause(A_WHILE);
    await place.rewrite(`${line("c")}\n${line("d")}\n`);
    for (const [index, follower] of all.entries()) {
      await follower.until(index === 0 ? 4 : 2);
      await pause(A_WHILE);
      assert.deepEqual(follower.skills().slice(-2), ["c", "d"]);
    }
    // Counted before, because the record may come before the append resolves.
    const counts = all.map(({ records }) => records.length + 1);
    await log.append(entry("e"));
    for (const [index, follower] of all.entries()) {
      await follower.until(counts[index]);
      assert.equal(follower.skills().at(-1), "e");
    }
  });

  it("reports a torn tail before the end once when it is repaired", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    await place.put(TORN);
    /** @type {string[]} */
    const kinds = [];
    const follower = followed(
      log.follow({ from: "end", onDamage: ({ kind }) => kinds.push(kind) }),
    );
    await pause(50);
    await place.put("\n");
    await pause(A_WHILE);
    assert.equal((await log.repair()).repaired, 1);
    await log.append(entry("c"));
    await follower.until(1);
    await pause(A_WHILE);
    assert.deepEqual([follower.skills(), kinds], [["c"], ["torn"]]);
  });

  it("yields each entry once, and reports damage, when a line is over the limit", async (place) => {
    const log = await place.open({ maxLineBytes: 300 });
    /** @type {string[]} */
    const damage = [];
    const follower = followed(log.follow({ onDamage: ({ kind }) => damage.push(kind) }));
    for (let count = 0; count < 5; count += 1) {
      await place.put(`${TORN}${line("a")}`);
      await pause(20);
    }
    await follower.until(5);
    await pause(A_WHILE);
    // Reported again as more of the line came, but not when its end comes, which adds nothing.
    const reports = damage.length;
    assert.deepEqual(
      [damage.at(-1), new Set(damage).size],
      ["too_long", 1 + Number(damage[0] === "fused")],
    );
    await place.put(`\n${line("b")}\n`);
    await follower.until(6);
    assert.equal(damage.length, reports);
    assert.deepEqual(follower.records, await collected(log.records({ onDamage() {} })));
    await log.close();
  });

  it("yields or reports the last bytes once when nothing more comes", async (place, log) => {
    /** @type {Map<number, Damage>} */
    const reported = new Map();
    const follower = followed(log.follow({ onDamage: (each) => reported.set(each.offset, each) }));
    let count = 0;
    for (const { name, text, skills = [], damage } of tails) {
      await log.append(entry("a"));
      const offset = existing(await place.bytes()).length;
      await place.put(text);
      count += 1 + skills.length;
      await follower.until(count);
      for (const start = performance.now(); damage && !reported.has(offset); ) {
        assert.ok(performance.now() - start < 5000, `no report of ${name}`);
        await pause(10);
      }
      assert.equal(reported.get(offset)?.kind, damage?.kind, name);
      await place.put("\n");
    }
    await pause(A_WHILE);
    // `end` differs, because the line had no line end yet.
    const all = await collected(log.records({ onDamage() {} }));
    assert.deepEqual(
      follower.records.map(({ end: _, ...each }) => each),
      all.map(({ end: _, ...each }) => each),
    );
    assert.deepEqual([...reported.values()], (await log.verify()).damage);
  });

  it("yields or reports an entry once when it comes after a torn one", async (place, log) => {
    /** @type {Map<number, Damage>} */
    const reported = new Map();
    const follower = followed(log.follow({ onDamage: (each) => reported.set(each.offset, each) }));
    const torn = line("torn", {
      input: { k: [1, "x"] },
      attempts: [{ attempt: 1, model: "m", verified: true }],
      duration_ms: 5,
      message: 'é "said"',
    });
    const end = (/** @type {string} */ part) => torn.indexOf(part) + part.length;
    const cuts = [
      1,
      5,
      end('"session_id":'),
      end('"timestamp":"2026'),
      end('"input":'),
      end('"k":['),
      end('"x"]'),
      end('"attempts":['),
      end("tru"),
      end('\\"sa'),
      torn.length - 1,
    ];
    // Cuts where an object is due. An attempt is such an object because its members may have any
    // names.
    const doubtful = new Set([end('"input":'), end('"k":['), end('"attempts":[')]);
    /** @type {string[]} */
    const skills = [];
    for (const [i, cut] of cuts.entries()) {
      const whole = line(`b${i}`);
      await place.put(torn.slice(0, cut));
      await pause(PIECE_TIME);
      for (const [from, to] of [
        [0, 1],
        [1, 17],
        [17, 18 + 5 * i],
        [18 + 5 * i, whole.length],
      ]) {
        await place.put(whole.slice(from, to));
        await pause(PIECE_TIME);
      }
      // A writer that seals no line goes on, or this package's writer seals the line.
      await (i % 2 === 0 ? place.put(`\n${line(`c${i}`)}\n`) : log.append(entry(`c${i}`)));
      skills.push(...(doubtful.has(cut) ? [] : [`b${i}`]), `c${i}`);
      await follower.until(skills.length);
      assert.deepEqual(follower.skills(), skills, `cut at ${cut}: ${torn.slice(0, cut)}`);
    }
    await pause(A_WHILE);
    assert.deepEqual(follower.records, await collected(log.records({ onDamage() {} })));
    const report = await log.verify();
    assert.deepEqual([...reported.values()], report.damage);
    assert.deepEqual(
      [report.doubtful, report.recovered],
      [doubtful.size, cuts.length - doubtful.size],
    );
  });

  it("yields a raw input when it follows with input: raw", async (place, log) => {
    const follower = followed(log.follow({ input: "raw" }));
    await place.put(`${line("a").slice(0, -1)},"input":{"n":12345678901234567890}}\n`);
    assert.equal((await follower.until(1))[0].entry.input.text, '{"n":12345678901234567890}');
  });

  it("rejects a line that the Go original refuses when it is strict", async (place, log) => {
    await log.append(entry("a"));
    const follower = followed(log.follow({ strict: true }));
    await follower.until(1);
    await place.put(line("b"));
    await pause(A_WHILE);
    assert.deepEqual(follower.skills(), ["a"]);
    await place.put("\n");
    await follower.until(2);
    const offset = existing(await place.bytes()).length;
    await place.put(`${line("c")}\n${TORN}`);
    await follower.until(3);
    await pause(A_WHILE);
    await place.put("\n");
    await assert.rejects(follower.ended, {
      code: "INVALID_LINE",
      line: 4,
      message: new RegExp(`, line 4, byte ${offset + line("c").length + 1 + TORN.length}:`),
    });
    assert.deepEqual(follower.skills(), ["a", "b", "c"]);
  });

  it("rejects with the reason when it is aborted while it waits", async (place, log) => {
    await log.append(entry("a"));
    const controller = new AbortController();
    const reason = new Error("enough");
    const follower = followed(log.follow({ signal: controller.signal }));
    const missing = followed(log.follow({ from: "end", signal: controller.signal }));
    await follower.until(1);
    await pause(A_WHILE);
    const start = performance.now();
    controller.abort(reason);
    for (const { ended } of [follower, missing])
      await assert.rejects(ended, (error) => error === reason);
    assert.ok(performance.now() - start < 200, "the follower went on waiting");
  });

  it("rejects with the reason when it is aborted between two entries", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    const reason = new Error("enough");
    for (const isBefore of [true, false]) {
      const controller = new AbortController();
      if (isBefore) controller.abort(reason);
      const records = log.follow({ signal: controller.signal });
      if (!isBefore) assert.equal((await nextRecord(records)).entry.skill, "a");
      controller.abort(reason);
      await assert.rejects(records.next(), (error) => error === reason);
      assert.deepEqual(await records.next(), { value: undefined, done: true });
    }
  });

  it("ends when it is left, while it waits too, or when its log is closed", async (place, log) => {
    await log.append([entry("a"), entry("b")]);
    for await (const { entry } of log.follow()) if (entry.skill === "b") break;

    const records = log.follow({ from: "end" });
    const waiting = records.next();
    await pause(20);
    assert.deepEqual(await records.return(), { value: undefined, done: true });
    assert.deepEqual(await waiting, { value: undefined, done: true });

    const refused = new Error("refused");
    const thrown = log.follow();
    await thrown.next();
    await assert.rejects(thrown.throw(refused), (error) => error === refused);
    assert.equal((await thrown.next()).done, true);

    const never = log.follow();
    const busy = log.follow();
    assert.equal((await nextRecord(busy)).entry.skill, "a");
    const follower = followed(log.follow());
    await follower.until(2);
    await log.close();
    await follower.ended;
    for (const each of [never, busy])
      assert.deepEqual(await each.next(), { value: undefined, done: true });
    await assert.rejects(log.follow().next(), { code: "CLOSED" });
  });

  it("yields every entry to each follower when some are slow or left", async (place, log) => {
    const fast = followed(log.follow());
    const slow = log.follow();
    const left = log.follow();
    await log.append(entry("0"));
    await left.next();
    await slow.next();
    for (let number = 1; number < 50; number += 1)
      await log.append(entry(`${number}`, { message: "x".repeat(20_000) }));
    await fast.until(50);
    await left.return();
    for (let number = 1; number < 50; number += 1)
      assert.equal((await nextRecord(slow)).entry.skill, `${number}`);
    await log.append(entry("later"));
    await fast.until(51);
    assert.equal((await nextRecord(slow)).entry.skill, "later");
  });

  it("rejects at the first step when an option of follow is wrong", async (place, log) => {
    /** @type {[options: any, message: RegExp][]} */
    const cases = [
      [
        { from: "begin" },
        /options\.from: expected "start", "end", or a byte offset, a whole number from 0, got the string "begin"/,
      ],
      [{ from: -1 }, /options\.from/],
      [{ from: 0.5 }, /options\.from/],
      [{ from: null }, /options\.from/],
      [{ to: 5 }, /options\.to: unknown option; use only/],
      [{ reverse: true }, /options\.reverse: unknown option/],
      [{ strict: 1 }, /options\.strict: expected true or false/],
      [{ onDamage: 1 }, /options\.onDamage: expected a function/],
      [{ input: 1 }, /options\.input/],
      [{ maxLineBytes: 0 }, /options\.maxLineBytes/],
      [{ signal: 1 }, /options\.signal: expected an AbortSignal/],
      ["end", /options: expected an object/],
    ];
    for (const [options, message] of cases)
      await assert.rejects(log.follow(options).next(), { code: "INVALID_ARGUMENT", message });
  });
}
