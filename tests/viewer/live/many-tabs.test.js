// More tabs than a browser has connections to a server: six.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers, openPage } from "../pages.js";
import { inside, SESSION, until } from "../parts.js";
import { sampleEntries } from "../sample-logs.js";
import { view } from "../view-server.js";

/** @import { Tab } from "../../browser/browsers.js" */

const COUNT = inside("entry-list", "entry-tools", ".of");
const NEWS = inside("entry-list", "virtual-list", ".news");

const END = Date.parse("2026-11-29T18:00:00Z");

/**
 * Has a page believe that it is hidden, as a tab behind another one is, or that it is visible, as
 * those of several windows are.
 *
 * @param {Tab} tab
 * @param {boolean} isHidden
 */
function hide({ page }, isHidden) {
  return page.evaluate((/** @type {boolean} */ isHidden) => {
    const get = () => (isHidden ? "hidden" : "visible");
    Object.defineProperty(document, "visibilityState", { configurable: true, get });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

/**
 * Opens the page of a log in tabs.
 *
 * @param {import("node:test").TestContext} t
 * @param {typeof browsers[number]} name
 * @param {number} count
 * @param {(tab: Tab) => Promise<unknown>} [opened] after each
 */
async function openTabs(t, name, count, opened) {
  const folder = join(temporaryFolder(t), "logs");
  mkdirSync(folder);
  const file = join(folder, "build.jsonl");
  const all = sampleEntries("build", 3, 12, END).map((entry) => Buffer.from(encode(entry)));
  writeFileSync(file, Buffer.concat(all.slice(0, 10)));
  const url = await view(t, folder);
  /** @type {Tab[]} */
  const tabs = [];
  for (let left = count; left > 0; left -= 1) {
    const tab = await openPage(t, name);
    await tab.page.goto(`${url}&session=build`);
    await until(tab, SESSION, ({ length }) => length === 1);
    await until(tab, COUNT, ([text]) => text === "10 entries");
    // It follows before the next one is opened.
    await new Promise((done) => setTimeout(done, 300));
    await opened?.(tab);
    tabs.push(tab);
  }
  return { file, rest: all.slice(10), tabs };
}

for (const name of browsers) {
  test(`lists in the seventh tab, and goes on in the first one, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const { file, rest, tabs } = await openTabs(t, name, 7, (tab) => hide(tab, true));
    const [first] = tabs;
    appendFileSync(file, Buffer.concat(rest));
    await hide(first, false);
    await until(first, COUNT, ([text]) => text === "12 entries");
    await until(first, NEWS, ([text]) => text === "2 new since you looked");
    for (const tab of tabs) assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows new entries in eight visible tabs, also after the first is closed, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const { file, rest, tabs } = await openTabs(t, name, 8, (tab) => hide(tab, false));
    // One has the stream, and the others wait for it.
    assert.deepEqual(
      await tabs[0].page.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return [held.length, pending.length];
      }),
      [1, 7],
    );
    appendFileSync(file, rest[0]);
    for (const tab of tabs) await until(tab, COUNT, ([text]) => text === "11 entries");
    // Each asks the server for the text of an entry.
    for (const tab of tabs) {
      await tab.page.keyboard.press("j");
      await tab.page.keyboard.press("Enter");
      await until(tab, inside("entry-view", "h2"), ([text]) => text?.includes("·") === true);
    }
    for (const tab of tabs) assert.deepEqual(await tab.takeErrors(), []);
    await tabs[0].page.goto("about:blank");
    appendFileSync(file, rest[1]);
    for (const tab of tabs.slice(1)) await until(tab, COUNT, ([text]) => text === "12 entries");
    for (const tab of tabs.slice(1)) assert.deepEqual(await tab.takeErrors(), []);
  });
}
