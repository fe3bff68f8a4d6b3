// Reports what works in a place that lacks something, and how the rest fails.

import { append, listSessions, read, removeSession, SessionLog, Sessions } from "skill-log";

import { collected } from "../../js/support/collected.js";

/** @typedef {{ result: unknown } | { name: string, code: string, message: string }} Outcome */

/**
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(work) {
  try {
    return { result: await work() };
  } catch (thrown) {
    const { name, code, message } = /** @type {any} */ (thrown);
    return { name, code, message };
  }
}

const line = (/** @type {number} */ i) =>
  JSON.stringify({
    session_id: "s",
    timestamp: "2026-01-02T03:04:05Z",
    skill: `e${i}`,
    final_status: "ok",
    message: "x".repeat(900),
  });

/** A log of several chunks, with a damaged line. */
const text = `${Array.from({ length: 4000 }, (_, i) => line(i)).join("\n")}\n{"session_id":"torn\n`;

/** @param {Blob | Uint8Array} source of `text` */
async function readingOf(source) {
  const log = await SessionLog.from(source);
  const entries = await log.read({ onDamage() {} });
  const last = await log.records({ reverse: true, onDamage() {} }).next();
  const index = await log.index();
  const { damaged } = await log.verify();
  const hits = await index.search("e3999");
  const { skill } = await index.entry(17);
  const sessions = await Sessions.open([source, source]);
  const both = await sessions.index();
  await sessions.close();
  return [
    entries.length,
    last.value?.entry.skill,
    index.length,
    damaged,
    [...hits],
    skill,
    both.length,
  ];
}

/**
 * Follows a log until the expected entries came and no more came for a moment, and counts them.
 *
 * @param {SessionLog} log
 * @param {number} expected
 */
async function followed(log, expected) {
  let count = 0;
  const records = log.follow();
  const end = () => records.return();
  let timer = setTimeout(end, expected > 0 ? 10_000 : 200);
  for await (const { entry } of records) {
    count += Number(entry.skill === "a");
    if (count < expected) continue;
    clearTimeout(timer);
    timer = setTimeout(end, 200);
  }
  clearTimeout(timer);
  return count;
}

/**
 * Indexes a log, and reports for how long the thread did not answer meanwhile, in milliseconds.
 *
 * @param {number} megabytes
 */
export async function indexing(megabytes) {
  const log = await SessionLog.from(
    new Blob(Array(Math.ceil((megabytes * 1e6) / text.length)).fill(text)),
  );
  // The first index is slow, because the worker fails to start and the wasm is new.
  await (await SessionLog.from(new Blob([text]))).index();
  const start = performance.now();
  const times = [start];
  const timer = setInterval(() => times.push(performance.now()), 0);
  const { length: rows } = await log.index();
  clearInterval(timer);
  times.push(performance.now());
  return {
    rows,
    time: times[times.length - 1] - start,
    longest: Math.max(...times.slice(1).map((time, i) => time - times[i])),
  };
}

/**
 * Makes every call on a log of the browser's storage, and reads logs in memory.
 *
 * @returns {Promise<{ storage: Record<string, Outcome>, reading: Outcome[] }>}
 */
export async function whatWorks() {
  const entry = { skill: "a", final_status: "ok" };
  const log = await SessionLog.open("logs", "s");
  const works = {
    append: () => append("logs", "s", entry),
    "log.append": () => log.append(entry, { sync: true }),
    read: async () => (await read("logs", "s")).length,
    "log.index": async () => (await log.index()).length,
    "log.follow": () =>
      followed(
        log,
        [storage.append, storage["log.append"]].filter((outcome) => "result" in outcome).length,
      ),
    "log.verify": async () => (await log.verify()).entries,
    "log.repair": async () => (await log.repair()).entries,
    listSessions: async () => (await listSessions("logs")).length,
    "sessions.index": async () =>
      (await (await Sessions.open("logs", { cache: true })).index()).length,
    "sessions.list": async () => (await collected((await Sessions.open("logs")).list())).length,
    removeSession: () => removeSession("logs", "s"),
  };
  /** @type {Record<string, Outcome>} */
  const storage = {};
  for (const [name, work] of Object.entries(works)) storage[name] = await outcomeOf(work);
  await log.close();
  const reading = [];
  for (const source of [
    new TextEncoder().encode(text),
    new Blob([text]),
    new File([text], "s.jsonl"),
  ])
    reading.push(await outcomeOf(() => readingOf(source)));
  return { storage, reading };
}
