// What a log must do in every storage. A test file of each storage applies it.

import assert from "node:assert/strict";
import { encode, RawJson } from "skill-log";

import { collected } from "../support/collected.js";
import { entry, line, TORN } from "../support/lines.js";
import { assertPending } from "../support/pending.js";
import { followSuite } from "./follow-suite.js";
import { existing, inPlace } from "./in-place.js";
import { NOTHING, readingSuite } from "./reading-suite.js";

/**
 * @typedef {object} Place where one test's log is; its file does not exist yet
 * @property {(options?: object) => Promise<import("skill-log").SessionLog>} open
 * @property {string} [path] the file's path, where files have paths
 * @property {() => Promise<Buffer | null>} bytes returns the file's bytes, or `null` without a file
 * @property {(text: string | Uint8Array) => Promise<void>} put appends bytes as another program
 *   would
 * @property {(text: string | Uint8Array) => Promise<void>} rewrite rewrites the file as another
 *   program would
 * @property {(text: string) => Promise<void>} replace puts another file in the file's place
 * @property {() => Promise<void>} remove removes the file
 * @property {number} [single] how many bytes may be put one by one, where each put is slow
 * @property {() => Promise<Buffer | null>} saved returns the bytes that repair saved, or `null`
 */

/**
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<Place>} makePlace
 * @param {boolean} [hasModified] whether reading reports when a log was changed
 */
