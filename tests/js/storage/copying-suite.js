// What copying, merging and reading the last entries must do in every storage.

import assert from "node:assert/strict";
import { copySession, encode, mergeSessions, SessionLog } from "skill-log";

import { Random } from "../../conformance/random.js";
import { entry, line, TORN } from "../support/lines.js";
import { existing, inPlace } from "./in-place.js";

/** @typedef {import("skill-log").Entry} Entry */

/** @param {Entry[]} entries */
const skills = (entries) => entries.map(({ skill }) => skill);

/** @param {string} text */
const logOf = (text) => SessionLog.from(new TextEncoder().encode(text));

/** @param {string} skill @param {string} time of the day, with its offset */
const at = (skill, time) => line(skill, { timestamp: `2026-01-02T${time}` });

/** Logs whose bytes are copied up to a place, by name. @type {[what: string, text: string, rest: string][]} */
const ENDS = [
  ["it ends in a line end", `${line("a")}\n${line("b")}\n`, ""],
  ["its last entry has no line end", `${line("a")}\n${line("b")}`, ""],
  ["it has pending bytes", `${line("a")}\n`, TORN],
  ["pending bytes follow a whole entry on the last line", `${line("a")}\n${line("b")}`, TORN],
  ["its last lines are damaged", `${line("a")}\ndamage\n\0\0\n`, ""],
  ["it has pending bytes alone", "", TORN],
  ["it is empty", "", ""],
  ["its pending bytes are long", `${line("a")}\n`, `{"session_id":"${"x".repeat(200_000)}`],
  ["it is long", `${line("a", { message: "m".repeat(100_000) })}\n`.repeat(30), TORN],
];

/**
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<import("./suite.js").Place>} makePlace
 */
