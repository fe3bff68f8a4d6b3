// The fault: many tabs append to one session while they are reloaded, closed and frozen, and while
// their workers are terminated.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { Random } from "../conformance/random.js";
import { undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { serve } from "./server.js";
import { WriterTab } from "./writer-tab.js";

/** The longest time of an append, in milliseconds. */
const LONGEST = 2000;

/** The longest time of all appends, in milliseconds. */
const LIMIT = 240_000;

/** The longest pause of a tab between two bursts, in milliseconds. */
const PAUSE = 400;

/** How many entries each tab appends. */
const ENTRIES = 10_000;

/**
 * The part of all appends that may reject with BUSY: they wait while a tab that has the file is
 * stopped. It was at most 1.2 % in runs.
 */
const MOST_BUSY = 0.1;

/** How often each thing is done to a tab. */
const TIMES = 12;

const endings = ["at any time", "while it starts", "in a batch"];

/**
 * @callback Fault
 * @param {WriterTab} writer whose tab is disturbed
 * @param {Random} random
 * @param {WriterTab[]} writers
 * @returns {Promise<void>}
 */

/** What is done to a tab. @type {Record<string, Fault>} */
const faults = {
  ...Object.fromEntries(
    endings.map((kind) => [
      `the worker is ended ${kind}`,
      (/** @type {WriterTab} */ writer, /** @type {Random} */ random) =>
        writer.endWorker(kind, random.below(40)),
    ]),
  ),
  "the tab is reloaded": (writer) => writer.reload(),
  "the tab is closed, and another one opened": (writer) => writer.reopen(),
  "the tab is frozen": (writer, random) => writer.freeze(random.between(300, 3000), false),
  "the tab is frozen and closed, and another one opened": (writer, random) =>
    writer.freeze(random.between(300, 3000), true),
  "the tab's process is stopped": (writer, random, writers) =>
    writer.stop(random.between(300, 3000), writers),
};

const browsers = [
  { name: "Chromium", launch: launchChromium, tabs: 8 },
  { name: "Firefox", launch: launchFirefox, tabs: 4 },
];

for (const { name, launch, tabs } of browsers) {
  test(`appends every entry once when ${tabs} tabs of ${name} write one log and are disturbed`, {
    skip: undrivable,
  }, async (t) => {
    const { code } = await bundle(fileURLToPath(new URL("page/tab.js", import.meta.url)));
    const server = await serve({
      "/tab.js": code,
      "/": '<!doctype html><title>tab</title><script type="module" src="/tab.js"></script>',
    });
    t.after(server.close);
    const browser = await launch({ hasSlowTimers: false });
    t.after(browser.close);
    const open = () => browser.open(server.url);

    const follower = await open();
    /** @type {import("./writer-tab.js").Stretch[]} */
    const stalls = [];
    /** @type {unknown[]} */
    const unexpected = [];
    follower.page.on("console", (/** @type {{ text(): string }} */ message) => {
      if (!message.text().startsWith("tab ")) return;
      const { stall, wrong } = JSON.parse(message.text().slice(4));
      if (stall) stalls.push(stall);
      if (wrong) unexpected.push(wrong);
    });
    await follower.evaluate(() => {
      globalThis.tab.reportStalls();
      globalThis.tab.follow("dir");
    });
    const writers = Array.from(
      { length: tabs },
      (_, i) =>
        new WriterTab(browser, open, {
          name: "abcdefgh"[i],
          entries: ENTRIES,
          longestPause: PAUSE,
        }),
    );
    for (const writer of writers) await writer.begin();
    const kinds = Object.keys(faults).filter(
      (fault) => browser.freeze || !fault.includes("frozen"),
    );
    const start = performance.now();
    const done = await disturb(writers, kinds);
    t.diagnostic(`all was appended after ${((performance.now() - start) / 1000).toFixed(1)} s`);

    const facts = {
      done,
      ended: sum(writers, "ended"),
      frozen: sum(writers, "frozen"),
      failed: sum(writers, "failed"),
    };
    for (const [what, counts] of Object.entries(facts))
      t.diagnostic(`${what}: ${JSON.stringify(counts)}`);
    const longest = Math.max(...writers.map((writer) => writer.longest(stalls)));
    const stalled = stalls.reduce((time, { from, to }) => time + to - from, 0);
    const withStalls = Math.max(...writers.map((writer) => writer.longest([])));
    t.diagnostic(
      `the longest append: ${longest.toFixed(0)} ms, or ${withStalls.toFixed(0)} ms with stalls, of ${stalled.toFixed(0)} ms in all`,
    );
    assert.deepEqual([...unexpected, ...writers.flatMap(({ wrong }) => wrong)].slice(0, 10), []);
    assert.deepEqual(await follower.takeErrors(), []);

    const fresh = await open();
    const one = await fresh.evaluate(() => globalThis.tab.appendOne("dir", 1));
    t.diagnostic(`a new tab's append: ${JSON.stringify(one)}`);
    assert.ok(
      one.code === undefined && one.time < LONGEST,
      `something is still locked: ${JSON.stringify(one)}`,
    );

    const { bytes, inFile, wrong, read, entries, damage, pending } = await fresh.evaluate(() =>
      globalThis.tab.check("dir"),
    );
    t.diagnostic(`${bytes} bytes, ${inFile.length} entries`);
    assert.deepEqual(
      { wrong, damage, pending, entries },
      { wrong: [], damage: [], pending: null, entries: inFile.length },
    );
    assertSame(read, inFile, "what the package reads");
    for (const writer of writers) writer.check(inFile);
    for (
      let left = 100;
      left > 0 && (await follower.evaluate(() => globalThis.tab.followed.length)) < inFile.length;
      left -= 1
    )
      await pause(50);
    assertSame(
      await follower.evaluate(() => globalThis.tab.followed),
      inFile,
      "what the follower yielded",
    );

    const busy = facts.failed.BUSY ?? 0;
    assert.ok(busy < MOST_BUSY * tabs * ENTRIES, `${busy} appends found the file held by others`);
    assert.ok(longest < LONGEST, `an append took ${longest} ms`);
    for (const kind of kinds) assert.ok(done[kind] > 0, `never: ${kind}`);
    for (const kind of endings) assert.ok(facts.ended[kind] > 0, `no worker was ended ${kind}`);
    if (browser.freeze)
      assert.ok(facts.frozen.timesInBatch > 0, "no tab was frozen in the middle of a batch");
  });
}

/**
 * Disturbs tabs, some at the same time, until each tab has appended all its entries.
 *
 * @param {WriterTab[]} writers
 * @param {string[]} kinds of faults
 */
async function disturb(writers, kinds) {
  const random = new Random(11);
  const done = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  const going = new Set();
  const end = Date.now() + LIMIT;
  /** @type {unknown} */
  let failure = null;
  while (!failure && writers.some(({ isDone }) => !isDone)) {
    const left = writers.map(({ missing }) => missing);
    if (Date.now() > end)
      throw new Error(
        `not done after ${LIMIT} ms: ${left} are left; ${JSON.stringify(sum(writers, "failed"))}`,
      );
    await pause(random.between(100, 700));
    if (Object.values(done).every((times) => times === TIMES)) continue;
    const idle = writers.filter(({ isBusy, isDone }) => !isBusy && !isDone);
    if (idle.length === 0) continue;
    const writer = random.pick(idle);
    const kind = random.pick(kinds.filter((each) => done[each] < TIMES));
    done[kind] += 1;
    writer.isBusy = true;
    const fault = faults[kind](writer, random, writers)
      .catch(
        (error) =>
          (failure ??= new Error(`cannot do to a tab: ${kind}: ${error.message}`, {
            cause: error,
          })),
      )
      .finally(() => {
        writer.isBusy = false;
        going.delete(fault);
      });
    going.add(fault);
  }
  await Promise.all(going);
  if (failure) throw failure;
  return done;
}

/**
 * Adds up what the writers counted.
 *
 * @param {WriterTab[]} writers
 * @param {"failed" | "ended" | "frozen"} what
 */
function sum(writers, what) {
  /** @type {Record<string, number>} */
  const sums = {};
  for (const writer of writers)
    for (const [name, count] of Object.entries(writer[what]))
      sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/**
 * Compares long lists, and prints only where they differ.
 *
 * @param {string[]} actual
 * @param {string[]} expected
 * @param {string} what
 */
function assertSame(actual, expected, what) {
  const at = expected.findIndex((each, i) => each !== actual[i]);
  assert.ok(
    at < 0,
    `${what} at ${at}: ${actual.slice(at, at + 3)}; in the file: ${expected.slice(at, at + 3)}`,
  );
  assert.equal(actual.length, expected.length, what);
}
