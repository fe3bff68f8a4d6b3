// The fault: a reader sees NULs where a process is writing, or NULs stay because power was lost.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { rowsOf } from "../js/indexing/row-of.js";
import { ready, start } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

/** Milliseconds for which readers look at NULs again, as js/reading/patience.js says. */
const SETTLE_TIME = 500;

/** Milliseconds by which timers and a busy machine may shift a time. */
const EARLY = 100;
const LATE = 3000;

const first = lineOf(numberedEntry({ session: "s", writer: "first", number: 0, length: 300 }));

/**
 * The length of the line that is written late, and how many of its first and last bytes are right
 * from the start.
 *
 * @type {{ name: string, length: number, head: number, tail: number, kind?:
 *   import("skill-log").DamageKind }[]}
 */
const lines = [
  { name: "every byte of a line is NUL", length: 400, head: 0, tail: 0 },
  { name: "every byte of a line but its line end is NUL", length: 400, head: 0, tail: 1 },
  { name: "the end of a line is NULs", length: 400, head: 150, tail: 0 },
  // The bytes after the NULs begin no entry.
  { name: "the middle of a line is NULs", length: 400, head: 150, tail: 100, kind: "corrupt" },
  { name: "each byte of a line of some chunks is NUL", length: 2_000_000, head: 0, tail: 0 },
  {
    name: "a line of some chunks is NULs but for its start",
    length: 2_000_000,
    head: 5000,
    tail: 1,
  },
];

/**
 * @typedef {object} Outcome
 * @property {string[]} skills
 * @property {import("skill-log").Damage[]} damage
 * @property {number} time milliseconds until the read ended or reported damage
 */

/**
 * Reads a log in every way at once.
 *
 * @param {string} dir
 * @param {() => Promise<void>} change runs after a follower waits and an index was made
 * @returns {Promise<Record<string, Outcome>>}
 */
