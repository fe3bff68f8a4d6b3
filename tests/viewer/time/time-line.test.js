// The timeline in the page, as a person uses it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

import { undrivable } from "../../browser/browsers.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, inside, SESSION, texts, until } from "../parts.js";

const start = Date.parse("2026-03-01T09:00:00Z");
const minute = 60_000;

/** An entry each minute from 9:00 on; nothing from 9:30; one that runs from 10:30; one at 11:30. */
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

for (const name of browsers) {
  test(`shows and narrows time in ${name}`, { skip: undrivable, timeout: 60_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "skill-log-time-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "a.jsonl"), `${log}\n`);
    const tab = await openPage(t, name);
    await choose(tab, join(folder, "a.jsonl"));
    await tab.page.click(SESSION);
    const part = (/** @type {string} */ selector) => inside("time-line", selector);
    await found(tab, part("svg.plot"));
    const titles = await tab.page.$$eval(part("rect title"), (/** @type {Element[]} */ all) =>
      all.map(({ textContent }) => textContent),
    );
    assert.deepEqual(titles, ["idle 1 h", "stall: an entry ran 49 min", "idle 10 min"]);

    const press = (/** @type {string} */ text) =>
      tab.page.$$eval(
        part("button"),
        (/** @type {HTMLElement[]} */ all, /** @type {string} */ text) =>
          all.find((each) => each.textContent?.includes(text))?.click(),
        text,
      );
    await press("Where the time went");
    await until(tab, part("li"), ([first]) => first === "<b>slow</b> 50 min");

    await press("Table");
    const rows = await until(tab, part("tbody tr"), (all) => all.length > 2);
    assert.match(rows.at(-1) ?? "", / 1 0 1 Only these$/);
    await tab.page.$$eval(part("tbody button"), (/** @type {HTMLElement[]} */ all) =>
      all.at(-1)?.click(),
    );
    await until(tab, part("tbody tr"), (all) => all.length === 1);
    assert.match(await tab.evaluate(() => location.hash), /since=.*until=/);
    await press("Whole time");
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
