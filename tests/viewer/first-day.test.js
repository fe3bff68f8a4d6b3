// What people want to know on their first day with the page, done with what they see alone.

import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { NOW, writeLogs } from "../../scripts/viewer-screens-logs.js";
import { undrivable } from "../browser/browsers.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { browsers, openPage } from "./pages.js";
import { found, fragment, inside, SESSION, texts, until } from "./parts.js";
import { decodedParts, openSaved, planted, saved, writeHostileLog } from "./sharing/shared.js";
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

  test(`answers “what took longest yesterday?” in ${name}`, { skip: undrivable }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    const now = NOW + 15 * 3_600_000;
    const day = new Date(now);
    day.setHours(0, 0, 0, 0);
    const end = day.getTime();
    day.setDate(day.getDate() - 1);
    const durations = readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
      // One entry is recovered from a damaged line.
      .map((line) => line.slice(line.indexOf('{"session_id"')))
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line))
      .filter(({ timestamp }) => Date.parse(timestamp) >= +day && Date.parse(timestamp) < end)
      .map(({ duration_ms }) => duration_ms);
    assert.ok(durations.length > 100);
    const url = await view(t, folder);
    const tab = await openPage(t, name, { now });
    await tab.page.goto(url);
    await click(tab, SESSION, "All sessions");
    await until(tab, HEADING, ([text]) => text === "All sessions");
    await click(tab, inside("entry-list", "entry-tools", ".tool"), "Filter");
    await click(tab, inside("entry-list", "entry-tools", ".days button"), "Yesterday");
    await until(tab, COUNT, ([text]) => text.startsWith(`${durations.length} of `));
    // The chip says which day that is.
    const chips = inside("entry-list", "entry-tools", ".condition");
    await until(tab, chips, ([text]) => /^\d+ Nov ✕$/.test(text ?? ""));
    const title = inside("entry-list", "virtual-list", "[role=columnheader] button");
    await click(tab, title, "Duration");
    await click(tab, title, "Duration ↑");
    const longest = Math.round(Math.max(...durations) / 1000);
    const said = `${Math.floor(longest / 60)} min ${longest % 60} s`;
    await until(tab, ROW, ([text]) => text?.includes(said) === true);
    await click(tab, inside("time-line", "button"), "Where the time went");
    const [most] = await until(tab, inside("time-line", ".below li"), ({ length }) => length > 3);
    assert.match(most, /^fix-flaky-test 3 h \d+ min$/);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`finds a failure by keys alone, with its time in UTC, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    const url = await view(t, folder);
    const tab = await openPage(t, name);
    const { page } = tab;
    const { keyboard } = page;
    await page.goto(url);
    await until(tab, SESSION, ({ length }) => length > 5);
    /** What has the focus, as it is called. @returns {Promise<string>} */
    const focused = () =>
      page.evaluate(() => {
        /** @type {any} */
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.ariaLabel || element?.closest("label")?.innerText || "";
      });
    const tabTo = async (/** @type {string} */ wanted) => {
      for (let left = 30; left > 0; left -= 1) {
        if ((await focused()).includes(wanted)) return;
        await keyboard.press("Tab");
      }
      throw new Error(`Tab does not lead to ${wanted}`);
    };
    await tabTo("Settings");
    await keyboard.press("Enter");
    const open = inside("pop-up[name=Settings]", "[aria-expanded=true]");
    await until(tab, open, ({ length }) => length > 0);
    await tabTo("Local");
    await keyboard.press("ArrowRight");
    assert.equal(await focused(), "UTC");
    await keyboard.press("Escape");
    await keyboard.press("s");
    await keyboard.type("refunds");
    await until(tab, SESSION, (shown) => shown.length === 2);
    await keyboard.press("Enter");
    await until(tab, HEADING, ([text]) => text === "checkout-refunds");
    await until(tab, ROW, ({ length }) => length > 5);
    // The keys are for the entries now, and not for the field.
    for (let left = 50; left > 0 && (await focused()) !== "Entries"; left -= 1)
      await new Promise((done) => setTimeout(done, 30));
    assert.equal(await focused(), "Entries");
    await keyboard.press("e");
    await keyboard.press("Enter");
    await until(tab, inside("entry-view", ".status"), ([text]) => text === "failed");
    const [, offset] = /entry=checkout-refunds@(\d+)/.exec(await fragment(tab)) ?? [];
    const log = readFileSync(join(folder, "checkout-refunds.jsonl"));
    const line = log.subarray(Number(offset), log.indexOf("\n", Number(offset)));
    const { timestamp, attempts } = JSON.parse(line.toString());
    await until(tab, inside("entry-view", "article"), ([text]) =>
      text.includes(`${timestamp.replace("T", " ").replace(/(\.\d+)?Z$/, "$1")} UTC`),
    );
    // Its attempts, too.
    assert.ok(attempts.length > 1);
    await keyboard.press("h");
    const tries = inside("entry-view", "attempts-view", "button");
    await until(tab, tries, ({ length }) => length >= attempts.length);
    await keyboard.press("Escape");
    assert.equal(await focused(), "Entries");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`compares two sessions on a phone, and finds what is damaged, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    const url = await view(t, folder);
    const tab = await openPage(t, name, { width: 360, height: 740 });
    await tab.page.goto(url);
    await click(tab, SESSION, "mobile-login");
    await until(tab, HEADING, ([text]) => text === "mobile-login");
    await tab.page.click(inside("session-header", "button.compare"));
    await until(tab, inside("session-list", ".marking span"), ([text]) =>
      text?.includes("Choose a session to compare mobile-login"),
    );
    await click(tab, SESSION, "checkout-refunds");
    const parts = (/** @type {string} */ part) => inside("session-comparison", part);
    const figures = await until(tab, parts(".figures tbody tr"), ({ length }) => length > 3);
    assert.match(figures[0], /^Entries 37 58 \+21$/);
    // "Is anything missing?"
    await click(tab, parts(".faults button"), "2 damaged lines");
    await until(tab, inside("entry-list", "damage-view", ".bytes"), ({ length }) => length > 0);
    await tab.page.click(inside("button[aria-label='Back to the sessions']"));
    await until(tab, parts("h2 .name"), ([text]) => text === "mobile-login");
    await click(tab, parts(".kinds button"), "Longer");
    await click(tab, inside("session-comparison", "virtual-list", ".row"), /\+/);
    await until(tab, inside("session-comparison", "entry-pair", ".fact"), (facts) =>
      facts.some((text) => /^Duration .*\+/.test(text)),
    );
    const isWide = await tab.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(isWide, false);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`saves a page for a colleague that has no secret, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    writeHostileLog(folder, "deploy-keys");
    const url = await view(t, folder);
    const tab = await openPage(t, name);
    await tab.page.goto(url);
    await click(tab, SESSION, "deploy-keys");
    await until(tab, HEADING, ([text]) => text === "deploy-keys");
    await click(tab, inside("entry-list", "entry-tools", ".chips button"), "pass");
    await until(tab, COUNT, ([text]) => /^\d+ of 12 entries$/.test(text));
    const [count] = await texts(tab, COUNT);
    await tab.page.click(inside("header button[aria-label='Share']"));
    const dialog = (/** @type {string} */ part) => inside("share-dialog", part);
    await until(tab, dialog(".family"), ({ length }) => length > 1);
    const [file] = await saved(tab, "Page");
    const out = await openSaved(t, tab, folder, file);
    await until(out, COUNT, ([text]) => text === `${count.split(" ")[0]} entries`);
    await until(out, ROW, (rows) => rows.length > 3);
    const all = [file.bytes.toString(), ...decodedParts(file.bytes)].join("\n");
    assert.match(all, /\[masked: /);
    for (const secret of Object.values(planted))
      assert.ok(!all.includes(secret) && !all.includes(JSON.stringify(secret).slice(1, -1)));
    assert.deepEqual(await out.takeErrors(), []);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`says what is new since a person looked in ${name}`, { skip: undrivable }, async (t) => {
    const folder = temporaryFolder(t);
    writeLogs(folder);
    const url = await view(t, folder);
    const tab = await openPage(t, name);
    const { page } = tab;
    await page.goto(url);
    await click(tab, SESSION, "checkout-refunds");
    await until(tab, HEADING, ([text]) => text === "checkout-refunds");
    await until(tab, COUNT, ([text]) => text === "58 entries");
    await click(tab, SESSION, "mobile-login");
    await until(tab, COUNT, ([text]) => text === "37 entries");
    await page.goto("about:blank");
    const arrive = (/** @type {string} */ message) =>
      appendFileSync(
        join(folder, "checkout-refunds.jsonl"),
        encode({ session_id: "checkout-refunds", skill: "tdd", final_status: "failed", message }),
      );
    arrive("came first");
    arrive("came second");
    // The cookie stands for the address that was printed.
    await page.goto(url.replace(/#.*/, "#session=mobile-login"));
    await until(tab, COUNT, ([text]) => text === "37 entries");
    await until(tab, SESSION, (shown) =>
      shown.some((text) => /checkout-refunds.*\b2 new\b/.test(text)),
    );
    await click(tab, SESSION, "checkout-refunds");
    await click(tab, inside("entry-list", ".new"), "2 new entries");
    const news = inside("entry-list", "virtual-list", ".news");
    await until(tab, news, ([text]) => text === "2 new since you looked");
    await until(tab, ROW, (rows) => rows.at(-1)?.includes("came second") === true);
    // What is read does not move when more comes.
    await page.keyboard.press("Home");
    const [before] = await until(tab, ROW, ([text]) => !text?.includes("came"));
    arrive("came third");
    await click(tab, inside("entry-list", ".new"), "1 new entry");
    await until(tab, ROW, (rows) => rows.at(-1)?.includes("came third") === true);
    assert.ok(before.length > 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
