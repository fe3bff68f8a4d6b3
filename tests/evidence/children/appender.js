// Appends numbered entries, as messages of its parent ask it to, and answers each message when all
// are appended. Writes the number of each acknowledged entry to a file, or to its output.
//
// Of entries that are appended with `sync`, up to `atOnce` wait at a time, so that they share syncs.
// An entry that must be on the disk in time is written again, as "due", when that time has passed.

import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

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
 * @property {{ within: number, slack: number, most: number }} [late] of the others: the milliseconds
 *   within which their sync starts, those that it may take, and the most to pause after each entry
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
  const { dir, session, seed, writer, count = Infinity, percent, late, atOnce, acknowledged } = job;
  const writing = new Writing(job);
  const random = new Random(seed);
  const fd = acknowledged ? openSync(acknowledged, "a") : 1;
  const log = await SessionLog.open(dir, session);
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  // Written synchronously, so that each of these lines is of an acknowledged entry.
  const note = (/** @type {number} */ number, /** @type {string} */ level) =>
    writeSync(fd, `${writer} ${number} ${level}\n`);
  /** The entries that are not due yet, and their timers. @type {Map<number, NodeJS.Timeout>} */
  const timers = new Map();
  const due = (/** @type {number} */ number) => {
    note(number, "due");
    timers.delete(number);
  };
  for (let number = 0; number < count; number++) {
    const isSynced = random.chance(percent / 100);
    const sync = isSynced || (late ? { within: late.within } : false);
    const promise = log.append(writing.entry(writer, number), { sync }).then(() => {
      note(number, isSynced ? "sync" : "none");
      if (late && !isSynced)
        timers.set(
          number,
          setTimeout(() => due(number), late.within + late.slack),
        );
      running.delete(promise);
    });
    running.add(promise);
    if (running.size >= atOnce) await Promise.race(running);
    if (late) await pause(random.between(0, late.most));
  }
  await Promise.all(running);
  await log.close();
  // Closing synced them.
  for (const [number, timer] of timers) {
    clearTimeout(timer);
    due(number);
  }
  if (fd !== 1) closeSync(fd);
}
