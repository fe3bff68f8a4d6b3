// A link that someone was sent shows the same as the page that it was copied from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { undrivable } from "../../browser/browsers.js";
import { browsers, openPage } from "../pages.js";
import { choose, fragment, inside, until } from "../parts.js";
import { NOW, writeSampleLogs } from "../sample-logs.js";

/** What a page shows. */
const view = (/** @type {import("../../browser/browsers.js").Tab} */ { page }) =>
  page.$eval(inside("entry-list"), (/** @type {any} */ list) => {
    const { index, shown, session, filter, range, sort, search, active } = list;
    const rows = [...shown].map((row) => `${index.row(row).session} ${index.row(row).offset}`);
    const { offset } = index.row(active);
    return { rows, session, filter, range, sort, search, offset };
  });

for (const name of browsers) {
  test(`shows the same when a link is opened in a fresh page in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const paths = writeSampleLogs(temporaryFolder(t), 3);
    const first = await openPage(t, name);
    await choose(first, ...paths);
    // As a person who clicks would change it, one thing after another.
    const range = { since: NOW - 90 * 60_000, until: NOW };
    await first.page.$eval(
      inside("entry-list"),
      (/** @type {Element} */ list, /** @type {any} */ range) => {
        for (const change of [
          { session: "*" },
          { filter: { final_status: ["pass", "failed"], not: { skill: ["tdd"] } } },
          { range },
          { sort: { by: "duration_ms", descending: true } },
          { search: { text: "cache|race", isExact: true, isPattern: true } },
        ])
          list.dispatchEvent(
            new CustomEvent("change-view", { detail: change, bubbles: true, composed: true }),
          );
      },
      range,
    );
    const row = inside("entry-list", "virtual-list", "#row-2");
    await until(first, row, ({ length }) => length === 1);
    await first.page.click(row);
    await until(first, inside(".one h2.number"), ([text]) => /^Entry 3 of/.test(text ?? ""));
    const link = await fragment(first);
    const shown = await view(first);
    assert.ok(shown.rows.length > 3);
    const fresh = await openPage(t, name, { search: link });
    await choose(fresh, ...paths);
    await until(fresh, inside(".one h2.number"), ([text]) => /^Entry 3 of/.test(text ?? ""));
    assert.deepEqual(await view(fresh), shown);
    assert.equal(await fragment(fresh), link);
    assert.deepEqual(shown.range, range);
    assert.deepEqual(await fresh.takeErrors(), []);
  });
}