export function storageSuite(name, makePlace, hasModified = false) {
  const it = inPlace(name, makePlace);
  const skills = (/** @type {import("skill-log").Entry[]} */ entries) =>
    entries.map(({ skill }) => skill);

  it("reads nothing, and makes no file, when the log does not exist", async (place, log) => {
    assert.deepEqual(await log.read(), []);
    assert.deepEqual(await collected(log.records({ reverse: true })), []);
    assert.equal((await log.bytes()).length, 0);
    assert.deepEqual(await log.verify(), NOTHING);
    assert.equal((await log.repair()).repaired, 0);
    assert.equal(await place.bytes(), null);
  });

  it("has its session as its id, and a path when files have paths", async (place, log) => {
    assert.equal(log.id, "s");
    assert.equal(log.path, place.path);
  });

  it("writes, and reads back, the canonical line when it appends", async (place, log) => {
    const input = entry("a", { message: "<é>", input: { b: [1, { c: null }] }, duration_ms: 5 });
    const { bytes } = await log.append(input);
    assert.equal(bytes, encode(input).length);
    assert.deepEqual(await place.bytes(), Buffer.from(encode(input)));
    assert.deepEqual(await log.read(), [input]);
  });

  it("escapes session_id when an object in an input starts with it", async (place, log) => {
    const inner = entry("inner");
    const raw = new RawJson(`[1.0,${JSON.stringify(inner)},"\\ud800"]`);
    await log.append([entry("a", { input: [inner] }), entry("b", { input: raw })]);
    const bytes = existing(await place.bytes());
    assert.ok(!bytes.includes(`[{"session_id":"`) && !bytes.includes(`,{"session_id":"`));
    const [a, b] = await log.read({ input: "raw" });
    assert.equal(
      a.input?.text,
      `[${JSON.stringify(inner).replace("session_id", "session\\u005fid")}]`,
    );
    assert.equal(
      b.input?.text,
      `[1.0,${JSON.stringify(inner).replace("session_id", "session\\u005fid")},"\ufffd"]`,
    );
    assert.deepEqual(
      (await log.read()).map(({ input }) => input),
      [[inner], [1, inner, "\ufffd"]],
    );
    // A line cut within the input holds no entry that was not appended, and no doubtful one.
    await place.put(bytes.subarray(0, bytes.indexOf("}]") + 1));
    await log.append(entry("c"));
    assert.deepEqual(skills(await log.read({ doubtful: true, onDamage() {} })), ["a", "b", "c"]);
  });

  it("writes the log's id when session_id is absent, else rejects", async (place, log) => {
    await log.append({ ...entry("a"), session_id: undefined });
    assert.equal((await log.read())[0].session_id, "s");
    await assert.rejects(log.append({ ...entry("b"), session_id: "other" }), {
      code: "INVALID_ENTRY",
      field: "session_id",
    });
    assert.deepEqual(skills(await log.read()), ["a"]);
  });

  it("appends all entries of an array, or none when one of them is bad", async (place, log) => {
    assert.deepEqual(await log.append([]), { bytes: 0 });
    assert.equal(await place.bytes(), null);
    await log.append([entry("a"), entry("b")]);
    // @ts-expect-error a skill that is no string
    await assert.rejects(log.append([entry("c"), { ...entry("d"), skill: 1 }]), {
      code: "INVALID_ENTRY",
      field: "skill",
    });
    assert.deepEqual(skills(await log.read()), ["a", "b"]);
  });

  it("seals a torn tail on a line of its own when an entry is appended", async (place, log) => {
    await log.append(entry("a"));
    await place.put(TORN);
    const { bytes } = await log.append(entry("b"));
    assert.equal(bytes, encode(entry("b")).length + 1);
    await log.append(entry("c"));
    assert.equal(
      existing(await place.bytes()).toString(),
      `${line("a")}\n${TORN}\n${line("b")}\n${line("c")}\n`,
    );
    /** @type {import("skill-log").Damage[]} */
    const damage = [];
    assert.deepEqual(skills(await log.read({ onDamage: (each) => damage.push(each) })), [
      "a",
      "b",
      "c",
    ]);
    const offset = line("a").length + 1;
    const reason = `the text ends before the entry does, at byte ${TORN.length} of the line`;
    assert.deepEqual(damage, [
      { kind: "torn", reason, offset, length: TORN.length, line: 2, recovered: 0 },
    ]);
  });

  it("seals an entry without a line end when another is appended", async (place, log) => {
    await place.put(line("a"));
    assert.deepEqual(skills(await log.read()), ["a"]);
    await log.append(entry("b"));
    assert.equal(existing(await place.bytes()).toString(), `${line("a")}\n${line("b")}\n`);
  });

  it("adds no blank line when another writer ended the last line", async (place, log) => {
    await place.put(`${line("a")}\n`);
    const { bytes } = await log.append(entry("b"));
    assert.equal(bytes, encode(entry("b")).length);
    assert.equal(existing(await place.bytes()).toString(), `${line("a")}\n${line("b")}\n`);
  });

  it("starts a line of its own when the log is one byte", async (place, log) => {
    await place.put("{");
    await log.append(entry("a"));
    assert.equal(existing(await place.bytes()).toString(), `{\n${line("a")}\n`);
  });

  it("appends and reads a line when it has at most maxLineBytes", async (place, log) => {
    const length = encode(entry("a")).length;
    await log.append(entry("a"), { maxLineBytes: length });
    await assert.rejects(log.append(entry("b"), { maxLineBytes: length - 1 }), {
      code: "LINE_TOO_LONG",
      length,
      limit: length - 1,
    });
    /** @type {import("skill-log").Damage[]} */
    const damage = [];
    assert.equal((await log.read({ maxLineBytes: length })).length, 1);
    assert.equal(
      (await log.read({ maxLineBytes: length - 1, onDamage: (each) => damage.push(each) })).length,
      0,
    );
    assert.deepEqual(
      damage.map(({ kind }) => kind),
      ["too_long"],
    );
  });

  it("does not exhaust the stack when a line holds 200,000 entries", async (place, log) => {
    await place.put(`${line("a").repeat(200_000)}\n`);
    assert.equal((await log.repair({ dryRun: true })).left, 1);
  });

  it("rejects with the signal's reason when a repair is aborted", async (place, log) => {
    await log.append(entry("a"));
    const reason = new Error("enough");
    await assert.rejects(
      log.repair({ signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  const damaged = [
    line("a"),
    TORN,
    `${TORN}${line("b")}`,
    `\0\0\0${line("c")}\0`,
    "not JSON",
    `${line("d")} x ${line("e")}`,
    "",
    line("f"),
  ];

  it("saves damaged bytes, and moves no entry, when it repairs", async (place, log) => {
    await place.put(`${damaged.join("\n")}\n${TORN}`);
    const before = existing(await place.bytes());
    const records = await collected(log.records({ onDamage() {} }));
    const preview = await log.repair({ dryRun: true });
    assert.deepEqual(await place.bytes(), before);
    assert.equal(await place.saved(), null);

    const report = await log.repair();
    assert.deepEqual({ ...preview, savedTo: report.savedTo }, report);
    const after = existing(await place.bytes());
    assert.equal(after.length, before.length);
    const kept = await collected(log.records());
    assert.deepEqual(
      kept.map(({ entry, offset }) => [entry.skill, offset]),
      records.map(({ entry, offset }) => [entry.skill, offset]),
    );
    assert.deepEqual(skills(kept.map(({ entry }) => entry)), ["a", "b", "c", "d", "e", "f"]);

    const verified = await log.verify();
    assert.deepEqual(verified.damage, []);
    assertPending(
      verified.pending,
      { offset: before.length - TORN.length, length: TORN.length },
      hasModified,
    );

    // The other file has every byte that was overwritten, with its offset.
    const restored = Buffer.from(after);
    let saved = 0;
    for (const each of existing(await place.saved())
      .toString()
      .split("\n")
      .filter(Boolean)) {
      const { offset, length, base64 } = JSON.parse(each);
      assert.equal(Buffer.from(base64, "base64").copy(restored, offset), length);
      saved += length;
    }
    assert.deepEqual(restored, before);
    assert.equal(saved, report.saved);

    const again = await log.repair();
    assert.equal(again.repaired, 0);
    assert.deepEqual(await place.bytes(), after);
  });

  it("seals an unfinished entry when it repairs after a minute", async (place, log) => {
    const lines = `${line("a")}\n${TORN}\n${line("b")}\n`;
    for (const [before, left] of /** @type {const} */ ([
      ["", 1],
      [lines, 2],
      ["", 1],
    ])) {
      await place.put(`${before}${TORN}`);
      const start = existing(await place.bytes());
      const young = await log.repair({ dryRun: true });
      assert.deepEqual([young.pending?.length, young.sealed], [TORN.length, undefined]);
      await later(async () => {
        const preview = await log.repair({ dryRun: true });
        assert.deepEqual(await place.bytes(), start);
        const report = await log.repair();
        assert.deepEqual({ ...preview, savedTo: report.savedTo }, report);
        const { sealed, pending, damaged, repaired } = report;
        assert.deepEqual(
          { sealed, pending, damaged, repaired },
          { sealed: true, pending: null, damaged: left, repaired: left },
        );
        const after = existing(await place.bytes());
        assert.equal(after.length, start.length + 1);
        const { damage, pending: stays } = await log.verify();
        assert.deepEqual({ damage, stays }, { damage: [], stays: null });
        assert.equal((await log.repair()).sealed, undefined);
        assert.deepEqual(await place.bytes(), after);
      });
    }
    assert.deepEqual(skills(await log.read()), ["a", "b"]);
    const saved = existing(await place.saved())
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((each) => JSON.parse(each));
    assert.deepEqual(
      saved.map(({ base64 }) => Buffer.from(base64, "base64").toString()),
      Array(4).fill(TORN),
    );
  });

  it("leaves an unfinished entry when it repairs within a minute", async (place, log) => {
    await place.put(`${line("a")}\n${TORN}`);
    const before = await place.bytes();
    await later(() => log.repair(), 30_000);
    await later(() => log.repair(), -3_600_000);
    assert.deepEqual(await place.bytes(), before);
  });

  it("saves one stretch when only blank lines part damaged lines", async (place, log) => {
    await place.put(
      `${"x\n".repeat(500)}\n\r\n${"yy\n".repeat(500)}${line("a")}\nz\n${line("b")}\n${"x\n\n".repeat(40_000)}`,
    );
    const before = existing(await place.bytes());
    const { repaired, saved, damaged } = await log.repair();
    assert.deepEqual({ repaired, damaged }, { repaired: 3, damaged: 41_001 });
    assert.ok(saved > 82_000 && saved < before.length, `${saved}`);
    const kept = existing(await place.saved()).length;
    assert.ok(kept < 1.5 * saved, `${kept} bytes for ${saved}`);
    assert.deepEqual((await log.verify()).damage, []);
    assert.deepEqual(skills(await log.read()), ["a", "b"]);
  });

  it("parts entries that touch when, and only when, it is exclusive", async (place, log) => {
    await place.put(`${line("a")}${line("b")}${line("c")}\n${line("d")}\n${TORN}`);
    const before = await place.bytes();
    const report = await log.repair();
    assert.deepEqual([report.repaired, report.left], [0, 1]);
    assert.deepEqual(await place.bytes(), before);
    assert.deepEqual(skills(await log.read({ onDamage() {} })), ["a", "b", "c", "d"]);

    assert.equal((await log.repair({ exclusive: true })).left, 0);
    assert.equal(
      existing(await place.bytes()).toString(),
      `${line("a")}\n${line("b")}\n${line("c")}\n${line("d")}\n${TORN}`,
    );
    assert.deepEqual((await log.verify()).damage, []);
  });

  it("leaves a line over the limit, which a larger limit reads, when it repairs", async (place) => {
    await place.put(`${line("a", { message: "x".repeat(1000) })}\n${TORN}\n`);
    const before = existing(await place.bytes());
    const log = await place.open({ maxLineBytes: 500 });
    const report = await log.repair();
    assert.deepEqual(
      report.damage.map(({ kind }) => kind),
      ["too_long", "torn"],
    );
    assert.deepEqual([report.repaired, report.left], [1, 1]);
    assert.deepEqual(
      existing(await place.bytes()).subarray(0, -TORN.length - 1),
      before.subarray(0, -TORN.length - 1),
    );
    await log.close();
  });

  it("rejects with CLOSED when a closed log is changed", async (place, log) => {
    await log.append(entry("a"));
    await log.close();
    await log.close();
    for (const call of [() => log.append(entry("b")), () => log.repair()]) {
      await assert.rejects(call(), { code: "CLOSED" });
    }
  });

  it("rejects with INVALID_ARGUMENT when an option is wrong", async (place, log) => {
    const append = (/** @type {any} */ options) => log.append(entry("a"), options);
    const repair = (/** @type {any} */ options) => log.repair(options);
    /** @type {[call: () => Promise<unknown>, message: RegExp][]} */
    const cases = [
      [() => append({ fsync: true }), /options\.fsync: unknown option; use only sync/],
      [() => append({ sync: 1 }), /sync: expected true, false or \{ within: milliseconds \}, got/],
      [() => append({ sync: "none" }), /options\.sync: expected true, false or .*, got the string/],
      [() => append({ sync: { with: 1 } }), /options\.sync\.with: unknown option; use only within/],
      [() => append({ sync: {} }), /options\.sync\.within: expected a whole number of milli/],
      [() => append({ sync: { within: 0 } }), /from 1 to 2147483647, got the number 0/],
      [() => append({ sync: { within: 2 ** 31 } }), /from 1 to 2147483647, got the number/],
      [() => append({ sync: { within: "1s" } }), /options\.sync\.within: .*, got the string "1s"/],
      [() => append({ mode: "600" }), /options\.mode: expected permission bits/],
      [() => append({ maxLineBytes: 0 }), /options\.maxLineBytes: expected a whole number from 1/],
      [() => repair({ force: true }), /options\.force/],
      [
        () => repair({ doubtful: "maybe" }),
        /options\.doubtful: expected "keep" or "drop", got the string "maybe"/,
      ],
      [() => repair({ doubtful: true }), /options\.doubtful: expected "keep" or "drop"/],
      [() => repair({ dryRun: "yes" }), /options\.dryRun: expected true or false/],
    ];
    for (const [call, message] of cases)
      await assert.rejects(call(), { code: "INVALID_ARGUMENT", message });
    assert.equal(await place.bytes(), null);
  });

  followSuite(it);
  const makeLog = async (
    /** @type {import("node:test").TestContext} */ t,
    /** @type {Uint8Array} */ bytes,
  ) => {
    const place = await makePlace(t);
    await place.put(bytes);
    return place.open();
  };
  readingSuite(name, makeLog, hasModified);
}

/**
 * Does some work while `Date.now` returns another time.
 *
 * @param {() => Promise<unknown>} work
 * @param {number} [time] how much later, in milliseconds
 */
async function later(work, time = 61_000) {
  const { now } = Date;
  Date.now = () => now() + time;
  try {
    await work();
  } finally {
    Date.now = now;
  }
}
