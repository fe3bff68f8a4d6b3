// The list of sessions, used as a person does.

import assert from "node:assert/strict";
import { appendFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, fragment, inside, SESSION, texts, until } from "../parts.js";
import { writeSampleLogs } from "../sample-logs.js";

const LIST = inside("session-list", "virtual-list", ".scroller");
const HEADING = inside("session-header", "h2");

for (const name of browsers) {
  test(`shows what each session holds in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 12));
    const foot = await until(
      tab,
      inside("session-list", ".foot span"),
      ([text]) => !/…/.test(text),
    );
    assert.match(foot[0], /^12 sessions, /);
    const [all, first, second] = await texts(tab, SESSION);
    assert.match(all, /^All sessions \d+ entries$/);
    assert.match(first, /^checkout-tdd-1000 .+ pass tdd 3 entries · 1\.6 KB$/);
    assert.match(second, /^search-write-docs-999 .+ needs_review release 40 entries · 26\.8 KB$/);
    const shown = await texts(tab, SESSION);
    assert.ok(shown.some((text) => text.includes("1 damaged")));
    assert.ok(shown.some((text) => text.includes("unfinished")));
    // The newest one is shown at once.
    assert.deepEqual(await texts(tab, HEADING), ["checkout-tdd-1000"]);
    assert.equal(await fragment(tab), "#session=checkout-tdd-1000");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`filters, opens and marks sessions by keys in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    const { keyboard } = tab.page;
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 12));
    await keyboard.press("s");
    await keyboard.type("docs-99");
    const rows = await until(tab, SESSION, (rows) => rows.length === 6);
    assert.equal(rows[0], "Find “docs-99” in all entries");
    await keyboard.press("Enter");
    await until(tab, HEADING, ([heading]) => heading === "search-write-docs-999");
    // The keys are for the entries now.
    await keyboard.press("s");
    await keyboard.press("ArrowDown");
    await keyboard.press("j");
    await keyboard.press("f");
    await keyboard.press("Enter");
    await until(tab, HEADING, ([heading]) => heading === "mobile-write-docs-997");
    const star = inside("session-header", ".star");
    const isMarked = () =>
      tab.page.$eval(star, (/** @type {Element} */ button) => button.ariaPressed);
    assert.equal(await isMarked(), "true");
    await keyboard.press("Home");
    await keyboard.press("Enter");
    await until(tab, HEADING, ([heading]) => heading === "All sessions");
    assert.equal(await fragment(tab), "#session=*&find=docs-99");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`keeps names and favourites when the page reloads in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    const paths = writeSampleLogs(temporaryFolder(t), 3);
    await choose(tab, ...paths);
    await page.click(inside("session-header", ".star"));
    await page.click(inside("session-header", "button[aria-label^=Rename]"));
    await page.keyboard.type("The deploy of Friday\n");
    await until(tab, HEADING, ([heading]) => heading === "The deploy of Friday");
    await tab.reload();
    await choose(tab, ...paths);
    const rows = await until(tab, SESSION, ([, first]) => first?.startsWith("The deploy"));
    assert.match(rows[1], /favourite/);
    await until(tab, HEADING, ([heading]) => heading === "The deploy of Friday");
    // The name is in this browser only: links and searches have the id.
    assert.equal(await fragment(tab), "#session=checkout-tdd-1000");
  });

  test(`marks what is new since a person looked in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    const paths = writeSampleLogs(temporaryFolder(t), 3);
    await choose(tab, ...paths);
    await until(tab, HEADING, ([heading]) => heading === "checkout-tdd-1000");
    await tab.page.keyboard.press("]");
    await until(tab, HEADING, ([heading]) => heading === "search-write-docs-999");
    await until(tab, inside("session-header", ".facts"), ([facts]) => facts?.startsWith("40"));
    await tab.page.evaluate(() => (location.hash = ""));
    appendFileSync(
      paths[1],
      encode({ session_id: "x", timestamp: new Date(0), skill: "a", final_status: "b" }),
    );
    // The newest session is shown at once, and is new no more.
    utimesSync(paths[1], 1000, 1000);
    await tab.reload();
    await choose(tab, ...paths);
    await until(
      tab,
      SESSION,
      (rows) => rows.filter((row) => row.startsWith("new entries")).length === 1,
    );
    const groups = inside("session-list", ".groups button");
    await until(tab, groups, (shown) => shown.includes("New 1"));
    await tab.page.click(inside("session-list", ".groups button:nth-of-type(2)"));
    const rows = await until(tab, SESSION, ({ length }) => length === 2);
    assert.match(rows[1], /^new entries search-write-docs-999 /);
    await tab.page.click(inside("session-list", "virtual-list", "#row-1"));
    // Once it is shown, it is new no more.
    await until(tab, groups, (shown) => !shown.includes("New 1"));
  });

  test(`says so when a link is for other logs in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name, { search: "#session=elsewhere" });
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 3));
    const [said] = await until(tab, inside(".problem div"), ({ length }) => length === 1);
    assert.match(said, /^There is no session elsewhere here\./);
  });

  test(`shows hostile ids and texts as texts in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    const folder = temporaryFolder(t);
    const hostile = "<img src=x onerror=alert(1)>\u202Egnp.exe";
    const line = encode({
      session_id: "a",
      timestamp: new Date(0),
      skill: hostile,
      final_status: hostile,
    });
    const names = ["a<b onmouseover=alert(1)>", "{{constructor}}", `$${"{alert(1)}"}`, "__proto__"];
    const paths = names.map((file) => join(folder, `${file}.jsonl`));
    for (const path of paths) writeFileSync(path, line);
    await choose(tab, ...paths);
    const rows = await until(tab, SESSION, ({ length }) => length === 5);
    for (const file of names)
      assert.ok(
        rows.some((row) => row.startsWith(`${file} `)),
        file,
      );
    assert.ok(rows[1].includes("<img src=x onerror=alert(1)>"));
    const images = await tab.page.$$(inside("session-list", "img"));
    assert.equal(images.length, 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

test("shows the first of 10,000 sessions at once, and reaches the last", {
  skip: undrivable,
}, async (t) => {
  const tab = await openPage(t, "Chromium");
  const { page } = tab;
  // Kept in the browser, because no one chooses 10,000 files by hand.
  await page.evaluate(async () => {
    const text = (/** @type {number} */ at) =>
      `{"session_id":"s","timestamp":"2026-01-01T00:00:0${at % 10}Z","skill":"tdd","final_status":"pass"}\n`;
    const root = await navigator.storage.getDirectory();
    const logs = await root.getDirectoryHandle("logs", { create: true });
    const write = async (/** @type {number} */ at) => {
      const file = await logs.getFileHandle(`session-${at}.jsonl`, { create: true });
      const stream = await file.createWritable();
      await stream.write(text(at));
      await stream.close();
    };
    for (let at = 0; at < 10_000; at += 50)
      await Promise.all(Array.from({ length: 50 }, (_, more) => write(at + more)));
  });
  await page.reload();
  const button = await found(tab, inside(".welcome open-logs", ".ways button:nth-of-type(3)"));
  await page.evaluate(() => {
    const times = /** @type {any} */ (globalThis);
    times.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) times.longTasks.push(Math.round(duration));
    }).observe({ type: "longtask" });
  });
  const start = performance.now();
  await button.click();
  await found(tab, SESSION);
  const first = performance.now() - start;
  const foot = inside("session-list", ".foot span");
  // A busy machine needs longer than one wait. Each wait ends when more is listed.
  for (let shown = ""; !/^10,000 sessions, [^…]*$/.test(shown); )
    [shown] = await until(tab, foot, ([text]) => (text ?? shown) !== shown);
  const whole = performance.now() - start;
  const nodes = await page.$$(SESSION);
  assert.ok(nodes.length < 100, `${nodes.length} rows are in the page`);
  await page.focus(LIST);
  await page.keyboard.press("End");
  await found(tab, `${LIST}[aria-activedescendant="row-10000"]`);
  const longTasks = await page.evaluate(() => /** @type {any} */ (globalThis).longTasks);
  t.diagnostic(
    `first ${Math.round(first)} ms, all ${Math.round(whole)} ms, tasks over 50 ms: ${longTasks}`,
  );
  assert.ok(first < whole / 2, `the first session took ${first} ms, and all ${whole} ms`);
});
