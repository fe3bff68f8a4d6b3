// What is done while calls fail. Each workload starts with its own folder.

import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import {
  append,
  copySession,
  decode,
  listSessions,
  mergeSessions,
  read,
  removeSession,
  SessionLog,
  Sessions,
} from "skill-log";

import { damagedLog, touchingLog } from "../../faults/damaged-log.js";
import { briefly } from "../../faults/numbered-entry.js";
import { checkRepaired, checkUnrepaired } from "../../faults/repaired-log.js";
import { SESSION } from "./world.js";

/** @import { World } from "./world.js" */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {(world: World) => void | Promise<void>} [prepare] makes files, while nothing fails
 * @property {(world: World) => Promise<void>} act does what may fail
 * @property {(world: World) => void | Promise<void>} [check] checks more than every world's promises
 */

const quiet = { onDamage() {} };

/** A line's first half, as a killed writer leaves it. */
const TORN = '{"session_id":"one","timestamp":"2026-01-02T03:04:05Z","skill":"wri';

/**
 * Opens a log, uses it and closes it, each as an attempt.
 *
 * @param {World} world
 * @param {(log: SessionLog) => Promise<void>} use
 */
async function withLog(world, use) {
  const log = await world.attempt(() => SessionLog.open(world.dir, SESSION));
  if (!log) return;
  await use(log);
  await world.attempt(() => log.close());
}

/**
 * Puts a log with each kind of damage at its session's path.
 *
 * @param {World} world
 * @param {typeof damagedLog} [log]
 */
function writeDamaged(world, { session, bytes, entries } = damagedLog) {
  world.write(session, 0, bytes);
  world.adopt(session, entries);
}

/**
 * Repairs the damaged log.
 *
 * @param {World} world
 * @param {{ exclusive?: boolean }} [options]
 */
async function repairDamaged(world, options) {
  const log = await SessionLog.open(world.dir, damagedLog.session);
  await world.attempt(() => log.repair(options));
  await world.attempt(() => log.close());
}

/**
 * Checks what a repair left, and that a second one completes it.
 *
 * @param {World} world
 * @param {{ exclusive?: boolean }} [options]
 */
async function checkBoth(world, { exclusive = false } = {}) {
  const damaged = exclusive ? touchingLog : damagedLog;
  await checkUnrepaired(world.dir, damaged, { isRewritten: exclusive });
  await checkRepaired(world.dir, damaged, { exclusive });
  assert.equal(existsSync(`${world.path(damagedLog.session)}.rewriting`), false);
}

/**
 * Compares what a reading returned with what it must return.
 *
 * @param {World} world
 * @param {() => Promise<import("skill-log").Entry[]>} reading
 * @param {string} [session]
 */
async function compareEntries(world, reading, session = SESSION) {
  const found = await world.attempt(reading);
  if (found) assert.deepEqual(briefly(found), briefly(world.entries(session)));
}

