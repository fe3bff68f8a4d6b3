// The timeline in the page, as a person uses it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

import { undrivable } from "../../browser/browsers.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, inside, SESSION, texts, until } from "../parts.js";

const PLOT = inside("time-line", "svg.plot");
/** @import { Tab } from "../../browser/browsers.js" */

const start = Date.parse("2026-03-01T09:00:00Z");
const minute = 60_000;

/** An entry each minute from 9:00 on; nothing from 9:30; one that ran from 9:40 to 10:30; one at 11:30. */
const log = [
  ...Array.from({ length: 30 }, (_, at) => [at, 1000, "pass", "quick"]),
  [90, 50 * minute, "failed", "<b>slow</b>"],
  [150, 1000, "pass", "quick"],
]
  .map(([at, duration, status, skill]) =>
    JSON.stringify({
      session_id: "a",
      timestamp: new Date(start + Number(at) * minute),
      skill,
      final_status: status,
      duration_ms: duration,
    }),
  )
  .join("\n");

/** @param {string} selector */
const part = (selector) => inside("time-line", selector);

/** Presses the button with a text. @param {Tab} tab @param {string} text */
function press(tab, text) {
  return tab.page.$$eval(
    part("button"),
    (/** @type {HTMLElement[]} */ all, /** @type {string} */ text) =>
      all.find((each) => each.textContent?.includes(text))?.click(),
    text,
  );
}