async function readEveryWay(dir, change) {
  const log = await SessionLog.open(dir, "s");
  const old = await log.index();
  let begun = performance.now();
  const controller = new AbortController();
  const follower = timed(async (skills, damage) => {
    const onDamage = (/** @type {import("skill-log").Damage} */ each) => {
      damage.push(each);
      controller.abort();
    };
    const records = log.follow({ onDamage, signal: controller.signal });
    try {
      for await (const { entry } of records) if (skills.push(entry.skill) === 2) break;
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  });
  await change();
  begun = performance.now();
  /** @param {(skills: string[], damage: import("skill-log").Damage[]) => Promise<void>} work */
  async function timed(work) {
    /** @type {string[]} */
    const skills = [];
    /** @type {import("skill-log").Damage[]} */
    const damage = [];
    await work(skills, damage);
    return { skills, damage, time: performance.now() - begun };
  }
  const ofIndex = (/** @type {() => Promise<import("skill-log").LogIndex>} */ make) =>
    timed(async (skills, damage) => {
      const index = await make();
      skills.push(...rowsOf(index).map(({ skill }) => skill));
      damage.push(...index.damage);
    });
  const ways = {
    follow: follower,
    read: timed(async (skills, damage) => {
      for (const { skill } of await log.read({ onDamage: (each) => damage.push(each) }))
        skills.push(skill);
    }),
    reverse: timed(async (skills, damage) => {
      for await (const { skill } of log.entries({
        reverse: true,
        onDamage: (each) => damage.push(each),
      }))
        skills.unshift(skill);
    }),
    verify: timed(async (skills, damage) => {
      const report = await log.verify();
      damage.push(...report.damage);
      // A report has the number of entries, and no skills.
      skills.push(...["first", "late"].slice(0, report.entries));
    }),
    index: ofIndex(() => log.index()),
    refresh: ofIndex(async () => {
      await old.refresh();
      return old;
    }),
  };
  const outcomes = Object.fromEntries(
    await Promise.all(Object.entries(ways).map(async ([way, outcome]) => [way, await outcome])),
  );
  await log.close();
  return outcomes;
}

/**
 * Starts a process that writes NULs.
 *
 * @param {string} path
 * @param {(typeof lines)[number]} line
 * @param {number} [delay] milliseconds until it writes the right bytes; without it, the NULs stay
 */
async function writeNuls(path, { length, head, tail }, delay) {
  const writer = start("nul-writer.js", [
    path,
    length,
    head,
    tail,
    ...(delay === undefined ? [] : [delay]),
  ]);
  await ready(writer);
  return { ended: writer.ended };
}

for (const line of lines) {
  test(`reports no damage when ${line.name} for 100 ms`, async () => {
    const dir = temporaryDirectory();
    const path = join(dir, "s.jsonl");
    writeFileSync(path, first);
    /** @type {Promise<unknown> | undefined} */
    let ended;
    const outcomes = await readEveryWay(dir, async () => {
      ({ ended } = await writeNuls(path, line, 100));
      assert.ok(readFileSync(path).includes(0), "the NULs were overwritten too soon");
    });
    for (const [way, { skills, damage }] of Object.entries(outcomes)) {
      assert.deepEqual({ skills, damage }, { skills: ["first", "late"], damage: [] }, way);
    }
    await ended;
  });

  test(`reports damage after half a second when ${line.name} and stays so`, async () => {
    const dir = temporaryDirectory();
    const path = join(dir, "s.jsonl");
    writeFileSync(path, first);
    /** @type {Promise<unknown> | undefined} */
    let ended;
    const outcomes = await readEveryWay(dir, async () => {
      ({ ended } = await writeNuls(path, line));
    });
    await ended;
    for (const [way, { skills, damage, time }] of Object.entries(outcomes)) {
      assert.deepEqual(
        [skills, damage.map(({ kind, offset }) => [kind, offset])],
        [["first"], [[line.kind ?? "nul", first.length]]],
        way,
      );
      assert.ok(
        time > SETTLE_TIME - EARLY && time < SETTLE_TIME + LATE,
        `${way}: after ${time} ms`,
      );
    }
  });
}

test("waits for new NULs when a follower has reported earlier NULs as damage", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, "s.jsonl");
  writeFileSync(path, first);
  const log = await SessionLog.open(dir, "s");
  /** @type {import("skill-log").Damage[]} */
  const damage = [];
  const records = log.follow({ onDamage: (each) => damage.push(each) });
  await records.next();
  const next = records.next();
  for (const delay of [undefined, 100, undefined, 200]) {
    const isLeft = delay === undefined;
    await (await writeNuls(path, { name: "", length: 400, head: isLeft ? 0 : 200, tail: 1 }, delay))
      .ended;
    // Longer than a reader waits for NULs.
    if (isLeft) await pause(2 * SETTLE_TIME);
  }
  for (const { value } of [await next, await records.next()])
    assert.equal(value?.entry.skill, "late");
  assert.deepEqual(
    damage.map(({ kind, offset }) => [kind, offset]),
    [
      ["nul", first.length],
      ["nul", first.length + 800],
    ],
  );
  await log.close();
});

test("does not return the entries of a line again when NULs follow them", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, "s.jsonl");
  const touching = Buffer.concat([first.subarray(0, -1), first]).subarray(0, -1);
  writeFileSync(path, touching);
  const log = await SessionLog.open(dir, "s");
  /** @type {string[]} */
  const skills = [];
  for await (const { entry } of log.follow({ onDamage() {} })) {
    skills.push(entry.skill);
    if (skills.length === 2) appendFileSync(path, "\0\0");
    // The reader sees the line three times: it waits, reports the damage, and meets the line end.
    if (skills.length === 2)
      setTimeout(
        () =>
          appendFileSync(
            path,
            Buffer.concat([
              Buffer.from("\n"),
              lineOf(numberedEntry({ session: "s", writer: "last", number: 1 })),
            ]),
          ),
        2 * SETTLE_TIME,
      );
    if (entry.skill === "last") break;
  }
  assert.deepEqual(skills, ["first", "first", "last"]);
  await log.close();
});

test("reports NULs as damage at once when the file has not changed for some seconds", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, "s.jsonl");
  writeFileSync(path, Buffer.concat([first, Buffer.alloc(400)]));
  const before = Date.now() / 1000 - 10;
  utimesSync(path, before, before);
  const outcomes = await readEveryWay(dir, async () => {});
  for (const [way, { damage, time }] of Object.entries(outcomes)) {
    assert.deepEqual(
      damage.map(({ kind }) => kind),
      ["nul"],
      way,
    );
    assert.ok(time < SETTLE_TIME - EARLY, `${way}: after ${time} ms`);
  }
});
