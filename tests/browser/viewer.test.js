// The viewer of docs/recipes.md opens a log, filters it, searches it and shows an entry.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { blocksOf } from "../js/docs/pages.js";
import { launch, undrivable } from "./browsers.js";
import { serve } from "./server.js";

const page = blocksOf("docs/recipes.md").find(({ language }) => language === "html")?.text ?? "";
const log = fileURLToPath(new URL("../cli/fixtures/logs/fix-login.jsonl", import.meta.url));

test("has at most 40 lines when it is the viewer of docs/recipes.md", () => {
  assert.ok(page.split("\n").length - 1 <= 40);
});

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`shows, filters and searches a log when the viewer runs in ${name}`, {
    skip: undrivable,
    timeout: 120_000,
  }, async (t) => {
    const server = await serve({ "/": page.replace("./node_modules/skill-log/dist/", "/dist/") });
    t.after(server.close);
    const browser = await launch[name]();
    t.after(browser.close);
    const tab = await browser.open(server.url);
    const shows = (/** @type {string} */ expected) =>
      tab.evaluate(async (expected) => {
        const text = () => document.querySelector("p")?.textContent;
        for (let left = 500; left > 0 && text() !== expected; left -= 1)
          await new Promise((done) => setTimeout(done, 20));
        return text();
      }, expected);
    const change = (/** @type {string} */ selector, /** @type {string} */ value) =>
      tab.evaluate(
        (selector, value) => {
          const field = document.querySelector(selector);
          field.value = value;
          field.dispatchEvent(new Event("change"));
        },
        selector,
        value,
      );

    await tab.setFiles("input[type=file]", log);
    assert.equal(await shows("5 of 5 entries, 0 damaged lines"), "5 of 5 entries, 0 damaged lines");
    await change("input[type=search]", "TIMEOUT");
    assert.equal(await shows("1 of 5 entries, 0 damaged lines"), "1 of 5 entries, 0 damaged lines");
    await change("select", "pass");
    assert.equal(await shows("0 of 5 entries, 0 damaged lines"), "0 of 5 entries, 0 damaged lines");
    await change("input[type=search]", "");
    assert.equal(await shows("4 of 5 entries, 0 damaged lines"), "4 of 5 entries, 0 damaged lines");
    const shown = await tab.evaluate(async () => {
      const [line] = document.querySelectorAll("tr");
      line.click();
      const detail = () => document.querySelector("pre")?.textContent ?? "";
      for (let left = 500; left > 0 && detail() === ""; left -= 1)
        await new Promise((done) => setTimeout(done, 20));
      return {
        cells: [...line.cells].map((cell) => cell.textContent),
        entry: JSON.parse(detail()),
      };
    });
    assert.deepEqual(shown.cells, ["2026-03-01T09:00:00Z", "tdd", "red", "pass"]);
    assert.equal(shown.entry.skill, "tdd");
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
