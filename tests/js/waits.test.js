// One signal may serve any number of calls. The package adds at most one listener to the signal at
// a time, and removes it when the calls have ended.

import assert from "node:assert/strict";
import { EventEmitter, getEventListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { followed } from "./following/followed.js";
import { line } from "./support/lines.js";
import { logServer } from "./storage/log-server.js";
import { temporaryFolder } from "./support/temporary-folder.js";

/** So many listeners make Node warn. */
const TOO_MANY = EventEmitter.defaultMaxListeners + 1;

/** @param {AsyncIterable<unknown>} records */
async function drained(records) {
  let count = 0;
  for await (const each of records) if (each) count += 1;
  assert.ok(count > 0);
}

/** @param {AsyncGenerator<unknown, void, void>} records */
async function leave(records) {
  await records.next();
  await records.return();
}

/**
 * @typedef {object} Given
 * @property {SessionLog} log
 * @property {SessionLog} remote
 * @property {import("skill-log").LogIndex} index
 * @property {URL} url
 */

/**
 * Every call that takes a signal.
 *
 * @type {Record<string, (given: Given & { signal: AbortSignal }) => Promise<unknown>>}
 */
const calls = {
  "log.read": ({ log, signal }) => log.read({ signal }),
  "log.entries": ({ log, signal }) => drained(log.entries({ signal })),
  "log.records, backwards": ({ log, signal }) => drained(log.records({ signal, reverse: true })),
  "log.records, left": ({ log, signal }) => leave(log.records({ signal })),
  "log.follow, left": ({ log, signal }) => leave(log.follow({ signal })),
  "log.follow, never iterated": ({ log, signal }) => log.follow({ signal }).return(undefined),
  "log.follow, refused": ({ log, signal }) =>
    assert.rejects(log.follow({ signal, from: /** @type {any} */ ("no") }).next()),
  "log.index": ({ log, signal }) => log.index({ signal }),
  "log.verify": ({ log, signal }) => log.verify({ signal }),
  "log.repair": ({ log, signal }) => log.repair({ signal }),
  "index.entry": ({ index, signal }) => index.entry(0, { signal }),
  "index.entries": ({ index, signal }) => index.entries({ start: 0, end: 2 }, { signal }),
  "index.search": ({ index, signal }) => index.search("a", { signal }),
  "index.refresh": ({ index, signal }) => index.refresh({ signal }),
  "SessionLog.from(url)": ({ url, signal }) => SessionLog.from(url, { signal }),
  "SessionLog.from(missing url)": ({ url, signal }) =>
    assert.rejects(SessionLog.from(new URL("missing", url), { signal })),
  "log.read of a URL": ({ remote, signal }) => remote.read({ signal }),
  "log.follow of a URL": ({ remote, signal }) => drained(remote.follow({ signal })),
  "log.verify of a URL": ({ remote, signal }) => remote.verify({ signal }),
  "log.index of a URL": ({ remote, signal }) => remote.index({ signal }),
};

/**
 * @param {import("node:test").TestContext} t
 * @returns {Promise<Given>}
 */
async function given(t) {
  const dir = temporaryFolder(t);
  const text = `${line("a")}\n${line("b")}\n`;
  fs.writeFileSync(path.join(dir, "s.jsonl"), text);
  const served = await logServer(t, text);
  const { answer } = served;
  served.answer = (request, response, file) =>
    request.url?.endsWith("missing")
      ? response.writeHead(404).end()
      : answer(request, response, file);
  const log = await SessionLog.open(dir, "s");
  t.after(() => log.close());
  return {
    log,
    remote: await SessionLog.from(served.url),
    index: await log.index(),
    url: served.url,
  };
}

/**
 * Counts the listeners that a signal has now, and had at most.
 *
 * @param {AbortSignal} signal
 */
function counted(signal) {
  const count = { now: 0, most: 0 };
  const { addEventListener, removeEventListener } = signal;
  const counting = () => {
    count.now = getEventListeners(signal, "abort").length;
    count.most = Math.max(count.most, count.now);
  };
  signal.addEventListener = (/** @type {any[]} */ ...args) => (
    Reflect.apply(addEventListener, signal, args), counting()
  );
  signal.removeEventListener = (/** @type {any[]} */ ...args) => (
    Reflect.apply(removeEventListener, signal, args), counting()
  );
  return count;
}

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: adds one listener at most when calls share a signal`, async (t) => {
    const all = await given(t);
    const { signal } = new AbortController();
    const count = counted(signal);
    await Promise.all(Array.from({ length: TOO_MANY }, () => call({ ...all, signal })));
    // An iterator that was left closes its file a moment later.
    await pause(5);
    assert.ok(count.most <= 1, `${count.most} listeners at once`);
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });
}

test("leaves no listener when 1,000 calls on one signal have ended", async (t) => {
  const all = await given(t);
  const { signal } = new AbortController();
  const count = counted(signal);
  const local = Object.entries(calls).filter(([name]) => !/url/i.test(name));
  for (let done = 0; done < 1000; ) {
    for (const [, call] of local) {
      await call({ ...all, signal });
      done += 1;
    }
  }
  await pause(5);
  assert.ok(count.most <= 1);
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("ends the calls of one signal, and no other call, when it is aborted", async (t) => {
  const { log } = await given(t);
  const shared = new AbortController();
  const other = new AbortController();
  const count = counted(shared.signal);
  /** @type {Error[]} */
  const warnings = [];
  const warned = (/** @type {Error} */ warning) => warnings.push(warning);
  process.on("warning", warned);
  t.after(() => process.off("warning", warned));
  const follow = (/** @type {AbortSignal} */ signal) => followed(log.follow({ signal }));
  const all = Array.from({ length: 12 }, () => follow(shared.signal));
  const stays = follow(other.signal);
  for (const each of [...all, stays]) await each.until(2);
  // An abort calls nothing of a follower that was left before.
  await leave(log.follow({ signal: shared.signal }));
  const reason = new Error("enough");
  shared.abort(reason);
  for (const { ended } of all) await assert.rejects(ended, (error) => error === reason);
  assert.deepEqual([count.most, getEventListeners(shared.signal, "abort").length], [1, 0]);
  await log.append({ session_id: "s", skill: "c", final_status: "ok" });
  await stays.until(3);
  other.abort(reason);
  await assert.rejects(stays.ended, (error) => error === reason);
  await pause(5);
  assert.deepEqual(warnings, []);
});
