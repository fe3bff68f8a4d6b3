// A tab that goes in any way, in the middle of an append or not, leaves nothing locked.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox, processOf } from "./everyday-browsers.js";
import { begin, serveSteps, step } from "./step-pages.js";

/** @import { Tab } from "./browsers.js" */

/** The longest time until others can write, in milliseconds. */
const LONGEST = 2000;

/** How often a tab goes at a random moment. */
const ROUNDS = 5;

/**
 * @typedef {object} Way
 * @property {string} [room]
 * @property {boolean} [isTorn] whether a write may be cut
 * @property {(tab: Tab, process: number) => unknown} go may resolve to what became of the tab
 */

/** Ways in which a tab goes. @type {Record<string, Way>} */
const ways = {
  reloaded: { go: (tab) => tab.reload() },
  closed: { go: (tab) => tab.close() },
  "left and revisited": { go: leaveAndComeBack },
  "left without its worker": {
    room: "worker",
    go: (tab) => tab.evaluate(() => globalThis.endWorker()),
  },
  // Only the killed process knows how much of a write is in the file.
  "killed with its process": { isTorn: true, go: (tab, pid) => process.kill(pid, "SIGKILL") },
};

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

for (const [name, launch] of Object.entries(browsers)) {
  test(`leaves nothing locked when a tab of ${name} goes`, { skip: undrivable }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    const other = await browser.open(`${url}/page`);

    for (const [way, { room = "page", isTorn = false, go }] of Object.entries(ways)) {
      await t.test(`appends in another tab when the appending tab is ${way}`, async (t) => {
        const dir = way;
        /** @type {number[]} */
        const times = [];
        const fates = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const tab = await browser.open(`${url}/${room}`);
          const pid = await processOf(browser, tab);
          await begin(tab, "hammer", dir);
          await pause(200 + Math.random() * 100);
          const start = performance.now();
          fates.push(await go(tab, pid));
          await appended(other, dir, `${round}`);
          times.push(performance.now() - start);
          if (way !== "closed") await tab.close();
        }
        t.diagnostic(`ms until another tab had appended: ${times.map(Math.round)}`);
        // Firefox never keeps a page that has a lock.
        if (go === leaveAndComeBack)
          assert.ok(fates.includes(name === "Chromium" ? "kept" : "loaded anew"), `${fates}`);
        // One round may be late, because the machine may be busy.
        assert.ok(times.sort((a, b) => a - b)[ROUNDS - 2] < LONGEST);
        const { damage, pending } = await step(other, "read", dir);
        assert.deepEqual(
          {
            damage: damage.filter((/** @type {string} */ kind) => !(isTorn && kind === "torn")),
            pending,
          },
          { damage: [], pending: null },
        );
        await left(other);
      });
    }

    await t.test(
      "ends the worker, and appends again on return, when a tab that appended is left",
      async () => {
        const tab = await browser.open(`${url}/page`);
        await tab.evaluate(() =>
          globalThis.addEventListener(
            "pageshow",
            ({ persisted }) => (globalThis.isBack = persisted),
          ),
        );
        await step(tab, "append", "left", "before");
        // Firefox does not keep a page with a lock. An idle worker ends by itself after a while.
        if (name === "Firefox")
          await until(
            async () => (await step(tab, "locks")).length === 0,
            15_000,
            "an idle worker did not end",
          );
        await leave(tab);
        await left(other);
        await appended(other, "left", "meanwhile");
        await comeBack(tab);
        assert.equal(await tab.evaluate(() => globalThis.isBack), true, "the page was loaded anew");
        await appended(tab, "left", "after");
        assert.deepEqual(await step(tab, "read", "left"), {
          messages: ["before", "meanwhile", "after"],
          damage: [],
          pending: null,
        });
        await tab.close();
      },
    );

    await t.test("ends an idle worker, but no writing one, when a page is hidden", async () => {
      const tab = await browser.open(`${url}/page`);
      const hide = () => tab.evaluate(() => void globalThis.dispatchEvent(new Event("pagehide")));
      await appended(other, "hidden", "other");
      await appended(tab, "hidden", "idle");
      assert.equal(new Set(await step(tab, "locks")).size, 2);
      await hide();
      await left(other);
      await appended(tab, "hidden", "again");
      const writing = tab.evaluate(async () => {
        const appends = globalThis.steps.append(
          "hidden",
          ...Array.from({ length: 1000 }, (_, i) => `${i}`),
        );
        globalThis.dispatchEvent(new Event("pagehide"));
        return (await appends).filter((/** @type {{ error?: object }} */ { error }) => error)
          .length;
      });
      assert.equal(await writing, 0);
      const { messages } = await step(other, "read", "hidden");
      assert.equal(messages.length, 1003);
      // The event that a real return to the page sends.
      await tab.evaluate(() => void globalThis.dispatchEvent(new Event("pageshow")));
      await tab.close();
    });

    if (!browser.freeze) return;
    await t.test(
      "appends in other tabs when a tab is frozen, and in it when it is thawed",
      async (t) => {
        const tab = await browser.open(`${url}/page`);
        /** @type {number[]} */
        const times = [];
        /** @type {Record<string, number>} */
        const ends = {};
        for (let round = 0; round < 3 * ROUNDS; round += 1) {
          await begin(tab, "hammer", "frozen");
          await pause(100 + Math.random() * 50);
          await browser.freeze?.(tab);
          const [{ time, error }] = await step(other, "append", "frozen", `${round}`);
          assert.equal(error?.code, undefined);
          times.push(time);
          await browser.thaw?.(tab);
          for (const [end, count] of Object.entries(await step(tab, "rest")))
            ends[end] = (ends[end] ?? 0) + count;
        }
        t.diagnostic(
          `ms until another tab had appended: ${times.map(Math.round).sort((a, b) => a - b)}; appends of the frozen tab: ${JSON.stringify(ends)}`,
        );
        assert.deepEqual(Object.keys(ends).sort(), ["INTERRUPTED", "appended"]);
        await appended(tab, "frozen", "after");
        const { damage, pending } = await step(other, "read", "frozen");
        assert.deepEqual({ damage, pending }, { damage: [], pending: null });
      },
    );
  });
}

