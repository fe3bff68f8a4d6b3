// What one tab appends, another one that follows the log sees at once: also one behind it, whose timers are slow.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { begin, serveSteps, step } from "./step-pages.js";

/** How long it may take until an entry that is in the file is seen, in milliseconds. */
const LONGEST = 200;

const APPENDS = 40;

/** How many may take longer, and how often all is tried: the machine may be busy. */
const LATE = 2;
const TRIES = 4;

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

for (const [name, launch] of Object.entries(browsers)) {
  test(`what a tab of ${name} appends is seen by others within ${LONGEST} ms`, { skip: undrivable }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    for (const room of ["page", "worker"]) {
      for (const place of ["in front", "in the background"]) {
        // Chromium also tells of changes of files; what others have must do without.
        for (const isObserved of name === "Chromium" && room === "page" ? [true, false] : [false]) {
          await t.test(`a ${room} ${place}${isObserved ? ", which observes the file" : ""}`, async (t) => {
            const dir = `${room} ${place} ${isObserved}`;
            const follower = await browser.open(`${url}/${room}`);
            const writer = await browser.open(`${url}/${room}`);
            if (room === "page" && !isObserved) await follower.evaluate(() => void delete globalThis.FileSystemObserver);
            await step(writer, "append", dir, "first");
            await begin(follower, "watch", dir);
            await (place === "in front" ? follower : writer).page.bringToFront();
            assert.equal(await follower.evaluate(() => globalThis.document.visibilityState), place === "in front" ? "visible" : "hidden");
            for (let left = TRIES; ; left -= 1) {
              const delays = await delaysOf(writer, follower, dir);
              t.diagnostic(`median ${delays[APPENDS / 2]} ms, max ${delays.at(-1)} ms`);
              if (delays[APPENDS - 1 - LATE] < LONGEST) break;
              assert.ok(left > 1, `an entry was seen after up to ${delays.at(-1)} ms, ${TRIES} times`);
            }
            assert.deepEqual([...(await follower.takeErrors()), ...(await writer.takeErrors())], []);
            await follower.close();
            await writer.close();
          });
        }
      }
    }
  });
}

/**
 * Appends in one tab what another one follows.
 *
 * @param {import("./browsers.js").Tab} writer
 * @param {import("./browsers.js").Tab} follower
 * @param {string} dir
 * @returns {Promise<number[]>} how long each took until it was seen, in milliseconds, rising
 */
async function delaysOf(writer, follower, dir) {
  await pause(300);
  await step(follower, "takeSightings");
  const times = [];
  for (let number = 0; number < APPENDS; number += 1) {
    times.push(await step(writer, "appendedAt", dir, `${number}`));
    await pause(Math.random() * 40);
  }
  const sightings = {};
  for (let left = 50; left > 0 && Object.keys(sightings).length < APPENDS; left -= 1) {
    await pause(50);
    Object.assign(sightings, await step(follower, "takeSightings"));
  }
  assert.equal(Object.keys(sightings).length, APPENDS, "not every entry was seen");
  return times.map((time, number) => sightings[number] - time).sort((a, b) => a - b);
}
