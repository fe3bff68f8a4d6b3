// The table of entries in the built page, used as a person does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { browsers, openPage } from "../pages.js";
import { found, inside, texts, until } from "../parts.js";
import { sampleEntries } from "../sample-logs.js";

/** @import { EntryInput } from "skill-log" */

const ROW = inside("entry-list", "virtual-list", ".row");
const ACTIVE = inside("entry-list", "virtual-list", '.row[aria-selected="true"]');
const TOOLS = ["entry-list", "entry-tools"];
const COUNT = inside(...TOOLS, ".of");
const HITS = inside(...TOOLS, ".hits [role=status]");
const NEW = inside("entry-list", ".new");

/** @param {readonly EntryInput[]} entries */
const linesOf = (entries) =>
  entries.map((entry) => `${Buffer.from(encode(entry)).toString().trim()}\n`);

const END = Date.parse("2026-11-29T18:00:00Z");
const sample = linesOf(sampleEntries("deploy-12", 3, 400, END));
// A torn line after 7 entries; a whole entry behind bytes that are none after 10.
const damaged = [
  ...sample.slice(0, 7),
  `${sample[6].slice(0, 60)}\n`,
  ...sample.slice(7, 10),
  `garbage${sample[10]}`,
  ...sample.slice(11),
].join("");

/**
 * Opens a log in the page.
 *
 * @param {import("node:test").TestContext} t
 * @param {typeof browsers[number]} name
 * @param {string} log
 * @param {{ hash?: string, theme?: "light" | "dark", width?: number }} [options]
 */
async function openLog(t, name, log, { hash = "", ...options } = {}) {
  const tab = await openPage(t, name, {
    search: `?log=/dist/viewer/deploy-12.jsonl${hash}`,
    routes: { "/dist/viewer/deploy-12.jsonl": log },
    ...options,
  });
  await found(tab, ROW);
  const { page } = tab;
  return {
    ...tab,
    /** @param {string} text of a button in the tools */
    async press(text) {
      for (const button of await page.$$(inside(...TOOLS, "button"))) {
        const label = await button.evaluate((/** @type {any} */ element) =>
          element.checkVisibility() ? `${element.innerText} ${element.ariaLabel ?? ""}` : "",
        );
        if (label.replace(/\s+/g, " ").includes(text)) return button.click();
      }
      throw new Error(`there is no button ${text}`);
    },
    /** @param {string} text */
    async type(text) {
      await page.focus(inside(...TOOLS, ".find input"));
      await page.keyboard.type(text);
    },
    /** Returns where the row with a text stands in the window. @param {string} text */
    placeOf: (text) =>
      page.$$eval(
        ROW,
        (/** @type {any[]} */ rows, /** @type {string} */ text) =>
          rows.find((row) => !row.hidden && row.innerText.includes(text))?.getBoundingClientRect()
            .top,
        text,
      ),
  };
}

