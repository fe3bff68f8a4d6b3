// The row of several processes: their file calls in every order that differs, up to a limit.

import assert from "node:assert/strict";
import { SessionLog, Sessions } from "skill-log";

import { caseRandom } from "./case-random.js";
import { checkRecovery } from "./disk-states/recovery.js";
import { SESSION } from "./disk-states/starts.js";
import { replaceFs, ROOT, VirtualDisk } from "./disk-states/virtual-disk.js";
import { DIRECTORY, linesOf, LOG, LOGS, SAVED } from "./disk-states/workload.js";
import { CACHE, linesOfJob, SCENARIOS } from "./interleavings/scenarios.js";
import { Orders, Process, randomOrder, Run } from "./interleavings/schedules.js";

/** @import { Done } from "./interleavings/schedules.js" */
/** @import { Job, Scenario } from "./interleavings/scenarios.js" */

/** The random orders of a case. */
const RANDOM_ORDERS = 20;

/** The most processes of a scenario. */
const PROCESSES = 3;

const scenarios = Object.entries(SCENARIOS);

/**
 * The first cases are random orders of each scenario, then all orders of each, then random ones. Of a
 * scenario without a limit all orders are run: its first random ones do not count, and there are no
 * later ones.
 */
const ENUMERATED_FROM = scenarios.length;
const ENUMERATED_TO = 2 * scenarios.length;

/** @type {import("./row.js").Row} */
export const row = {
  name: "interleavings",
  about:
    "Runs two or three processes on the same logs, their file calls in all orders, in all with few preemptions, or in random ones",
  counts: "orders",
  short: 500,
  full: 100_000,
  async open(seed) {
    let disk = new VirtualDisk();
    const restore = replaceFs(() => disk);
    const processes = Array.from({ length: PROCESSES }, () => new Process());
    for (const process of processes) process.wait();
    return {
      async run(number) {
        const random = caseRandom(seed, number);
        const [name, scenario] = scenarios[number % scenarios.length];
        const isEnumerated = number >= ENUMERATED_FROM && number < ENUMERATED_TO;
        const isCounted = isEnumerated || scenario.limit !== undefined;
        if (!isCounted && number >= ENUMERATED_TO) return 0;
        const orders = new Orders(scenario.limit);
        const known = new Map();
        /** The orders that were run. @type {Set<string>} */
        const ran = new Set();
        for (let tries = 0; isEnumerated ? !orders.isDone : tries < RANDOM_ORDERS; tries += 1) {
          const used = processes.slice(0, scenario.jobs.length);
          disk = diskOf(scenario);
          prepare(disk, used, scenario);
          const firstLines = new Set(await linesAt());
          const run = new Run(disk, used, scenario.cut ?? -1);
          run.start(scenario.jobs);
          const order = isEnumerated ? orders.next(run) : randomOrder(run, random);
          const dones = used.map(({ done }) => done);
          tell(disk, used, { kind: "fresh" });
          // The order is the same as another.
          if (!order || ran.has(order.join(""))) continue;
          ran.add(order.join(""));
          try {
            assert.equal(disk.openCount, 0, "files stay open");
            checkReturned(disk, scenario, firstLines, dones, order);
            await checkCaches(scenario.jobs);
            disk = leftBy(disk);
            const promised = promisedBy(scenario, firstLines, dones, order);
            await checkRecovery(disk, promised, known, "none", scenario.isDoubted);
          } catch (error) {
            if (error instanceof Error)
              error.message += `\n${name}, in the order ${order.join("")}`;
            throw error;
          }
        }
        if (!isCounted) return 0;
        const met = { [isEnumerated ? "enumerated" : "random"]: ran.size };
        return { units: ran.size, met };
      },
      async close() {
        await Promise.all(processes.map((process) => process.end()));
        restore();
      },
    };
  },
};

/** @param {Scenario} scenario */
function diskOf({ start }) {
  const disk = new VirtualDisk();
  if (start !== null) disk.put(LOG, Buffer.from(start, "latin1"));
  return disk;
}

/**
 * Returns the log that processes leave, on a disk of its own.
 *
 * @param {VirtualDisk} left
 */
function leftBy(left) {
  const disk = new VirtualDisk();
  for (const path of [...LOGS, SAVED]) {
    const bytes = left.bytesOf(path);
    if (bytes) disk.put(path, bytes);
  }
  return disk;
}