/**
 * Appends an entry, and again after BUSY.
 *
 * @param {Tab} tab
 * @param {string} dir
 * @param {string} message
 */
async function appended(tab, dir, message) {
  for (let left = 10; ; left -= 1) {
    const [{ error }] = await step(tab, "append", dir, message);
    if (!error) return;
    assert.equal(error.code, "BUSY");
    assert.ok(left > 0, "the file is still locked");
  }
}

/**
 * Waits until no tab has a lock of the package, except the lock of this tab's own worker.
 *
 * @param {Tab} tab
 */
async function left(tab) {
  await until(async () => new Set(await step(tab, "locks")).size <= 1, LONGEST, "locks are held");
}

/**
 * @param {() => Promise<boolean>} isSo
 * @param {number} time the longest wait, in milliseconds
 * @param {string} otherwise
 */
async function until(isSo, time, otherwise) {
  const end = performance.now() + time;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, otherwise);
    await pause(20);
  }
}

/** @param {Tab} tab */
async function leave(tab) {
  await tab.page.goto(`${await tab.evaluate(() => globalThis.origin)}/away`);
}

/**
 * Leaves a tab that appends, comes back to it, and appends again.
 *
 * @param {Tab} tab
 * @returns {Promise<string>} whether the browser kept the page
 */
async function leaveAndComeBack(tab) {
  await tab.evaluate(() =>
    globalThis.addEventListener("pageshow", ({ persisted }) => (globalThis.isBack = persisted)),
  );
  await leave(tab);
  await comeBack(tab);
  const fate = await tab.evaluate(() => (globalThis.isBack ? "kept" : "loaded anew"));
  await tab.evaluate(() => globalThis.steps.rest());
  await appended(tab, "left and revisited", "after");
  return fate;
}

/** @param {Tab} tab */
async function comeBack(tab) {
  // Puppeteer's own way waits for the page to load, but a page that was kept does not load.
  await tab.evaluate(() => void setTimeout(() => globalThis.history.back()));
  await until(
    () => tab.evaluate(() => globalThis.steps !== undefined).catch(() => false),
    10_000,
    "the tab did not come back",
  );
}
