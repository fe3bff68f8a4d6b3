// One index of many logs has what an index of each log has, whatever happens to the files.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { SessionLog, Sessions } from "skill-log";

import { doubts, tails } from "../support/damaged-lines.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { listLater } from "./cached-logs.js";
import { lines, PART } from "./long-lines.js";
import { assertSameAsEach, SeenRows } from "./same-as-each.js";

const NAMES = ["a", "b", "c d", "é"];

/** What is appended to a log. */
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("a", "b", "c").map((skill) => `${line(skill)}\n`) },
  { weight: 1, arbitrary: fc.constant(`${line("b", { message: "a needle" })}\n`) },
  fc.constantFrom(
    "\n",
    "\0\0\0",
    "\0\0\n",
    TORN,
    "{}\n",
    `${TORN}\n`,
    line("b"),
    "Killed\n",
    "\r\n",
  ),
  fc.constantFrom(...tails).map(({ text }) => text),
  fc.constantFrom(...doubts).map(({ text }) => `${text}\n`),
);

const log = fc.constantFrom(...NAMES);

/** What is appended to a long log: threads read it in parts. */
const longPiece = fc
  .constantFrom(PART - 1, PART, PART + 9, 2 * PART + 5)
  .map((bytes) => lines(bytes));

/** @param {fc.Arbitrary<string>} piece */
const stepOf = (piece) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        is: fc.constant("append"),
        log,
        pieces: fc.array(piece, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ is: fc.constant("refresh") }) },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant("cut"),
        log,
        at: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant("replace"),
        log,
        pieces: fc.array(piece, { maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("remove"), log }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("repair"), log }) },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant("reopen"),
        cache: fc.boolean(),
        isLater: fc.boolean(),
        threads: fc.integer({ min: 1, max: 3 }),
      }),
    },
  );

/** How long a clock shows one time, in milliseconds, at most. */
const TICK = 12;

/** How far to put the clock forward, in milliseconds, so that no file seems to be new. */
const LATER = 5_000;

/**
 * Changes logs at random, and compares an index of them with an index of each.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ numRuns: number, seed?: number, path?: string }} parameters of fast-check
 * @param {{ areLong?: boolean }} [options] whether some logs are long
 */
export async function changeLogs(t, parameters, { areLong = false } = {}) {
  const pieces = areLong ? fc.oneof(piece, { weight: 4, arbitrary: longPiece }) : piece;
  const steps = fc.array(stepOf(pieces), { maxLength: areLong ? 8 : 14 });
  const base = temporaryFolder(t);
  const { now } = Date;
  t.after(() => (Date.now = now));
  let runs = 0;
  const property = fc.asyncProperty(steps, async (steps) => {
    const dir = path.join(base, `${runs}`);
    const cache = path.join(base, `${runs}-cache`);
    runs += 1;
    fs.mkdirSync(dir);
    const fileOf = (/** @type {string} */ name) => path.join(dir, `${name}.jsonl`);
    let sessions = await Sessions.open(dir, { cache });
    let index = await sessions.index();
    let seen = new SeenRows();
    const reopen = async (/** @type {any} */ { isLater, ...options }) => {
      await sessions.close();
      await wait(isLater ? TICK : 0);
      if (isLater) Date.now = () => now() + LATER;
      sessions = await Sessions.open(dir, options);
      index = await sessions.index();
      Date.now = now;
      seen = new SeenRows();
      await wait(isLater ? TICK : 0);
    };
    try {
      for (const each of /** @type {any[]} */ (steps)) {
        const file = fileOf(each.log ?? "");
        if (each.is === "append") fs.appendFileSync(file, each.pieces.join(""));
        else if (each.is === "refresh") await index.refresh();
        else if (each.is === "cut" && fs.existsSync(file))
          fs.truncateSync(file, Math.floor(fs.statSync(file).size * each.at));
        else if (each.is === "remove") fs.rmSync(file, { force: true });
        else if (each.is === "replace") {
          fs.writeFileSync(path.join(dir, "new"), each.pieces.join(""));
          fs.renameSync(path.join(dir, "new"), file);
        } else if (each.is === "repair" && fs.existsSync(file)) {
          const repaired = await SessionLog.open(dir, each.log);
          await repaired.repair({ exclusive: true });
          await repaired.close();
          // An index that goes on keeps the damage that it found.
          await reopen({ cache, isLater: false });
        } else if (each.is === "reopen")
          await reopen({
            cache: each.cache && cache,
            threads: each.threads,
            isLater: each.isLater,
          });
        else continue;
        if (each.is !== "refresh" && each.is !== "repair" && each.is !== "reopen") continue;
        seen.check(index);
        await assertSameAsEach(dir, index);
      }
      await index.refresh();
      seen.check(index);
      await assertSameAsEach(dir, index);
      await reopen({ cache, isLater: true });
      await assertSameAsEach(dir, index);
      await reopen({ cache, isLater: true });
      await assertSameAsEach(dir, index);
      const expected = await listLater(dir, false);
      for (let round = 0; round < 2; round += 1)
        assert.deepEqual(await listLater(dir, cache), expected);
    } finally {
      await sessions.close();
    }
  });
  await fc.assert(property, parameters);
}
