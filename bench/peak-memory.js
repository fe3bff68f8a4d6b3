// Reads a log, or a directory of logs, in one way, and prints by how many bytes this process's memory rose at its peak.
//
//   node bench/peak-memory.js JOB PATH

import { readFileSync, writeFileSync } from "node:fs";

import { decode, encode, SessionLog, Sessions } from "skill-log";

import { indexRow } from "./index-row.js";
import { readline, split, splitEach } from "./peers/readers.js";

/**
 * Ways to read. Each returns the number of entries.
 *
 * @type {Record<"entries" | "index" | "readline" | "rows" | "rowsOfEach" | "sessions" | "split",
 *   (path: string) => Promise<number>>}
 */
export const jobs = {
  async entries(path) {
    const log = await SessionLog.from(path);
    let count = 0;
    for await (const { skill } of log.entries()) count += Number(skill !== undefined);
    return count;
  },
  async index(path) {
    const log = await SessionLog.from(path);
    const index = await log.index();
    return index.length;
  },
  async readline(path) {
    let count = 0;
    await readline.read(path, () => void count++);
    return count;
  },
  async rows(path) {
    /** @type {object[]} */
    const rows = [];
    await readline.read(path, (entry) => rows.push(indexRow(entry)));
    return rows.length;
  },
  async rowsOfEach(dir) {
    /** @type {object[]} */
    const rows = [];
    splitEach(dir, (entry) => rows.push(indexRow(entry)));
    return rows.length;
  },
  async sessions(dir) {
    const sessions = await Sessions.open(dir, { cache: false });
    const index = await sessions.index();
    let listed = 0;
    for await (const { entries } of sessions.list()) listed += entries;
    if (listed !== index.length)
      throw new Error(`the summaries have ${listed} entries, and the index ${index.length}`);
    return index.length;
  },
  async split(path) {
    let count = 0;
    await split.read(path, () => void count++);
    return count;
  },
};

const [job, path] = process.argv.slice(2);
// Start the wasm, so that its memory does not count.
decode(encode({ session_id: "bench", skill: "plan", final_status: "success" }));
// Reset the peak. (Not that of getrusage, which a process inherits from its parent.)
writeFileSync("/proc/self/clear_refs", "5");
const start = kibibytes("VmRSS");
try {
  const count = await jobs[/** @type {keyof typeof jobs} */ (job)](path);
  console.log(JSON.stringify({ count, bytes: 1024 * (kibibytes("VmHWM") - start) }));
} catch (error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (!code) throw error;
  console.log(JSON.stringify({ code }));
}

/** @param {string} name of a line in /proc/self/status */
function kibibytes(name) {
  return Number(
    new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1],
  );
}