/**
 * Lets each process do what it does before, alone.
 *
 * @param {VirtualDisk} disk
 * @param {Process[]} processes
 * @param {Scenario} scenario
 */
function prepare(disk, processes, { before = [] }) {
  for (const [at, process] of processes.entries()) tell(disk, [process], before[at]);
}

/**
 * Lets processes do a job, one after the other.
 *
 * @param {VirtualDisk} disk
 * @param {Process[]} processes
 * @param {Job | null} [job]
 */
function tell(disk, processes, job) {
  if (!job) return;
  for (const process of processes) {
    const run = new Run(disk, [process], job.isCut ? 0 : -1);
    run.start([job]);
    run.finish();
  }
}

/** Reads the log that is there. */
async function linesAt() {
  return linesOf(await SessionLog.open(`${ROOT}/${DIRECTORY}`, SESSION));
}

/**
 * Returns what the log must hold now: what was in it, and what was acknowledged. Of a log that was
 * removed, only what was appended after that.
 *
 * @param {Scenario} scenario
 * @param {Set<string>} firstLines that were in the log before
 * @param {Done[]} dones
 * @param {number[]} order the processes by step
 */
function promisedBy({ jobs }, firstLines, dones, order) {
  const removal = jobs.findIndex(({ kind }) => kind === "remove");
  const kept = removal < 0 ? firstLines : new Set();
  const may = new Map([...kept].map((line) => [line, 0]));
  const must = new Set(kept);
  for (const [at, { error }] of dones.entries()) {
    const isAfter = order.indexOf(at) > order.lastIndexOf(removal);
    for (const line of linesOfJob(jobs[at])) {
      may.set(line, 0);
      if (!error && (removal < 0 || isAfter)) must.add(line);
    }
  }
  return { may, must };
}

/**
 * Checks what the processes returned. A follower returns each entry once, in the order of the log.
 *
 * @param {VirtualDisk} disk
 * @param {Scenario} scenario
 * @param {Set<string>} firstLines
 * @param {Done[]} dones
 * @param {number[]} order
 */
function checkReturned(disk, scenario, firstLines, dones, order) {
  const { jobs, cut } = scenario;
  const { may, must } = promisedBy(scenario, firstLines, dones, order);
  const texts = LOGS.map((path) => disk.bytesOf(path)?.toString("latin1") ?? "");
  for (const [at, { value, error }] of dones.entries()) {
    assert.equal(error?.code, at === cut ? "WRITE_FAILED" : undefined, error?.message);
    if (error) assert.equal(error.name, "SkillLogError");
    if (jobs[at].kind === "list")
      for (const [, entries] of value)
        assert.ok(entries >= firstLines.size && entries <= may.size, `${entries} entries`);
    if (jobs[at].kind === "index")
      assert.ok(value >= firstLines.size && value <= may.size, `${value} rows`);
    if (jobs[at].kind !== "follow") continue;
    // A slow writer may append to a log that was renamed when the next log has entries already.
    const ends = texts.map(() => -1);
    for (const line of value) {
      assert.ok(may.has(line), `a follower returned an invented entry: ${line}`);
      const file = texts.findIndex((text) => text.includes(line));
      const place = texts[file].indexOf(line);
      assert.ok(place > ends[file], `a follower returned an entry late, or twice: ${line}`);
      ends[file] = place;
    }
    // A log that was renamed before the follower opened it is not followed.
    const unseen = ends[0] < 0 ? texts[0] : "";
    for (const line of must)
      assert.ok(value.includes(line) || unseen.includes(line), `a follower missed: ${line}`);
  }
}

/**
 * Checks that later processes get the same with the caches as without them.
 *
 * @param {Job[]} jobs
 */
async function checkCaches(jobs) {
  const kinds = new Set(jobs.map(({ kind }) => kind));
  if (!kinds.has("list") && !kinds.has("index")) return;
  const seen = [];
  for (const cache of [CACHE, false]) {
    const sessions = await Sessions.open(`${ROOT}/${DIRECTORY}`, { cache, threads: 1 });
    const summaries = [];
    for await (const summary of sessions.list()) summaries.push(summary);
    const index = await sessions.index();
    seen.push({
      summaries,
      rows: index.range(0, index.length),
      damage: index.damage,
      stats: index.stats(),
    });
    await sessions.close();
  }
  assert.deepEqual(seen[0], seen[1], "a cache lies");
}
