// Moments to kill a process at, spread over what it does.

import { watch } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** @import { Random } from "../conformance/random.js" */

/** The most milliseconds from a change to a kill. */
const LINGER = 3;

/**
 * Resolves at a random moment of what a process does: after some time, or more often after one of
 * the changes that it makes in a directory, because it spends most time on other things.
 *
 * @param {Random} random
 * @param {object} of
 * @param {string} of.dir which must exist
 * @param {number} of.changes about how many changes the process makes there
 * @param {number} of.duration how many milliseconds it takes
 * @param {() => Promise<unknown>} of.begin starts it. Resolves when it has ended
 */
export async function momentOf(random, { dir, changes, duration, begin }) {
  if (random.chance(0.25)) {
    const ended = begin();
    await Promise.race([pause(random.fraction() * duration), ended]);
    return;
  }
  let left = random.between(1, changes);
  const wait = random.chance(0.5) ? random.fraction() * LINGER : 0;
  const watcher = watch(dir);
  const changed = new Promise((done) => {
    watcher.on("change", () => (left -= 1) === 0 && done(undefined));
  });
  await Promise.race([changed, begin()]);
  watcher.close();
  if (wait > 0) await pause(wait);
}
