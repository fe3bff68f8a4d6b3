// A thread that plays a process: it runs the shipped code, whose file calls each wait for the
// scheduler. Its clock stands still within an operation.

import fs from "node:fs";
import { workerData } from "node:worker_threads";

import { replaceFs, statOf } from "../disk-states/virtual-disk.js";
import { Channel } from "./channel.js";

const channel = new Channel(workerData);

let now = 0;
/** Sleeps since the last entry that a follower got, or since it was alone. */
let idle = 0;
let alone = () => {};

/**
 * @param {string} name
 * @param {any[]} args
 */
function call(name, args) {
  const sent = args.map((arg) =>
    arg instanceof Uint8Array && name !== "readSync" ? Buffer.from(arg).toString("latin1") : arg,
  );
  if (name === "readSync") {
    // The answer has the bytes.
    sent[3] = args[3] ?? args[1].length;
    sent[1] = null;
  }
  const { error, value, stat, isBig, bytes } = channel.ask({ name, args: sent });
  if (error) throw Object.assign(new Error(error.message), error);
  if (stat) return statOf(stat, isBig);
  if (bytes === undefined) return value;
  args[1].set(Buffer.from(bytes, "latin1"), args[2] ?? 0);
  return bytes.length;
}

const calls = new Proxy(/** @type {any} */ ({}), {
  get: (_, name) => {
    if (name !== "fdatasync") return (/** @type {any[]} */ ...args) => call(String(name), args);
    return (/** @type {number} */ fd, /** @type {(error: unknown) => void} */ done) => {
      call("fsyncSync", [fd]);
      queueMicrotask(() => done(null));
    };
  },
});
replaceFs(() => calls);

performance.now = () => now;
const { setImmediate: soon } = globalThis;
Date.now = () => Date.UTC(2030, 0, 1) + now;
/** @type {any} */ (globalThis).setTimeout = (/** @type {() => void} */ wake) => {
  if (channel.ask({ name: "sleep", args: [] }).isAlone) idle += 1;
  else idle = 0;
  // What is left must be found by then.
  if (idle > 2) alone();
  return soon(wake);
};
/** @type {any} */ (globalThis).clearTimeout = clearImmediate;

const { encode, removeSession, SessionLog, Sessions } = await import("skill-log");

/** @type {any} the log that stays open until the next run */
let log = null;

/** @type {Record<string, (job: any) => Promise<any>>} */
const jobs = {
  async append({ dir, session, entries }) {
    log ??= await SessionLog.open(dir, session);
    await log.append(entries);
  },
  async repair({ dir, session, exclusive = false }) {
    log ??= await SessionLog.open(dir, session);
    const { repaired, left, sealed = false } = await log.repair({ exclusive });
    return { repaired, left, sealed };
  },
  async rename({ from, to }) {
    fs.renameSync(from, to);
  },
  remove: ({ dir, session }) => removeSession(dir, session),
  async follow({ dir, session }) {
    const followed = await SessionLog.open(dir, session);
    idle = 0;
    alone = () => void followed.close();
    const lines = [];
    for await (const { entry } of followed.follow({ onDamage() {} })) lines.push(entryLine(entry));
    alone = () => {};
    return lines;
  },
  async list({ dir, cache }) {
    const sessions = await Sessions.open(dir, { cache, threads: 1 });
    const ids = [];
    for await (const { id, entries } of sessions.list()) ids.push([id, entries]);
    await sessions.close();
    return ids;
  },
  async index({ dir, cache }) {
    const sessions = await Sessions.open(dir, { cache, threads: 1 });
    const index = await sessions.index();
    const { length } = index;
    await sessions.close();
    return length;
  },
};

/** @param {any} entry */
function entryLine(/** @type {any} */ entry) {
  return Buffer.from(encode(entry)).toString("latin1").trimEnd();
}

for (let done = {}; ; ) {
  const job = channel.ask({ name: "done", args: [done] });
  if (job.kind === "end") break;
  if (job.kind === "fresh") {
    await log?.close();
    log = null;
    done = {};
    continue;
  }
  // Every append looks at its path again.
  now += 1000;
  try {
    done = { value: await jobs[job.kind](job) };
  } catch (error) {
    const { name, code, message } = /** @type {any} */ (error);
    done = { error: { name, code, message } };
  }
}
