// Processes that append to one log are killed (SIGKILL) at any moment, one after the other.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { caseRandom, caseSeed } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";
import { WarmWorkers } from "./workers.js";
import { checkWritten, Writing } from "./written-log.js";

/** How many processes append at a time, and how many are killed before the log is checked. */
const WRITERS = 3;
const KILLS = 10;

/**
 * Lengths of lines in bytes, and how many milliseconds a process may live. A process that appends
 * long lines is killed when the log grows, because it is within a write then.
 */
const SIZES = [
  { least: 150, most: 2000, life: 25 },
  { least: 2000, most: 200_000, life: 15 },
  { least: 300_000, most: 3_000_000, life: 25, isWatched: true },
];

/**
 * File systems for the logs: a disk, and one in memory, whose writes a kill cuts at any page. ext4
 * ends the write of a large folio first.
 */
const PLACES = [tmpdir(), "/dev/shm"].filter((place) => existsSync(place));

/** @type {import("./row.js").Row} */
export const row = {
  name: "kill-appends",
  about:
    "Kills processes at any moment while three append to one log, with and without `sync`, one entry at a time or many",
  counts: "kills",
  short: 30,
  full: 10_000,
  code: ["tests/evidence/children"],
  async open(seed) {
    const warm = new WarmWorkers("appender.js", WRITERS + 1);
    const bases = PLACES.map((place) => mkdtempSync(join(place, "skill-log-kills-")));
    return {
      run: (number) => killWriters({ seed, warm, base: bases[number % bases.length] }, number),
      async close(isFailed) {
        await warm.close();
        removeOrKeep(row.name, bases, isFailed);
      },
    };
  },
};

/**
 * Kills writers of one log, each of which another one follows, and checks the log.
 *
 * @param {{ seed: number, warm: WarmWorkers, base: string }} run
 * @param {number} number
 */
async function killWriters({ seed, warm, base }, number) {
  const random = caseRandom(seed, number);
  const { least, most, life, isWatched } = SIZES[number % SIZES.length];
  const session = `killed-${number}`;
  const writing = new Writing({ session, seed: caseSeed(seed, number), least, most });
  const plans = Array.from({ length: KILLS }, (_, index) => ({
    job: {
      dir: base,
      session,
      seed: caseSeed(seed, number),
      least,
      most,
      writer: `writer${index}`,
      percent: random.pick([0, 0, 20, 100]),
      atOnce: random.pick([1, 1, 4, 16]),
    },
    wait: random.fraction() * life,
  }));
  /** @type {string[]} the names of acknowledged entries */
  const required = [];
  const path = join(base, `${session}.jsonl`);
  let next = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let plan = plans[next++]; plan; plan = plans[next++]) {
        const worker = await warm.take();
        void worker.begin(plan.job);
        // Wait for the first acknowledged entry, because nothing can be lost before.
        await worker.started();
        await pause(plan.wait);
        if (isWatched) growth(path);
        for (const line of await worker.kill()) required.push(line.split(" ", 2).join(" "));
      }
    }),
  );
  const { names, kinds, isPending } = await checkWritten({
    writing,
    dir: base,
    required,
    age: random.pick([20, 3600]),
  });
  // A kill leaves at most one cut line, which is fused only if its writer was killed while another
  // one looked at the end of the log.
  assert.ok(kinds.length <= KILLS, `${kinds.length} damaged lines after ${KILLS} kills`);
  assert.ok(
    kinds.every((kind) => kind === "torn" || kind === "fused"),
    `${kinds}`,
  );
  rmSync(path);
  rmSync(join(base, `${session}.damaged`), { force: true });
  const acknowledged = new Set(required);
  return {
    units: KILLS,
    met: {
      "acknowledged entries": required.length,
      // Such a kill fell between the write of an entry and its acknowledgement, or into its sync.
      "entries written but not acknowledged": names.filter((name) => !acknowledged.has(name))
        .length,
      "cut lines": kinds.length + (isPending ? 1 : 0),
    },
  };
}

/**
 * Returns when a log grows, or after a while. Awaits nothing, because a write takes a millisecond.
 *
 * @param {string} path
 */
function growth(path) {
  const { size } = statSync(path);
  for (const end = performance.now() + 20; performance.now() < end; )
    if (statSync(path).size !== size) return;
}
