// What is done while calls of handles fail, in a worker of a browser.

import assert from "node:assert/strict";

import { append, encode, listSessions, removeSession, SessionLog, Sessions } from "skill-log";

/** @import { World } from "./world.js" */

/** @typedef {{ name: string, start: string[], act: (world: World) => Promise<void> }} Workload */

/** A line's first half, as a killed writer leaves it. */
const TORN = '{"session_id":"one","timestamp":"2026-01-02T03:04:05Z","skill":"wri';

const quiet = { onDamage() {} };

/** @param {number} number */
export const entryOf = (number) => ({
  session_id: "one",
  timestamp: "2026-01-02T03:04:05Z",
  skill: "write",
  phase: `${number}`,
  final_status: "ok",
  message: `number ${number}`.repeat(1 + (number % 40)),
});

/** @param {number} number */
export const lineOf = (number) => new TextDecoder().decode(encode(entryOf(number)));

const three = [lineOf(0), lineOf(1), lineOf(2)];
const damaged = [...three, `${TORN}\n`, "not JSON\n", lineOf(3), "\0\0\n", lineOf(4)];

/**
 * Opens a log, uses it and closes it, each as an attempt.
 *
 * @param {World} world
 * @param {(log: SessionLog) => Promise<unknown>} use
 */
async function withLog(world, use) {
  const log = await world.attempt(() => SessionLog.open(world.dir, "one"));
  if (!log) return;
  await use(log);
  await world.attempt(() => log.close());
}

/** @param {World} world @param {SessionLog} log @param {number} number @param {boolean} [sync] */
async function appendOne(world, log, number, sync = false) {
  world.started.add(number);
  if (await world.attempt(() => log.append(entryOf(number), { sync })))
    world.acknowledged.add(number);
}

/** @param {World} world @param {() => Promise<{ phase?: string }[]>} reading */
async function compare(world, reading) {
  const found = await world.attempt(reading);
  if (found) world.checkEntries(found);
}

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: "first append",
    start: [],
    act: (world) => withLog(world, (log) => appendOne(world, log, 10)),
  },
  {
    name: "append, without an open log",
    start: three,
    async act(world) {
      world.started.add(10);
      if (await world.attempt(() => append(world.dir, "one", entryOf(10))))
        world.acknowledged.add(10);
    },
  },
  {
    name: "appends",
    start: three,
    act: (world) =>
      withLog(world, async (log) => {
        for (const number of [10, 11, 12]) await appendOne(world, log, number);
      }),
  },
  {
    name: "synced appends after a torn line",
    start: [...three, TORN],
    act: (world) =>
      withLog(world, async (log) => {
        for (const number of [10, 11]) await appendOne(world, log, number, true);
      }),
  },
  {
    name: "appends at once",
    start: three,
    act: (world) =>
      withLog(world, (log) =>
        Promise.all(
          [10, 11, 12, 13].map((number) => appendOne(world, log, number, number % 2 === 0)),
        ),
      ),
  },
  {
    name: "repair",
    start: damaged,
    act: (world) => withLog(world, (log) => world.attempt(() => log.repair())),
  },
  {
    name: "exclusive repair",
    start: damaged,
    act: (world) => withLog(world, (log) => world.attempt(() => log.repair({ exclusive: true }))),
  },
  {
    name: "read, verify and index",
    start: damaged,
    act: (world) =>
      withLog(world, async (log) => {
        await compare(world, () => log.read(quiet));
        await world.attempt(() => log.verify());
        const index = await world.attempt(() => log.index());
        if (index) await compare(world, () => index.entries({ start: 0, end: index.length }));
      }),
  },
  {
    name: "sessions with a cache",
    start: damaged,
    async act(world) {
      for (let pass = 0; pass < 2; pass += 1) {
        const cache = `${world.dir}-cache`;
        const sessions = await world.attempt(() => Sessions.open(world.dir, { cache }));
        if (!sessions) continue;
        const listed = await world.attempt(async () => {
          const all = [];
          for await (const summary of sessions.list()) all.push(summary);
          return all;
        });
        for (const { id, error, entries } of listed ?? []) {
          assert.equal(id, "one");
          if (!error) assert.equal(entries, 5);
        }
        const index = await world.attempt(() => sessions.index());
        if (index) await compare(world, () => index.entries({ start: 0, end: index.length }));
        await world.attempt(() => sessions.close());
      }
    },
  },
  {
    name: "list and remove",
    start: three,
    async act(world) {
      await world.attempt(() => listSessions(world.dir));
      world.mayBeRemoved = true;
      if (await world.attempt(async () => (await removeSession(world.dir, "one")) ?? true))
        world.isRemoved = true;
    },
  },
];
