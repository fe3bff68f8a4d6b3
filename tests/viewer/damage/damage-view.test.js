// Damage in full, in the built page: its bytes and those around it, wherever the log is.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, inside, texts, until } from "../parts.js";
import { sampleEntries } from "../sample-logs.js";
import { openServed } from "../served-page.js";

/** @import { Tab } from "../../browser/browsers.js" */

const ROW = inside("entry-list", "virtual-list", ".row");
const VIEW = ["entry-list", "damage-view"];
const BYTES = inside(...VIEW, ".bytes");
/** The numbers of each row, without its place and its characters. */
const NUMBERS = inside(...VIEW, ".hex div > span:nth-child(2)");
const CHOSEN = inside("entry-list", "virtual-list", '.row[aria-selected="true"]');

const END = Date.parse("2026-11-29T18:00:00Z");
const lines = sampleEntries("s", 3, 9, END).map((entry) => Buffer.from(encode(entry)));
/** A writer that seals nothing, and a text that wants to be more than a text. */
const torn = `${lines[2].toString().slice(0, 90)}\n`;
const strange = Buffer.concat([
  Buffer.from("<img src=x onerror=alert(1)>\u202Eevil\x1b[31m\0 "),
  Buffer.from([0xff, 0xc3]),
  lines[3],
]);
const inner = { session_id: "s", timestamp: "2026-01-01T00:00:00Z", skill: "x", final_status: "y" };
const doubtful = `{"session_id":"s","input":[${JSON.stringify(inner)}, broken\n`;
const long = `${"z".repeat(5000)}\n`;
const log = Buffer.concat([
  ...[lines[0], lines[1], Buffer.from(torn), strange, lines[4], Buffer.from(doubtful)],
  ...[lines[5], Buffer.from(long), lines[6], Buffer.from(lines[7].toString().slice(0, 100))],
]);

/**
 * Presses `d` until a band has a text.
 *
 * @param {Tab} tab
 * @param {RegExp} wanted
 */
async function goTo(tab, wanted) {
  for (let left = 10; left > 0; left -= 1) {
    await tab.page.keyboard.press("d");
    const [band] = await until(tab, CHOSEN, ({ length }) => length === 1);
    if (wanted.test(band)) return;
  }
  throw new Error(`no band has ${wanted}`);
}

/** @param {Tab} tab @param {string} part */
const marked = (tab, part) => texts(tab, inside(...VIEW, `.bytes .${part}`));

for (const name of browsers) {
  test(`shows the bytes of damage, as text and as numbers, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const file = join(temporaryFolder(t), "s.jsonl");
    writeFileSync(file, log);
    const tab = await openPage(t, name);
    await choose(tab, file);
    await until(tab, ROW, (rows) => rows.length > 8);
    await goTo(tab, /torn/i);
    await until(tab, BYTES, ({ length }) => length === 1);
    const [text] = await marked(tab, "damaged");
    assert.ok(text.includes(torn.slice(0, 80)), text);
    const around = (await marked(tab, "around")).join(" ");
    assert.ok(around.includes('"}LF'), around);

    await goTo(tab, /1 entry recovered/);
    await until(tab, BYTES, ([shown]) => shown?.includes("onerror"));
    const [bad] = await marked(tab, "damaged");
    assert.match(bad, /<img src=x onerror=alert\(1\)>U\+202EevilU\+001B\[31mU\+0000 FFC3/);
    const [good] = await marked(tab, "recovered");
    assert.ok(good.includes(lines[3].toString().slice(0, 60)), good);
    await tab.page.click(inside(...VIEW, ".forms button + button"));
    const numbers = await until(tab, NUMBERS, ({ length }) => length > 10);
    assert.match(numbers.join(" "), /3C 69 6D 67 .*E2 80 AE 65 .*1B 5B 33 31 6D 00 20 FF C3/);

    await goTo(tab, /doubtful/);
    await tab.page.click(inside(...VIEW, ".forms button"));
    await until(tab, BYTES, ([shown]) => shown?.includes("broken"));
    assert.match((await marked(tab, "doubtful")).join(), /session_id.*"final_status":"y"/);

    await goTo(tab, /5,\d+|zzz|Changed/);
    await goTo(tab, /Unfinished|without an end/);
    await until(tab, BYTES, ([shown]) => shown?.includes(lines[7].toString().slice(0, 60)));
    assert.equal((await marked(tab, "pending")).length, 1);
    assert.equal((await marked(tab, "damaged")).length, 0);
    // Escape closes it, and the list has the focus.
    await tab.page.keyboard.press("Escape");
    await until(tab, inside(...VIEW), ({ length }) => length === 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows the start and the end of damage, and more when asked, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const file = join(temporaryFolder(t), "s.jsonl");
    writeFileSync(file, log);
    const tab = await openPage(t, name, { width: 360, height: 740 });
    await choose(tab, file);
    await until(tab, ROW, (rows) => rows.length > 8);
    await goTo(tab, /line 8/);
    const [left] = await until(tab, inside(...VIEW, ".left"), ({ length }) => length === 1);
    assert.match(left, /3,800 bytes are left out here/);
    await tab.page.click(inside(...VIEW, ".left button"));
    await until(tab, BYTES, ([shown]) => (shown?.match(/z/g) ?? []).length >= 5000);
    await tab.page.click(inside(...VIEW, ".forms button + button"));
    await until(tab, NUMBERS, (numbers) => numbers.join(" ").includes("7A 7A"));
    const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows the bytes of a log on the server, and what became of them, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const dir = join(temporaryFolder(t), "logs");
    mkdirSync(dir);
    const file = join(dir, "s.jsonl");
    writeFileSync(file, Buffer.concat([lines[0], lines[1].subarray(0, 100)]));
    const tab = await openServed(t, name, dir);
    await found(tab, ROW);
    await goTo(tab, /without an end yet/);
    const [text] = await until(tab, BYTES, ({ length }) => length === 1);
    assert.ok(text.includes(lines[1].toString().slice(0, 60)), text);
    // The rest comes: it is an entry now, and no band.
    appendFileSync(file, lines[1].subarray(100));
    await until(tab, ROW, (rows) => rows.length === 2 && !rows.some((row) => /end yet/.test(row)));
    await until(tab, inside(...VIEW), ({ length }) => length === 0);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
