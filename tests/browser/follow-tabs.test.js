// A tab that follows a log sees at once what another tab appends, even in the background, where
// timers are slow.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { begin, serveSteps, step } from "./step-pages.js";

/** The longest time until an entry in the file is seen, in milliseconds. */
const LONGEST = 200;

const APPENDS = 40;

/**
 * How many entries may take longer, and how often the test is tried, because a machine may be busy.
 */
const LATE = 2;
const TRIES = 4;

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

/**
 * How a follower learns of entries: from the tabs that append, or from Chromium's events of the
 * file.
 *
 * @type {Record<string, { lacks: string, watch?: string, rooms?: string[], only?: { name: string, room: string } }>}
 */
const ways = {
  "": { lacks: "FileSystemObserver" },
  ", which has a handle of the directory": { lacks: "FileSystemObserver", watch: "watchByHandle" },
  ", which follows all logs of the directory": {
    lacks: "FileSystemObserver",
    watch: "watchAll",
    rooms: ["page"],
  },
  ", which observes the file": {
    lacks: "BroadcastChannel",
    only: { name: "Chromium", room: "page" },
  },
};

for (const [name, launch] of Object.entries(browsers)) {
  test(`sees an entry within ${LONGEST} ms when another tab of ${name} appends it`, {
    skip: undrivable,
  }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    for (const room of ["page", "worker"]) {
      for (const place of ["in front", "in the background"]) {
        for (const [way, of] of Object.entries(ways)) {
          const { lacks, watch = "watch", rooms = [room], only = { name, room } } = of;
          if (only.name !== name || only.room !== room || !rooms.includes(room)) continue;
          await t.test(
            `sees each entry soon when it follows in a ${room} ${place}${way}`,
            async (t) => {
              const dir = `logs/${room} ${place}${way}`;
              const follower = await browser.open(`${url}/${room}`);
              const writer = await browser.open(`${url}/${room}`);
              await step(follower, "lack", lacks);
              await step(writer, "append", dir, "first");
              await begin(follower, watch, dir);
              await (place === "in front" ? follower : writer).page.bringToFront();
              await shown(follower, place === "in front" ? "visible" : "hidden");
              for (let left = TRIES; ; left -= 1) {
                const delays = await delaysOf(writer, follower, dir);
                t.diagnostic(`median ${delays[APPENDS / 2]} ms, max ${delays.at(-1)} ms`);
                if (delays[APPENDS - 1 - LATE] < LONGEST) break;
                assert.ok(
                  left > 1,
                  `an entry was seen after up to ${delays.at(-1)} ms, ${TRIES} times`,
                );
              }
              assert.deepEqual(
                [...(await follower.takeErrors()), ...(await writer.takeErrors())],
                [],
              );
              await follower.close();
              await writer.close();
            },
          );
        }
      }
    }
  });
}

/**
 * Waits until a tab has a visibility state.
 *
 * @param {import("./browsers.js").Tab} tab
 * @param {string} state
 */
async function shown(tab, state) {
  const now = () => tab.evaluate(() => globalThis.document.visibilityState);
  for (let left = 100; left > 0 && (await now()) !== state; left -= 1) await pause(50);
  assert.equal(await now(), state);
}

/**
 * Appends entries in one tab while another tab follows.
 *
 * @param {import("./browsers.js").Tab} writer
 * @param {import("./browsers.js").Tab} follower
 * @param {string} dir
 * @returns {Promise<number[]>} how long each entry took until it was seen, in milliseconds, rising
 */
async function delaysOf(writer, follower, dir) {
  await pause(300);
  await step(follower, "takeSightings");
  const times = [];
  for (let number = 0; number < APPENDS; number += 1) {
    times.push(await step(writer, "appendedAt", dir, `${number}`));
    await pause(Math.random() * 40);
  }
  /** @type {Record<string, number>} */
  const sightings = {};
  for (let left = 50; left > 0 && Object.keys(sightings).length < APPENDS; left -= 1) {
    await pause(50);
    Object.assign(sightings, await step(follower, "takeSightings"));
  }
  assert.equal(Object.keys(sightings).length, APPENDS, "not every entry was seen");
  return times.map((time, number) => sightings[number] - time).sort((a, b) => a - b);
}