for (const name of browsers) {
  test(`shows entries, and damage at its place, in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openLog(t, name, damaged, { hash: "#session=deploy-12" });
    const rows = await until(tab, ROW, (rows) => rows.some((row) => row.includes("looked at")));
    assert.match(
      rows[0],
      /failed write-docs plan 3 .* · 1\.2 s The timeout in search was looked at\.$/,
    );
    assert.match(rows[7], /^A torn write line 8, bytes 5,\d+ to 5,\d+ .+/);
    assert.match(rows[11], /^.+ 1 entry recovered line 12, bytes/);
    assert.match(rows[12], /recovered The/);
    assert.deepEqual(await texts(tab, COUNT), ["400 entries"]);
    const titles = await texts(tab, inside("entry-list", "virtual-list", "[role=columnheader]"));
    assert.deepEqual(titles, [
      ...["Time", "Status", "Skill", "Phase", "Attempts", "Duration", "Gap before", "Message"],
    ]);
    await tab.page.keyboard.press("d");
    const damage = inside("entry-list", "damage-view", "section");
    const [shown] = await until(tab, damage, ([text]) => /Hex/.test(text));
    assert.match(shown, /^A torn write Where line 8, bytes .+ Why .+ Now Nothing is changed/);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`filters by chips, also what is not wanted, in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openLog(t, name, sample.join(""));
    await until(tab, inside(...TOOLS, ".chips button"), (chips) => chips.includes("pass 199"));
    await tab.press("failed 68");
    await until(tab, COUNT, ([text]) => text === "68 of 400 entries");
    await until(
      tab,
      ROW,
      (rows) => rows.length > 10 && rows.every((row) => row.includes("failed")),
    );
    await tab.press("Filter");
    const values = inside(...TOOLS, ".value");
    const before = await until(
      tab,
      values,
      (found) => found.some((text) => text.startsWith("tdd")) || found.length > 8,
    );
    const skill =
      before.find((text) => /^(write-docs|tdd|release|refactor|code-review) \d+ not$/.test(text)) ??
      "";
    const [word, count] = skill.split(" ");
    await tab.press(`Not ${word}`);
    await until(tab, COUNT, ([text]) => text === `${68 - Number(count)} of 400 entries`);
    assert.match(await tab.page.evaluate(() => location.hash), new RegExp(`not\\.skill=${word}`));
    // What is left out shows how many entries it has.
    await until(tab, values, (found) => found.includes(skill));
    await tab.press("Clear");
    await until(tab, COUNT, ([text]) => text === "400 entries");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows a filter by a rare status as a condition in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const entries = Array.from({ length: 28 }, (_, at) => at).flatMap((at) => {
      const status = Math.floor(Math.sqrt(2 * at + 0.25) - 0.5);
      return [
        {
          session_id: "s",
          timestamp: new Date(END + at),
          skill: "tdd",
          final_status: `s${status}`,
        },
      ];
    });
    const log = linesOf(entries).join("");
    const tab = await openLog(t, name, log, { hash: "#session=deploy-12&status=s0" });
    const chips = inside(...TOOLS, ".chips button");
    const common = ["s6 7", "s5 6", "s4 5", "s3 4", "s2 3"];
    await until(tab, COUNT, ([text]) => text === "1 of 28 entries");
    await until(tab, chips, (shown) => shown.join() === [...common, "status s0 ✕"].join());
    await tab.press("status s0");
    await until(tab, COUNT, ([text]) => text === "28 entries");
    // A status with a chip of its own needs no other.
    await tab.press("s6 7");
    await until(tab, COUNT, ([text]) => text === "7 of 28 entries");
    await until(tab, chips, (shown) => shown.join() === common.join());
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`keeps damage at the end when a search starts before new rows come, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openLog(t, name, sample.slice(0, 5).join(""));
    await until(tab, ROW, (rows) => rows.length === 5);
    // The page sets the rows once more when it has read all.
    await until(tab, inside("progress"), (bars) => bars.length === 0);
    const grown = [...sample.slice(0, 9), `${sample[9].slice(0, 60)}\n`].join("");
    tab.server.routes["/dist/viewer/deploy-12.jsonl"] = grown;
    await tab.page.$eval(inside("entry-list"), async (/** @type {any} */ list) => {
      await list.index.refresh();
      list.search = { text: "no such text", isExact: false, isPattern: false };
      await list.updateComplete;
      list.rows = list.selected = list.index.select();
    });
    const rows = await until(tab, ROW, (rows) => rows.length === 10);
    assert.match(rows[9], /^A torn write line 10, /);
    assert.equal(rows.filter((row) => row.startsWith("A torn write")).length, 1);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`finds texts while they are typed, and shows a hit in its context, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openLog(t, name, sample.join(""), { hash: "#session=deploy-12&status=pass" });
    const { keyboard } = tab.page;
    await tab.type("CACHE KEY");
    const [first] = await until(tab, HITS, ([text]) => /^1 of \d+ hits$/.test(text));
    const marks = await until(tab, `${ROW} mark`, (found) => found.length > 0);
    assert.ok(marks.every((mark) => mark.toLowerCase() === "cache key"));
    await keyboard.press("Enter");
    await until(tab, HITS, ([text]) => text.startsWith("2 of"));
    await keyboard.press("ArrowDown"); // To the list.
    await keyboard.press("n");
    await until(tab, HITS, ([text]) => text.startsWith("3 of"));
    await keyboard.down("Shift");
    await keyboard.press("N");
    await keyboard.up("Shift");
    await until(tab, HITS, ([text]) => text.startsWith("2 of"));
    await tab.press("Only hits");
    const count = Number(/of (\d+)/.exec(first)?.[1]);
    await until(
      tab,
      ROW,
      (rows) => rows.length > 8 && rows.slice(0, 8).every((row) => /cache key/i.test(row)),
    );
    const [hit] = await texts(tab, ACTIVE);
    const time = hit.slice(0, 8);
    await keyboard.press("c");
    await until(tab, COUNT, ([text]) => text === "400 entries");
    const [still] = await until(tab, ACTIVE, (found) => found.length === 1);
    assert.equal(still.slice(0, 8), time);
    assert.ok(count > 3 && count < 200);
    // A pattern, and one that is wrong.
    await tab.press("Aa");
    await until(tab, HITS, ([text]) => text === "0 hits");
    await tab.press("Regular expression");
    await tab.page.$eval(inside(...TOOLS, ".find input"), (/** @type {any} */ input) =>
      input.select(),
    );
    await tab.type("cache (");
    await until(tab, inside(...TOOLS, ".problem"), ([text]) => /group|parenthe/i.test(text ?? ""));
    await tab.page.focus(inside(...TOOLS, ".find input"));
    await keyboard.press("Backspace");
    await keyboard.type("k[a-z]y");
    await until(tab, HITS, ([text]) => /of \d+ hits$/.test(text ?? ""));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`sorts, and keeps the entry that is read at its place, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openLog(t, name, sample.join(""));
    const title = (/** @type {string} */ text) =>
      tab.page.$$eval(
        inside("entry-list", "virtual-list", ".titles button"),
        (/** @type {any[]} */ all, /** @type {string} */ text) =>
          all.find((button) => button.innerText.startsWith(text)).click(),
        text,
      );
    await title("Duration");
    await until(tab, ROW, ([row]) => / 961 ms /.test(row));
    await title("Duration");
    await until(tab, ROW, ([row]) => / (1 min|60 s|59 s|1 min 1 s) /.test(row));
    await tab.page.keyboard.press("j");
    for (let i = 0; i < 5; i += 1) await tab.page.keyboard.press("j");
    const [active] = await until(tab, ACTIVE, (found) => found.length === 1);
    const top = await tab.placeOf(active.slice(0, 8));
    await title("Duration");
    await until(tab, ROW, (rows) => rows.some((row) => row.startsWith(active.slice(0, 8))));
    const [after] = await until(tab, ACTIVE, (found) => found.length === 1);
    assert.equal(after.slice(0, 8), active.slice(0, 8));
    const moved = Math.abs(((await tab.placeOf(active.slice(0, 8))) ?? 0) - (top ?? 0));
    assert.ok(moved < 2, `the row moved by ${moved} pixels`);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`adds entries without moving what is read, and follows, in ${name}`, {
    skip: undrivable,
    timeout: 90_000,
  }, async (t) => {
    const path = "/dist/viewer/deploy-12.jsonl";
    const tab = await openLog(t, name, sample.slice(0, 100).join(""));
    const before = await until(tab, ROW, (rows) => rows.length > 15);
    tab.server.routes[path] = sample.slice(0, 104).join("");
    await until(tab, NEW, (found) => found[0] === "4 new entries ↓");
    assert.deepEqual(
      (await texts(tab, ROW)).map((row) => row.slice(0, 8)).slice(0, 15),
      before.map((row) => row.slice(0, 8)).slice(0, 15),
    );
    await tab.page.click(NEW);
    await until(tab, ROW, (rows) => rows.at(-1)?.slice(0, 8) === timeOf(103));
    await until(tab, NEW, (found) => found.length === 0);
    await tab.press("Follow");
    tab.server.routes[path] = sample.slice(0, 150).join("");
    await until(tab, ROW, (rows) => rows.at(-1)?.slice(0, 8) === timeOf(149));
    assert.deepEqual(await texts(tab, NEW), []);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`opens and moves by keys, and says so to screen readers, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openLog(t, name, damaged);
    const { keyboard } = tab.page;
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("e");
    const [failed] = await until(tab, ACTIVE, ([row]) => /failed/.test(row ?? ""));
    assert.match(failed, /failed/);
    const scroller = inside("entry-list", "virtual-list", ".scroller");
    const said = await tab.page.$eval(scroller, (/** @type {any} */ grid) => ({
      role: grid.getAttribute("role"),
      rows: grid.getAttribute("aria-rowcount"),
      columns: grid.getAttribute("aria-colcount"),
      active: grid.getRootNode().getElementById(grid.getAttribute("aria-activedescendant"))
        ?.ariaRowIndex,
      hasFocus: grid.getRootNode().activeElement === grid,
    }));
    assert.deepEqual(said, {
      role: "grid",
      rows: "403",
      columns: "8",
      active: "4",
      hasFocus: true,
    });
    await until(
      tab,
      inside("entry-list", "virtual-list", ".said"),
      ([text]) => text === "Row 3 of 402",
    );
    await keyboard.press("Enter");
    await tab.page.waitForFunction(() => /entry=deploy-12@\d+/.test(location.hash));
    const first = await tab.page.evaluate(() => location.hash);
    await keyboard.press("j");
    await tab.page.waitForFunction(
      (/** @type {string} */ first) => location.hash !== first,
      {},
      first,
    );
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows what an entry holds as text when it is markup, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const rows = ["a", "b"].map((phase) => ({
      session_id: "deploy-12",
      timestamp: "2026-01-01T00:00:00Z",
      skill: evil,
      phase,
      final_status: `${evil}javascript:alert(3)`,
      model_used: "__proto__",
      message: `${evil} \u202e\u001b]8;;http://x\u0007link`,
    }));
    const tab = await openLog(t, name, linesOf(rows).join(""));
    await until(
      tab,
      ROW,
      (found) => found.length === 2 && found.every((row) => row.includes("onerror")),
    );
    await tab.press("Filter");
    await until(tab, inside(...TOOLS, ".value"), (found) =>
      found.some((text) => text.startsWith("__proto__")),
    );
    await tab.type("onerror");
    await until(tab, HITS, ([text]) => text === "1 of 2 hits");
    assert.equal(
      await tab.page.$$eval(`${ROW} img, ${ROW} script`, (/** @type {any[]} */ all) => all.length),
      0,
    );
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

/** @param {number} at */
function timeOf(at) {
  const date = new Date(JSON.parse(sample[at]).timestamp);
  return date.toTimeString().slice(0, 8);
}

test("says how much damage has no place in the table", { skip: undrivable }, async (t) => {
  const log = `${sample[0]}x\n`.repeat(20_007);
  const tab = await openLog(t, "Chromium", log, { hash: "#session=deploy-12" });
  const note = inside("entry-list", "p.note");
  const [said] = await until(tab, note, ({ length }) => length === 1);
  assert.equal(said, "7 more damaged stretches are not shown: the table has the first 20,000.");
  assert.deepEqual(await tab.takeErrors(), []);
});