for (const name of browsers) {
  test(`shows and narrows time in ${name}`, { skip: undrivable, timeout: 60_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "skill-log-time-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "a.jsonl"), `${log}\n`);
    const tab = await openPage(t, name);
    await choose(tab, join(folder, "a.jsonl"));
    await tab.page.click(SESSION);
    await found(tab, part("svg.plot"));
    const titles = await tab.page.$$eval(part("rect title"), (/** @type {Element[]} */ all) =>
      all.map(({ textContent }) => textContent),
    );
    assert.deepEqual(titles, ["idle 10 min", "stall: an entry ran 50 min", "idle 59 min"]);

    await press(tab, "Where the time went");
    await until(tab, part("li"), ([first]) => first === "<b>slow</b> 50 min");

    await press(tab, "Table");
    const rows = await until(tab, part("tbody tr"), (all) => all.length > 2);
    assert.match(rows.at(-1) ?? "", / 1 0 1 Only these$/);
    await tab.page.$$eval(part("tbody button"), (/** @type {HTMLElement[]} */ all) =>
      all.at(-1)?.click(),
    );
    await until(tab, part("tbody tr"), (all) => all.length === 1);
    assert.match(await tab.evaluate(() => location.hash), /since=.*until=/);
    await press(tab, "Whole time");
    await until(tab, part("tbody tr"), (all) => all.length === rows.length);

    const box = await (await tab.page.$(part("svg.plot"))).boundingBox();
    const at = (/** @type {number} */ share) => [box.x + box.width * share, box.y + 20];
    const [from, to] = [at(0.5), at(0.95)];
    await tab.page.mouse.move(from[0], from[1]);
    await tab.page.mouse.down();
    await tab.page.mouse.move(to[0], to[1], { steps: 4 });
    await tab.page.mouse.up();
    await until(tab, part("tbody tr"), (all) => all.length === 1);
    assert.match((await texts(tab, part("tbody tr")))[0], / 1 1 Only these$/);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

/** One runs for 40 s until 9:00:00, the next for 5 s until 9:01:00. */
const unequal = [
  [0, 40_000],
  [60_000, 5000],
]
  .map(([at, duration]) =>
    JSON.stringify({
      session_id: "a",
      timestamp: new Date(start + at),
      skill: "s",
      final_status: "pass",
      duration_ms: duration,
    }),
  )
  .join("\n");

/**
 * Opens a log with the timeline drawn.
 *
 * @param {import("node:test").TestContext} t
 * @param {typeof browsers[number]} name
 * @param {string} log
 */
async function openLog(t, name, log) {
  const tab = await openPage(t, name, {
    search: "?log=/dist/viewer/a.jsonl",
    routes: { "/dist/viewer/a.jsonl": `${log}\n` },
  });
  await found(tab, PLOT);
  return tab;
}

for (const name of browsers) {
  test(`says the same of a gap in list, entry and timeline in ${name}`, {
    skip: undrivable,
    timeout: 60_000,
  }, async (t) => {
    const tab = await openLog(t, name, unequal);
    const cells = inside("entry-list", "virtual-list", ".cell.gap");
    const [, second] = await until(tab, cells, (all) => all.length === 2 && all[1] !== "");
    assert.equal(second, "55 s");
    const rows = await tab.page.$$(inside("entry-list", "virtual-list", ".row"));
    await rows[1].click();
    const facts = await until(tab, inside("entry-view", "dl > div"), (all) => all.length > 2);
    assert.ok(facts.some((fact) => /^Ended 2026-03-01/.test(fact)));
    assert.ok(facts.includes(`Duration 5 s started ${second} after the entry above ended`));
    const titles = await tab.page.$$eval(
      inside("time-line", "rect title"),
      (/** @type {Element[]} */ all) => all.map(({ textContent }) => textContent),
    );
    // Whole buckets of a second.
    assert.deepEqual(titles, ["idle 54 s", "stall: an entry ran 5 s"]);
  });

  test(`draws a log whose every status is its own in ${name}`, {
    skip: undrivable,
    timeout: 60_000,
  }, async (t) => {
    const own = Array.from({ length: 2000 }, (_, at) =>
      JSON.stringify({
        session_id: "a",
        timestamp: new Date(start + at * 1000),
        skill: "s",
        final_status: `it went well, said run ${at}`,
      }),
    );
    const tab = await openLog(t, name, own.join("\n"));
    const kept = await tab.page.$eval(inside("time-line"), (/** @type {any} */ line) => [
      line.plot.histogram.series.length,
      line.plot.tones.plain.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0),
    ]);
    assert.deepEqual(kept, [6, 2000]);
  });

  test(`says so and shows no older plot when rows cannot be counted in ${name}`, {
    skip: undrivable,
    timeout: 60_000,
  }, async (t) => {
    const tab = await openLog(t, name, unequal);
    const set = (/** @type {number[]} */ rows) =>
      tab.page.$eval(
        inside("time-line"),
        (/** @type {any} */ line, /** @type {number[]} */ rows) =>
          (line.rows = Uint32Array.from(rows)),
        rows,
      );
    await set([1000]);
    const [words] = await until(tab, inside("time-line", "[role=status]"), ([text]) => !!text);
    assert.match(words, /^The timeline cannot be drawn\. \S/);
    assert.equal(await tab.page.$(PLOT), null);
    await set([0, 1]);
    await found(tab, PLOT);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`counts nothing anew while a stretch is dragged in ${name}`, {
    skip: undrivable,
    timeout: 60_000,
  }, async (t) => {
    const tab = await openLog(t, name, log);
    await press(tab, "Where the time went");
    await until(tab, part("li"), (all) => all.length === 2);
    await tab.page.$eval(inside("time-line"), (/** @type {any} */ line) => {
      line.reads = 0;
      const { index } = line;
      for (const method of ["column", "histogram", "query"]) {
        const own = index[method];
        index[method] = (/** @type {unknown[]} */ ...given) => {
          line.reads += 1;
          return own.apply(index, given);
        };
      }
    });
    const reads = () =>
      tab.page.$eval(inside("time-line"), (/** @type {any} */ line) => line.reads);
    const box = await (await tab.page.$(PLOT)).boundingBox();
    await tab.page.mouse.move(box.x + 20, box.y + 20);
    await tab.page.mouse.down();
    await tab.page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 10 });
    await found(tab, part("rect.drag"));
    assert.equal(await reads(), 0);
    await tab.page.mouse.up();
    await press(tab, "phase");
    await until(tab, part("li"), ([first]) => first.startsWith("no phase"));
    assert.ok((await reads()) > 0);
  });
}
