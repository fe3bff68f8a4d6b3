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

/** The most milliseconds that a process lives which is killed while it opens or makes the log. */
const EARLY_LIFE = 12;

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
  // The first append makes both directories.
  const dir = join(base, session, "logs");
  const writing = new Writing({ session, seed: caseSeed(seed, number), least, most });
  const plans = Array.from({ length: KILLS }, (_, index) => ({
    job: {
      dir,
      session,
      seed: caseSeed(seed, number),
      least,
      most,
      writer: `writer${index}`,
      percent: random.pick([0, 0, 20, 100]),
      atOnce: random.pick([1, 1, 4, 16]),
    },
    isEarly: random.chance(1 / 3),
    wait: random.fraction(),
  }));
  /** @type {string[]} the names of acknowledged entries */
  const required = [];
  const path = join(dir, `${session}.jsonl`);
  let next = 0;
  let early = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let plan = plans[next++]; plan; plan = plans[next++]) {
        const worker = await warm.take();
        void worker.begin(plan.job);
        if (plan.isEarly) await pause(plan.wait * EARLY_LIFE);
        else {
          await worker.started();
          await pause(plan.wait * life);
          if (isWatched) growth(path);
        }
        const printed = await worker.kill();
        writing.begin(plan.job.writer, printed.length + plan.job.atOnce);
        if (printed.length === 0) early += 1;
        for (const line of printed) required.push(line.split(" ", 2).join(" "));
      }
    }),
  );
  const { names, kinds, isPending } = await checkWritten({
    writing,
    dir,
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
  rmSync(join(base, session), { recursive: true });
  const acknowledged = new Set(required);
  return {
    units: KILLS,
    met: {
      "kills before the first acknowledgement": early,
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
