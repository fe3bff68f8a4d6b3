// Says what works in a place that lacks something, and how what does not work fails.

import { append, listSessions, read, removeSession, SessionLog } from "skill-log";

/** @typedef {{ gave: unknown } | { name: string, code: string, message: string }} Outcome */

/**
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(work) {
  try {
    return { gave: await work() };
  } catch (error) {
    return { name: error.name, code: error.code, message: error.message };
  }
}

const line = (i) => JSON.stringify({ session_id: "s", timestamp: "2026-01-02T03:04:05Z", skill: `e${i}`, final_status: "ok", message: "x".repeat(900) });

/** A log that takes several chunks, with a damaged line. */
const text = `${Array.from({ length: 4000 }, (_, i) => line(i)).join("\n")}\n{"session_id":"torn\n`;

/**
 * Reads a log in each way, and gives what must be the same everywhere.
 *
 * @param {Blob | Uint8Array} source
 */
export async function readingOf(source) {
  const log = await SessionLog.from(source);
  const entries = await log.read({ onDamage() {} });
  const last = await log.records({ reverse: true, onDamage() {} }).next();
  const index = await log.index();
  const { damaged } = await log.verify();
  const hits = await index.search("e3999");
  const { skill } = await index.entry(17);
  return [entries.length, last.value.entry.skill, index.length, damaged, [...hits], skill];
}

/** What `readingOf` gives of `text`. */
export const everything = [4000, "e3999", 4000, 1, [3999], "e17"];

/** @param {(Blob | Uint8Array)[]} [files] others to be read */
export async function whatWorks(files = []) {
  const entry = { skill: "a", final_status: "ok" };
  const log = await SessionLog.open("logs", "s");
  /** @type {Record<string, Outcome>} */
  const storage = {};
  for (const [name, work] of Object.entries({
    append: () => append("logs", "s", entry),
    "log.append": () => log.append(entry, { sync: true }),
    read: () => read("logs", "s"),
    "log.index": async () => (await log.index()).length,
    "log.follow": async () => (await log.follow().next()).value.entry.skill,
    "log.verify": async () => (await log.verify()).entries,
    "log.repair": async () => (await log.repair()).entries,
    listSessions: async () => (await listSessions("logs")).map(({ id }) => id),
    removeSession: () => removeSession("logs", "s"),
  })) {
    // Where there is nothing to follow, it would be waited for.
    storage[name] = name === "log.follow" && "gave" in storage.read && storage.read.gave.length === 0 ? { gave: null } : await outcomeOf(work);
  }
  await log.close();
  const reading = [];
  for (const source of [new TextEncoder().encode(text), new Blob([text]), new File([text], "s.jsonl"), ...files]) reading.push(await outcomeOf(() => readingOf(source)));
  return { storage, reading };
}