/** @param {AsyncIterable<any>} items */
async function collect(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Makes a directory of several logs. @param {World} world */
function writeMany(world) {
  world.write(SESSION, 4);
  world.write("two", 3, TORN);
  world.write("three", 1);
  writeDamaged(world);
}

const MANY = [SESSION, "two", "three", damagedLog.session];

/**
 * Lists, indexes, searches and verifies many logs, with a cache.
 *
 * @param {World} world
 */
async function useMany(world) {
  const cache = join(world.base, "cache");
  const sessions = await Sessions.open(world.dir, { cache, threads: 1 });
  const listed = await world.attempt(() => collect(sessions.list()));
  if (listed) {
    assert.deepEqual(listed.map(({ id }) => id).sort(), [...MANY].sort());
    for (const { id, error, entries } of listed)
      if (!error) assert.equal(entries, world.entries(id).length, id);
  }
  const index = await world.attempt(() => sessions.index());
  if (index) {
    assert.equal(index.length - index.removed, MANY.flatMap((id) => world.entries(id)).length);
    await world.attempt(() => index.refresh());
    await world.attempt(() => index.entries(index.select({})));
    // A refresh that fails may lack a log, and the next one reads it.
    world.later.push(async () => {
      await index.refresh();
      const all = await index.entries(index.select({}));
      const expected = MANY.flatMap((id) => world.entries(id));
      assert.deepEqual(briefly(all).sort(), briefly(expected).sort());
      await sessions.close();
    });
  } else await world.attempt(() => sessions.close());
}

/**
 * Follows until the expected entries came, or following fails.
 *
 * @param {World} world
 * @param {AsyncGenerator<{ entry: import("skill-log").Entry }>} records
 * @param {() => import("skill-log").Entry[]} expected
 * @param {(count: number) => Promise<void>} [onEntry]
 */
async function followAll(world, records, expected, onEntry) {
  /** @type {import("skill-log").Entry[]} */
  const found = [];
  await world.attempt(async () => {
    while (found.length < expected().length) {
      const { value, done } = await records.next();
      if (done || !value) break;
      found.push(value.entry);
      await onEntry?.(found.length);
    }
  });
  await world.attempt(() => records.return(undefined));
  assert.deepEqual(briefly(found), briefly(expected().slice(0, found.length)));
  if (world.errors.length === 0) assert.equal(found.length, expected().length);
}

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: "append to a new log",
    act: (world) =>
      withLog(world, async (log) => {
        for (let i = 0; i < 3; i += 1) await world.append(log);
        await world.append(log, { count: 3 });
      }),
  },
  {
    name: "append with sync to a new log",
    async act(world) {
      const log = await SessionLog.open(world.dir, SESSION, { sync: true });
      world.open = log;
      for (let i = 0; i < 3; i += 1) await world.append(log);
    },
  },
  {
    name: "append after a torn line",
    prepare: (world) => world.write(SESSION, 2, TORN),
    async act(world) {
      world.open = await SessionLog.open(world.dir, SESSION);
      await world.append(world.open);
      await world.append(world.open, { sync: true });
      await world.append(world.open, { count: 2 });
    },
  },
  {
    name: "append from many callers with sync",
    prepare: (world) => world.write(SESSION, 1),
    async act(world) {
      const log = await SessionLog.open(world.dir, SESSION, { sync: true });
      world.open = log;
      for (let wave = 0; wave < 3; wave += 1)
        await Promise.all(Array.from({ length: 4 }, () => world.append(log)));
    },
  },
  {
    name: "append to two logs that are synced in time",
    act: (world) =>
      withLog(world, async (log) => {
        const options = { sync: { within: 1 } };
        const two = await SessionLog.open(world.dir, "two", options);
        for (let i = 0; i < 3; i += 1) {
          await world.append(log, options);
          await world.append(two, { session: "two" });
          await pause(3);
        }
        await world.append(log, { sync: { within: 60_000 } });
        await world.attempt(() => two.close());
      }),
  },
  {
    name: "append to a log that is synced in time, and is removed",
    act: (world) =>
      withLog(world, async (log) => {
        const options = { sync: { within: 60_000 } };
        await world.append(log, options);
        world.calls.aside(() => rmSync(world.path(SESSION), { force: true }));
        world.forget(SESSION);
        await world.append(log, options);
      }),
  },
  {
    name: "append by the function",
    async act(world) {
      for (let i = 0; i < 3; i += 1) {
        const entry = world.next(SESSION);
        const done = await world.attempt(async () => {
          await append(world.dir, SESSION, entry, { sync: i > 0 });
          return true;
        });
        if (done) world.acknowledge(SESSION, entry);
      }
    },
  },
  {
    name: "append to a log that is removed and replaced",
    async act(world) {
      const log = await SessionLog.open(world.dir, SESSION, { sync: true });
      world.open = log;
      await world.append(log);
      world.calls.aside(() => rmSync(world.path(SESSION), { force: true }));
      world.forget(SESSION);
      await world.append(log);
      await world.append(log);
    },
  },
  {
    name: "repair",
    prepare: (world) => writeDamaged(world),
    act: (world) => repairDamaged(world),
    check: (world) => checkBoth(world),
  },
  {
    name: "repair an unfinished last line",
    prepare(world) {
      world.write(SESSION, 2, TORN);
      world.makeOld(SESSION, 120);
    },
    async act(world) {
      world.open = await SessionLog.open(world.dir, SESSION);
      const report = await world.attempt(async () => world.open?.repair());
      if (report) assert.equal(report.sealed, true);
    },
  },
  {
    name: "repair exclusively",
    prepare: (world) => writeDamaged(world, touchingLog),
    act: (world) => repairDamaged(world, { exclusive: true }),
    check: (world) => checkBoth(world, { exclusive: true }),
  },
  {
    name: "remove",
    prepare(world) {
      world.write(SESSION, 2);
      writeFileSync(join(world.dir, `${SESSION}.damaged`), "{}\n");
    },
    async act(world) {
      const removed = await world.attempt(() => removeSession(world.dir, SESSION));
      const isThere = existsSync(world.path(SESSION));
      if (removed !== undefined) assert.deepEqual([removed, isThere], [true, false]);
      if (!isThere) world.forget(SESSION);
    },
    async check(world) {
      await removeSession(world.dir, SESSION);
      world.forget(SESSION);
      assert.deepEqual(readdirSync(world.dir), []);
    },
  },
  {
    name: "copy a log and merge two",
    prepare(world) {
      world.write(SESSION, 3, TORN);
      world.write("two", 2);
    },
    async act(world) {
      const from = await SessionLog.open(world.dir, SESSION);
      const two = await SessionLog.open(world.dir, "two");
      /** @type {[to: string, made: number, make: (to: SessionLog) => Promise<unknown>][]} */
      const table = [
        ["copy", 3, (to) => copySession(from, to)],
        ["merged", 5, (to) => mergeSessions([from, two], to)],
      ];
      for (const [name, count, make] of table) {
        const to = await SessionLog.open(world.dir, name, { sync: true });
        const made = await world.attempt(() => make(to));
        const lines = world.bytes(name).toString().split("\n").slice(0, -1);
        const entries = lines.map((line) => decode(line));
        // All of it is there, or nothing.
        assert.ok(entries.length === count || (!made && entries.length === 0), name);
        world.adopt(name, entries);
        await world.attempt(() => to.close());
      }
      await world.attempt(() => from.close());
      await world.attempt(() => two.close());
    },
  },
  {
    name: "verify",
    prepare: (world) => writeDamaged(world),
    async act(world) {
      const log = await SessionLog.open(world.dir, damagedLog.session);
      const report = await world.attempt(() => log.verify());
      if (report) assert.equal(report.entries, damagedLog.entries.length);
      await world.attempt(() => log.close());
    },
  },
  {
    name: "read",
    prepare(world) {
      world.write(SESSION, 5);
      writeDamaged(world);
    },
    async act(world) {
      await compareEntries(world, () => read(world.dir, SESSION, { strict: true }));
      await compareEntries(
        world,
        () => read(world.dir, damagedLog.session, quiet),
        damagedLog.session,
      );
      const log = await SessionLog.open(world.dir, SESSION);
      await compareEntries(world, async () =>
        (await collect(log.records({ reverse: true }))).map(({ entry }) => entry).reverse(),
      );
      await compareEntries(world, () => collect(log.entries()));
      const bytes = await world.attempt(() => log.bytes());
      if (bytes) assert.ok(world.bytes(SESSION).equals(bytes));
      await world.attempt(() => log.close());
    },
  },
  {
    name: "read by a path",
    prepare: (world) => world.write(SESSION, 3),
    async act(world) {
      const log = await world.attempt(() => SessionLog.from(world.path(SESSION)));
      if (!log) return;
      await compareEntries(world, () => log.read());
      const lines = await world.attempt(() => collect(log.lines()));
      if (lines) assert.ok(Buffer.concat(lines).equals(world.bytes(SESSION)));
      await world.attempt(() => log.close());
    },
  },
  {
    name: "index",
    prepare: (world) => writeDamaged(world),
    async act(world) {
      const log = await SessionLog.open(world.dir, damagedLog.session);
      const { entries } = damagedLog;
      const index = await world.attempt(() => log.index());
      if (index) {
        assert.equal(index.length, entries.length);
        const found = await world.attempt(() => index.search("writer-that-nobody-is"));
        if (found) assert.equal(found.length, 0);
        await compareEntries(
          world,
          () => index.entries([...Array(index.length).keys()]),
          damagedLog.session,
        );
        await world.append(log, { session: damagedLog.session });
        await world.attempt(() => index.refresh());
        if (world.errors.length === 0) assert.equal(index.length, entries.length + 1);
      }
      await world.attempt(() => log.close());
    },
  },
  {
    name: "list",
    prepare: writeMany,
    async act(world) {
      const infos = await world.attempt(() => listSessions(world.dir));
      if (infos) assert.deepEqual(infos.map(({ id }) => id).sort(), [...MANY].sort());
    },
  },
  { name: "use many logs and write their cache", prepare: writeMany, act: useMany },
  {
    name: "use many logs and read their cache",
    async prepare(world) {
      writeMany(world);
      await useMany(world);
      for (const check of world.later.splice(0)) await check();
      world.forget("two");
      world.write("two", 2);
    },
    act: useMany,
  },
  {
    name: "follow a log",
    prepare: (world) => world.write(SESSION, 2),
    async act(world) {
      const log = await SessionLog.open(world.dir, SESSION);
      const writer = await SessionLog.open(world.dir, SESSION);
      await followAll(
        world,
        log.follow(),
        () => world.entries(SESSION),
        async (count) => void (count <= 2 && (await world.append(writer))),
      );
      await world.attempt(() => log.close());
      await world.attempt(() => writer.close());
    },
  },
  {
    name: "follow many logs",
    prepare(world) {
      world.write(SESSION, 2);
      world.write("two", 1);
    },
    async act(world) {
      const sessions = await Sessions.open(world.dir, { threads: 1 });
      const expected = [...world.entries(SESSION), ...world.entries("two")];
      /** @type {import("skill-log").Entry[]} */
      const found = [];
      const records = sessions.follow({ onFailure() {} });
      // It tries again until reading succeeds.
      const lift = setTimeout(() => world.calls.lift(), 50);
      await world.attempt(async () => {
        while (found.length < expected.length) {
          const { value } = await records.next();
          if (value) found.push(value.entry);
        }
      });
      clearTimeout(lift);
      await world.attempt(() => records.return(undefined));
      await world.attempt(() => sessions.close());
      if (world.errors.length === 0)
        assert.deepEqual(briefly(found).sort(), briefly(expected).sort());
    },
  },
];