export function copyingSuite(name, makePlace) {
  const it = inPlace(name, makePlace);

  for (const [what, text, rest] of ENDS)
    it(`copies a log up to the end of its entries when ${what}`, async (place, log) => {
      assert.deepEqual(await copySession(await logOf(text + rest), log), { bytes: text.length });
      assert.deepEqual(existing(await place.bytes()), Buffer.from(text));
      await log.append(entry("next"));
      assert.deepEqual(skills(await log.last()), ["next"]);
    });

  it("copies what a log had at an entry when `until` is its end", async (place, log) => {
    const lines = ["a", "b", "c"].map((skill) => `${line(skill)}\n`);
    const from = await logOf(lines.join(""));
    const ends = [];
    for await (const { end } of from.records()) ends.push(end);
    await copySession(from, log, { until: ends[1] });
    assert.deepEqual(existing(await place.bytes()), Buffer.from(lines[0] + lines[1]));
    await log.append(entry("other"));
    assert.deepEqual(skills(await log.read()), ["a", "b", "other"]);
  });

  it("refuses to copy, and changes nothing, when there is a log", async (place, log) => {
    await log.append(entry("own"));
    const before = await place.bytes();
    const from = await logOf(`${line("a")}\n`);
    await assert.rejects(copySession(from, log), { code: "EXISTS" });
    await assert.rejects(mergeSessions([from], log), { code: "EXISTS" });
    await assert.rejects(copySession(log, log), { code: "EXISTS" });
    assert.deepEqual(await place.bytes(), before);
  });

  it("makes no log when copying fails", async (place, log) => {
    const from = await logOf(`${line("a")}\n`);
    const length = line("a").length + 1;
    await assert.rejects(copySession(from, log, { until: length + 1 }), {
      code: "INVALID_ARGUMENT",
      message: `options.until: expected at most ${length}, the bytes of the log, got ${length + 1}`,
    });
    await assert.rejects(copySession(log, log), { code: "NOT_FOUND" });
    await assert.rejects(copySession(from, from), { code: "READ_ONLY" });
    const reason = new Error("stopped");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(copySession(from, log, { signal }), reason);
    await assert.rejects(mergeSessions([from], log, { signal }), reason);
    assert.ok(!(await place.bytes())?.length);
    // The name is free.
    await copySession(from, log);
    assert.deepEqual(skills(await log.read()), ["a"]);
  });

  it("refuses other options", async (place, log) => {
    const from = await logOf("");
    for (const options of [{ until: -1 }, { until: 1.5 }, { sync: 1 }, { signal: 1 }, { to: 1 }])
      await assert.rejects(copySession(from, log, /** @type {any} */ (options)), {
        code: "INVALID_ARGUMENT",
      });
    const other = /** @type {any} */ ({ id: "s" });
    for (const refused of [
      () => mergeSessions(/** @type {any} */ (from), log),
      () => mergeSessions([from, other], log),
      () => mergeSessions([from], other),
      () => copySession(other, log),
      () => copySession(from, other),
    ])
      await assert.rejects(refused, { code: "INVALID_ARGUMENT" });
    for (const options of [{ count: 0 }, { count: "1" }, { skill: 1 }, { from: 1 }])
      await assert.rejects(log.last(/** @type {any} */ (options)), { code: "INVALID_ARGUMENT" });
  });

  it("merges logs in the order of time, each entry once", async (place, log) => {
    const shared = at("shared", "00:00:02Z");
    const first = [at("a", "00:00:01Z"), shared, "damage", at("d", "00:00:05.000000002Z")];
    const second = [
      at("c", "00:00:05.000000001Z"),
      shared,
      // The same instant in another offset is another entry.
      at("shared", "01:00:02+01:00"),
      at("b", "01:00:03+01:00"),
      shared,
    ];
    const merged = await mergeSessions(
      [await logOf(`${first.join("\n")}\n${TORN}`), await logOf(second.join("\n"))],
      log,
    );
    const entries = await log.read();
    assert.deepEqual(skills(entries), ["a", "shared", "shared", "b", "c", "d"]);
    const bytes = existing(await place.bytes());
    assert.deepEqual(merged, { entries: 6, repeated: 2, damaged: 1, bytes: bytes.length });
    assert.deepEqual(
      bytes,
      Buffer.concat(entries.map((each) => encode(/** @type {any} */ (each)))),
    );
  });

  it("merges what random logs hold, whatever their order", async (place, log) => {
    const random = new Random(5);
    const time = () => `00:00:0${random.below(3)}.${random.below(3)}Z`;
    const all = Array.from({ length: 300 }, (_, each) => at(`${each % 100}`, time()));
    const texts = Array.from({ length: 4 }, () =>
      all.filter(() => random.chance(0.6)).concat(random.shuffle([...all]).slice(0, 20)),
    );
    const logs = await Promise.all(texts.map((lines) => logOf(lines.join("\n"))));
    const { entries, repeated } = await mergeSessions(logs, log);
    const read = await log.read();
    const distinct = new Set(texts.flat());
    assert.deepEqual([entries, repeated], [distinct.size, texts.flat().length - distinct.size]);
    const found = existing(await place.bytes())
      .toString()
      .split("\n")
      .slice(0, -1);
    assert.deepEqual([...found].sort(), [...distinct].sort());
    const instants = read.map(({ timestamp }) => Date.parse(timestamp));
    assert.deepEqual(
      instants,
      instants.toSorted((one, other) => one - other),
    );
  });

  it("makes an empty log when there is nothing to merge", async (place, log) => {
    const nothing = { entries: 0, repeated: 0, damaged: 0, bytes: 0 };
    assert.deepEqual(await mergeSessions([], log), nothing);
    assert.equal(existing(await place.bytes()).length, 0);
  });

  it("returns the last entries when some fields are asked for", async (place, log) => {
    assert.deepEqual(await log.last(), []);
    const kinds = [
      ["plan", "", "ok"],
      ["tdd", "red", "fail"],
      ["tdd", "green", "ok"],
      ["plan", "", "fail"],
      ["tdd", "red", "ok"],
    ];
    await log.append(
      kinds.map(([skill, phase, final_status], number) =>
        entry(skill, { ...(phase && { phase }), final_status, message: `${number}` }),
      ),
    );
    await place.put(TORN);
    /** @type {[options: import("skill-log").LastOptions, numbers: number[]][]} */
    const table = [
      [{}, [4]],
      [{ count: 2 }, [3, 4]],
      [{ count: 9 }, [0, 1, 2, 3, 4]],
      [{ skill: "plan" }, [3]],
      [{ skill: "tdd", phase: "red", count: 2 }, [1, 4]],
      [{ phase: "", count: 3 }, [0, 3]],
      [{ final_status: "fail", count: 2 }, [1, 3]],
      [{ skill: "tdd", phase: "green", final_status: "fail" }, []],
      [{ skill: "none" }, []],
    ];
    for (const [options, numbers] of table)
      assert.deepEqual(
        (await log.last(options)).map(({ message }) => Number(message)),
        numbers,
        JSON.stringify(options),
      );
  });
}
