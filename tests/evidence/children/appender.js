// Appends numbered entries, as messages of its parent ask it to, and answers each message when all
// are appended. Writes the number of each acknowledged entry to a file, or to its output.
//
// Of entries that are appended with `sync`, up to `atOnce` wait at a time, so that they share syncs.

import { closeSync, openSync, writeSync } from "node:fs";

import { SessionLog } from "skill-log";

import { Random } from "../../conformance/random.js";
import { Writing } from "../written-log.js";

/**
 * What to append.
 *
 * @typedef {object} Appends
 * @property {string} dir
 * @property {string} session
 * @property {number} seed of the lengths, and of which entries are synced
 * @property {number} least the shortest line in bytes
 * @property {number} most
 * @property {string} writer
 * @property {number} [count] default: until the process is killed
 * @property {number} percent how many of a hundred entries are appended with `sync`
 * @property {number} atOnce
 * @property {string} [acknowledged] the path of a file for a line "WRITER NUMBER LEVEL" per
 *   acknowledged entry; default: standard output
 */

process.on("message", async (/** @type {Appends} */ job) => {
  await append(job);
  process.send?.("done");
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

/** @param {Appends} job */
async function append(job) {
  const { dir, session, seed, writer, count = Infinity, percent, atOnce, acknowledged } = job;
  const writing = new Writing(job);
  const random = new Random(seed);
  const fd = acknowledged ? openSync(acknowledged, "a") : 1;
  const log = await SessionLog.open(dir, session);
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  for (let number = 0; number < count; number++) {
    const sync = random.chance(percent / 100);
    const promise = log.append(writing.entry(writer, number), { sync }).then(() => {
      // Written synchronously, so that each of these lines is of an acknowledged entry.
      writeSync(fd, `${writer} ${number} ${sync ? "sync" : "none"}\n`);
      running.delete(promise);
    });
    running.add(promise);
    if (running.size >= atOnce) await Promise.race(running);
  }
  await Promise.all(running);
  await log.close();
  if (fd !== 1) closeSync(fd);
}
