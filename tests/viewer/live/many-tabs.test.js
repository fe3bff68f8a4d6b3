// More tabs than a browser has connections to a server.

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
 * Has a page believe that it is hidden, as a tab behind another one is. Without a window, all tabs
 * say that they are visible.
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

for (const name of browsers) {
  test(`lists in the seventh tab, and goes on in the first one, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = join(temporaryFolder(t), "logs");
    mkdirSync(folder);
    const file = join(folder, "build.jsonl");
    const all = sampleEntries("build", 3, 12, END).map((entry) => Buffer.from(encode(entry)));
    writeFileSync(file, Buffer.concat(all.slice(0, 10)));
    const url = await view(t, folder);
    /** @type {Tab[]} */
    const tabs = [];
    for (let left = 7; left > 0; left -= 1) {
      const tab = await openPage(t, name);
      await tab.page.goto(`${url}&session=build`);
      await until(tab, SESSION, ({ length }) => length === 1);
      await until(tab, COUNT, ([text]) => text === "10 entries");
      // It follows before the next one is opened.
      await new Promise((done) => setTimeout(done, 300));
      await hide(tab, true);
      tabs.push(tab);
    }
    const [first] = tabs;
    appendFileSync(file, Buffer.concat(all.slice(10)));
    await hide(first, false);
    await until(first, COUNT, ([text]) => text === "12 entries");
    await until(first, NEWS, ([text]) => text === "2 new since you looked");
    for (const tab of tabs) assert.deepEqual(await tab.takeErrors(), []);
  });
}
