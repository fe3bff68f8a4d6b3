// What people want to know on their first day with the page, done with what they see alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { writeLogs } from "../../scripts/viewer-screens-logs.js";
import { undrivable } from "../browser/browsers.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { browsers, openPage } from "./pages.js";
import { found, fragment, inside, SESSION, texts, until } from "./parts.js";
import { view } from "./view-server.js";

/** @import { Tab } from "../browser/browsers.js" */

const ROW = inside("entry-list", "virtual-list", ".row");
const COUNT = inside("entry-list", "entry-tools", ".of");
const HEADING = inside("session-header", "h2");

/**
 * Clicks on what a person reads.
 *
 * @param {Tab} tab
 * @param {string} selector
 * @param {string | RegExp} wanted
 */
async function click(tab, selector, wanted) {
  const isWanted = (/** @type {string} */ text) =>
    typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
  await until(tab, selector, (shown) => shown.some(isWanted));
  for (const element of await tab.page.$$(selector)) {
    const text = await element.evaluate((/** @type {any} */ { innerText }) => innerText);
    if (isWanted(text.replace(/\s+/g, " ").trim())) return element.click();
  }
  throw new Error(`nothing shows ${wanted}`);
}

for (const name of browsers) {
  test(`answers what people ask on their first day in ${name}`, { skip: undrivable }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    const url = await view(t, folder);
    const tab = await openPage(t, name);
    const { page } = tab;
    await page.goto(url);

    // "Which attempt fixed it?"
    await click(tab, SESSION, "checkout-coupons");
    await until(tab, HEADING, ([text]) => text === "checkout-coupons");
    await click(tab, ROW, "A coupon rounds twice");
    const attempts = inside("entry-view", "attempts-view", "button");
    await until(tab, inside("entry-view", "h2"), ([text]) => text === "tdd · implement");
    const tries = await until(tab, attempts, ({ length }) => length > 3);
    assert.match(tries.slice(0, 3).join(), /^✗ 1 m-\w+,✗ 2 m-\w+,✓ 3 m-\w+$/);

    // "What took longest?"
    await page.keyboard.press("Escape");
    const title = inside("entry-list", "virtual-list", "[role=columnheader] button");
    await click(tab, title, "Duration");
    await click(tab, title, "Duration ↑");
    await until(tab, title, (titles) => titles.includes("Duration ↓"));
    const [first] = await until(tab, ROW, ([text]) => /fix-flaky-test reproduce/.test(text ?? ""));
    assert.match(first, / [45] min \d+ s /);
    await click(tab, title, "Duration ↓");

    // "What happened between these two times?"
    await click(tab, inside("entry-list", "entry-tools", ".tool"), "Filter");
    const times = inside("entry-list", "entry-tools", ".time input");
    await found(tab, times);
    const rows = await texts(tab, COUNT);
    assert.deepEqual(rows, ["64 entries"]);
    for (const [at, minutes] of [10, 3].entries()) {
      const input = (await page.$$(times))[at];
      await input.evaluate((/** @type {any} */ element, /** @type {number} */ ago) => {
        const instant = Date.parse("2026-11-29T18:00:00Z") - ago * 60_000;
        const shift = new Date(instant).getTimezoneOffset() * 60_000;
        element.value = new Date(instant - shift).toISOString().slice(0, 19);
        element.dispatchEvent(new Event("change"));
      }, minutes);
    }
    await until(tab, COUNT, ([text]) => /^[2-5] of 64 entries$/.test(text));
    assert.match(await fragment(tab), /since=2026-11-29T17:50:00\.000Z&until=2026-11-29T17:57:00/);

    // "Why is this session red?"
    await click(tab, SESSION, "mobile-login");
    await until(tab, HEADING, ([text]) => text === "mobile-login");
    await click(tab, inside("session-header", ".facts button"), "2 damaged lines");
    const bytes = inside("entry-list", "damage-view", ".bytes");
    await until(tab, bytes, ([text]) => text?.includes('{"session_id":"mobile-login"'));

    // "Which entry of any session mentions this? I want to send it to someone."
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await page.keyboard.type("timeout in the payment");
    await click(tab, SESSION, "in all entries");
    await until(tab, HEADING, ([text]) => text === "All sessions");
    await click(tab, ROW, "Failed 3 of 200 runs");
    await until(tab, inside("entry-view", "h2"), ([text]) => text === "fix-flaky-test · reproduce");
    await found(tab, inside(".one copy-button", "button"));
    const link = await page.evaluate(() => location.href);
    await page.goto("about:blank");
    await page.goto(link);
    await until(tab, inside("entry-view", "h2"), ([text]) => text === "fix-flaky-test · reproduce");
    await until(
      tab,
      inside("entry-view", ".message long-text", "mark"),
      ({ length }) => length > 0,
    );
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
