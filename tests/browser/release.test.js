// A tab that goes, by whatever means, in the middle of an append or not, leaves nothing locked.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox, processOf } from "./everyday-browsers.js";
import { begin, serveSteps, step } from "./step-pages.js";

/** @import { Tab } from "./browsers.js" */

/** How long it may take until others can write, in milliseconds. */
const LONGEST = 2000;

/** How often a tab goes at a moment that is not chosen. */
const ROUNDS = 5;

/**
 * What is done to a tab; it may give what became of it.
 *
 * @type {Record<string, { room?: string, isTorn?: boolean, go: (tab: Tab, process: number) => unknown }>}
 */
const ways = {
  reloaded: { go: (tab) => tab.reload() },
  closed: { go: (tab) => tab.close() },
  "left, and come back to": { go: leaveAndComeBack },
  "one whose worker is terminated": {
    room: "worker",
    go: (tab) => tab.evaluate(() => globalThis.endWorker()),
  },
  // Only its process knows how far a write has come.
  "killed with its process": { isTorn: true, go: (tab, pid) => process.kill(pid, "SIGKILL") },
};

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

for (const [name, launch] of Object.entries(browsers)) {
  test(`tabs of ${name} that go leave nothing locked`, { skip: undrivable }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    const other = await browser.open(`${url}/page`);

    for (const [way, { room = "page", isTorn = false, go }] of Object.entries(ways)) {
      await t.test(`a tab that appends is ${way}`, async (t) => {
        const dir = way;
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
        // Firefox never keeps one that has a lock.
        if (go === leaveAndComeBack)
          assert.ok(fates.includes(name === "Chromium" ? "kept" : "loaded anew"), `${fates}`);
        // One may be late, for the machine may be busy.
        assert.ok(times.sort((a, b) => a - b)[ROUNDS - 2] < LONGEST);
        const { damage, pending } = await step(other, "read", dir);
        assert.deepEqual(
          { damage: damage.filter((kind) => !(isTorn && kind === "torn")), pending },
          { damage: [], pending: null },
        );
        await left(other);
      });
    }

    await t.test(
      "a tab that appended is left: its worker ends, and it can be come back to",
      async () => {
        const tab = await browser.open(`${url}/page`);
        await tab.evaluate(() =>
          globalThis.addEventListener(
            "pageshow",
            ({ persisted }) => (globalThis.isBack = persisted),
          ),
        );
        await step(tab, "append", "left", "before");
        // Firefox does not keep a page that is left with a lock: an idle worker ends by itself after a while.
        if (name === "Firefox")
          await until(
            async () => (await step(tab, "locks")).length === 0,
            15_000,
            "an idle worker lives",
          );
        await leave(tab);
        await left(other);
        await appended(other, "left", "meanwhile");
        await comeBack(tab);
        assert.equal(await tab.evaluate(() => globalThis.isBack), true, "it was loaded anew");
        await appended(tab, "left", "after");
        assert.deepEqual(await step(tab, "read", "left"), {
          messages: ["before", "meanwhile", "after"],
          damage: [],
          pending: null,
        });
        await tab.close();
      },
    );

    await t.test("a page that goes ends an idle worker, and none that writes", async () => {
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
        return (await appends).filter(({ error }) => error).length;
      });
      assert.equal(await writing, 0);
      const { messages } = await step(other, "read", "hidden");
      assert.equal(messages.length, 1003);
      // As it would be told, where it really is come back to.
      await tab.evaluate(() => void globalThis.dispatchEvent(new Event("pageshow")));
      await tab.close();
    });

    if (!browser.freeze) return;
    await t.test(
      "a tab that appends is frozen: others append, and it goes on when it is thawed",
      async (t) => {
        const tab = await browser.open(`${url}/page`);
        const times = [];
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
          `ms until another tab had appended: ${times.map(Math.round).sort((a, b) => a - b)}; appends of the frozen one: ${JSON.stringify(ends)}`,
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
 * Appends, if need be again.
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
 * Waits until no tab has any of the package's locks, but the asked one that of its own worker.
 *
 * @param {Tab} tab
 */
async function left(tab) {
  await until(async () => new Set(await step(tab, "locks")).size <= 1, LONGEST, "locks are held");
}

/**
 * @param {() => Promise<boolean>} isSo
 * @param {number} time how long that may take, in milliseconds
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
 * Leaves a tab that appends, and comes back to it, which then appends again.
 *
 * @param {Tab} tab
 * @returns {Promise<string>} whether the browser kept it
 */
async function leaveAndComeBack(tab) {
  await tab.evaluate(() =>
    globalThis.addEventListener("pageshow", ({ persisted }) => (globalThis.isBack = persisted)),
  );
  await leave(tab);
  await comeBack(tab);
  const fate = await tab.evaluate(() => (globalThis.isBack ? "kept" : "loaded anew"));
  await tab.evaluate(() => globalThis.steps.rest());
  await appended(tab, "left, and come back to", "after");
  return fate;
}

/** @param {Tab} tab */
async function comeBack(tab) {
  // Puppeteer's own way waits for the page to load, which it does not where it was kept.
  await tab.evaluate(() => void setTimeout(() => globalThis.history.back()));
  await until(
    () => tab.evaluate(() => globalThis.steps !== undefined).catch(() => false),
    10_000,
    "it was not come back to",
  );
}
