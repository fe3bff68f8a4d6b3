// New entries, as a person meets them: while reading, at the end, and after being away.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers } from "../pages.js";
import { found, inside, SESSION, texts, until } from "../parts.js";
import { sampleEntries } from "../sample-logs.js";
import { openServed } from "../served-page.js";

/** @import { Tab } from "../../browser/browsers.js" */

const ROW = inside("entry-list", "virtual-list", ".row");
const NEWS = inside("entry-list", "virtual-list", ".news");
const NEW = inside("entry-list", ".new");
const COUNT = inside("entry-list", "entry-tools", ".of");

const END = Date.parse("2026-11-29T18:00:00Z");
const lines = (/** @type {string} */ id, count = 130) =>
  sampleEntries(id, 3, count, END).map((entry) => Buffer.from(encode(entry)));

/** @param {import("node:test").TestContext} t */
function folderOf(t) {
  const folder = join(temporaryFolder(t), "logs");
  mkdirSync(folder);
  const file = join(folder, "build.jsonl");
  const all = lines("build");
  writeFileSync(file, Buffer.concat(all.slice(0, 100)));
  writeFileSync(join(folder, "other.jsonl"), Buffer.concat(lines("other", 3)));
  return { folder, file, rest: all.slice(100) };
}

/**
 * Returns where the first row in view stands, and what it shows.
 *
 * @param {Tab} tab
 */
const topRow = ({ page }) =>
  page.$$eval(ROW, (/** @type {HTMLElement[]} */ rows) => {
    const list = /** @type {any} */ (rows[0].getRootNode()).host.getBoundingClientRect();
    const shown = rows
      .filter((row) => !row.hidden)
      .map((row) => ({ text: row.innerText, top: row.getBoundingClientRect().top }))
      .filter(({ top }) => top > list.top + 30)
      .sort((one, other) => one.top - other.top);
    return shown[0];
  });

/** @param {Tab} tab @param {number} count */
const counts = (tab, count) => until(tab, COUNT, ([text]) => text === `${count} entries`);

for (const name of browsers) {
  test(`moves nothing that is read when entries arrive, and follows when asked, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const { folder, file, rest } = folderOf(t);
    const tab = await openServed(t, name, folder, { words: "session=build" });
    const { page } = tab;
    await counts(tab, 100);
    await found(tab, ROW);
    for (let left = 40; left > 0; left -= 1) await page.keyboard.press("j");
    await new Promise((done) => setTimeout(done, 300));
    const before = await topRow(tab);
    appendFileSync(file, Buffer.concat(rest.slice(0, 5)));
    await counts(tab, 105);
    assert.deepEqual(await topRow(tab), before);
    const [button] = await until(tab, NEW, ({ length }) => length === 1);
    assert.equal(button, "5 new entries ↓");
    // The button leads to the first of them.
    await page.click(NEW);
    const active = inside("entry-list", "virtual-list", '.row[aria-selected="true"]');
    await until(tab, active, ({ length }) => length === 1);
    assert.equal(await page.$eval(active, (/** @type {any} */ row) => row.ariaRowIndex), "102");
    await until(tab, NEW, ({ length }) => length === 0);
    // Who follows stays at the end.
    await page.keyboard.down("Shift");
    await page.keyboard.press("F");
    await page.keyboard.up("Shift");
    appendFileSync(file, Buffer.concat(rest.slice(5, 20)));
    await counts(tab, 120);
    const last = () =>
      page.$$eval(ROW, (/** @type {HTMLElement[]} */ rows) =>
        Math.max(...rows.filter((row) => !row.hidden).map((row) => Number(row.ariaRowIndex))),
      );
    for (let left = 50; (await last()) !== 121 && left > 0; left -= 1)
      await new Promise((done) => setTimeout(done, 50));
    assert.equal(await last(), 121);
    assert.equal((await texts(tab, NEW)).length, 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`counts a log anew when a shorter one replaced it, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const { folder, file, rest } = folderOf(t);
    const tab = await openServed(t, name, folder, { words: "session=build" });
    const listed = (/** @type {string} */ id, /** @type {number} */ count) =>
      until(tab, SESSION, (rows) =>
        rows.some((row) => row.includes(` ${id} `) && row.includes(` ${count} entries · `)),
      );
    await counts(tab, 100);
    await listed("build", 100);
    await until(tab, inside(".badge.live"), ({ length }) => length === 1);
    writeFileSync(file, Buffer.concat(rest.slice(0, 4)));
    await counts(tab, 4);
    await listed("build", 4);
    // The log that is not shown counts anew, too.
    writeFileSync(join(folder, "other.jsonl"), Buffer.concat(lines("other", 40).slice(38)));
    await listed("other", 2);
    appendFileSync(file, rest[4]);
    await counts(tab, 5);
    await listed("build", 5);
    // A browser names each response without bytes, such as that for the old end of the log.
    const errors = await tab.takeErrors();
    assert.deepEqual(
      errors.filter((text) => !/status of 416/.test(text)),
      [],
    );
  });

  test(`knows what is new since a person looked, after a reload, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const { folder, file, rest } = folderOf(t);
    const tab = await openServed(t, name, folder, { words: "session=build" });
    const { page } = tab;
    await counts(tab, 100);
    assert.equal((await texts(tab, NEWS)).length, 0);
    // The person looks at another session, then closes the page.
    await page.evaluate(() => (location.hash = "#session=other"));
    await counts(tab, 3);
    await page.goto("about:blank");
    // Also the start of a line, which is no entry yet.
    appendFileSync(file, Buffer.concat([...rest.slice(0, 7), rest[7].subarray(0, 50)]));
    await page.goBack();
    await counts(tab, 3);
    await until(tab, SESSION, (rows) => rows.some((row) => /build .* 7 new /.test(row)));
    await page.evaluate(() => (location.hash = "#session=build"));
    await counts(tab, 107);
    const [button] = await until(tab, NEW, ({ length }) => length === 1);
    assert.equal(button, "7 new entries ↓");
    // It is seen now, and the line stays where it was while it is read.
    await until(tab, SESSION, (rows) => !rows.some((row) => / new /.test(row)));
    await page.keyboard.press("u");
    const [line] = await until(tab, NEWS, ({ length }) => length === 1);
    assert.equal(line, "7 new since you looked");
    appendFileSync(file, Buffer.concat([rest[7].subarray(50), ...rest.slice(8, 10)]));
    await counts(tab, 110);
    await until(tab, NEWS, ([text]) => text === "10 new since you looked");
    await tab.reload();
    await counts(tab, 110);
    await page.keyboard.press("End");
    await until(tab, ROW, (rows) => rows.length > 5);
    assert.equal((await texts(tab, NEWS)).length, 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
