// The shell: links, going back, keys, themes and narrow pages, used as a person does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, fragment, inside, SESSION, texts, until } from "../parts.js";
import { writeSampleLogs } from "../sample-logs.js";

/** @import { Tab } from "../../browser/browsers.js" */

const HEADING = inside("session-header", "h2");
const HELP = inside("key-help", "dialog[open]");
const ENTRY = inside(".one h2");

/**
 * @param {Tab} tab
 * @param {string} heading
 */
const shows = (tab, heading) => until(tab, HEADING, ([shown]) => shown === heading);

for (const name of browsers) {
  test(`goes back and forward through what was opened in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    const paths = writeSampleLogs(temporaryFolder(t), 5);
    await choose(tab, ...paths);
    await shows(tab, "checkout-tdd-1000");
    await page.keyboard.press("]");
    await shows(tab, "search-write-docs-999");
    await page.keyboard.press("]");
    await shows(tab, "billing-tdd-998");
    await page.goBack();
    await shows(tab, "search-write-docs-999");
    await page.goBack();
    await shows(tab, "checkout-tdd-1000");
    assert.equal(await fragment(tab), "#session=checkout-tdd-1000");
    await page.goForward();
    await shows(tab, "search-write-docs-999");
    assert.equal(await page.title(), "search-write-docs-999 · skill-log");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`opens what a link names once logs are open in ${name}`, { skip: undrivable }, async (t) => {
    const link = "#session=billing-tdd-998&status=pass&sort=-duration_ms&entry=billing-tdd-998@0";
    const tab = await openPage(t, name, { search: link });
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 5));
    await shows(tab, "billing-tdd-998");
    await until(tab, ENTRY, ({ length }) => length === 1);
    const shown = await tab.page.$eval(
      inside("entry-list"),
      (/** @type {any} */ { rows, index, active, filter }) => ({
        statuses: [...new Set([...rows].map((row) => index.row(row).final_status))],
        first: index.row(rows[0]).duration_ms >= index.row(rows[1]).duration_ms,
        active,
        filter,
      }),
    );
    const filter = { final_status: ["pass"] };
    assert.deepEqual(shown, { statuses: ["pass"], first: true, active: 0, filter });
    assert.equal(await fragment(tab), link);
    // From one entry to the next is no step back, so that the history stays short.
    const [entry] = await texts(tab, ENTRY);
    const [, at, of] = /^Entry (\d+) of (\d+)$/.exec(entry) ?? [];
    const step = at === of ? -1 : 1;
    const label = step > 0 ? "Next entry" : "Entry before";
    await tab.page.click(inside(`.one button[aria-label='${label}']`));
    await until(tab, ENTRY, ([text]) => text === `Entry ${Number(at) + step} of ${of}`);
    assert.notEqual(await fragment(tab), link);
    // Without an entry at the place, the page says so.
    await tab.page.evaluate(() => (location.hash = location.hash.replace(/@\d+/, "@1")));
    const hint = await until(tab, inside(".one .hint"), ({ length }) => length === 1);
    assert.match(hint[0], /no entry at this place/);
    await tab.page.keyboard.press("Escape");
    await until(tab, ENTRY, ({ length }) => length === 0);
  });

  test(`shows a place at a time on a phone in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name, { width: 360, height: 740 });
    const { page } = tab;
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 5));
    assert.deepEqual(await texts(tab, HEADING), []);
    await page.click(inside("session-list", "virtual-list", "#row-2"));
    await shows(tab, "search-write-docs-999");
    assert.deepEqual(await texts(tab, SESSION), []);
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(wide, false);
    await page.click(inside("button[aria-label='Back to the sessions']"));
    await until(tab, SESSION, ({ length }) => length > 3);
    await page.goForward();
    await shows(tab, "search-write-docs-999");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows its keys, which act but for a person who types, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 3));
    await shows(tab, "checkout-tdd-1000");
    await page.keyboard.press("s");
    await page.keyboard.type("?]");
    assert.deepEqual(await texts(tab, HELP), []);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.keyboard.type("?");
    const [help] = await until(tab, HELP, ({ length }) => length === 1);
    assert.match(help, /^Keys Anywhere \? Show these keys s Filter the sessions/);
    // The table is in front of the page: its keys do nothing there.
    await page.keyboard.type("]a");
    await page.keyboard.press("Escape");
    await until(tab, HELP, ({ length }) => length === 0);
    await shows(tab, "checkout-tdd-1000");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`keeps theme, zone and contrast when the page reloads in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await background(), "rgb(255, 255, 255)");
    await page.click(inside("pop-up[name=Settings]", "button"));
    await found(tab, inside("viewer-settings", "label"));
    await page.evaluate(() => {
      const { shadowRoot } = /** @type {Element} */ (document.querySelector("skill-log-viewer"));
      const settings = /** @type {Element} */ (shadowRoot?.querySelector("viewer-settings"));
      for (const label of settings.shadowRoot?.querySelectorAll("label") ?? [])
        if (["Dark", "High contrast"].includes(label.textContent?.trim() ?? "")) label.click();
    });
    assert.equal(await background(), "rgb(0, 0, 0)");
    await tab.reload();
    await found(tab, inside(".welcome"));
    assert.equal(await background(), "rgb(0, 0, 0)");
  });

  test(`works where the browser forbids storage in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    await tab.page.evaluateOnNewDocument(() => {
      const forbidden = {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      };
      for (const kind of ["localStorage", "indexedDB"])
        Object.defineProperty(globalThis, kind, forbidden);
    });
    await tab.reload();
    await choose(tab, ...writeSampleLogs(temporaryFolder(t), 3));
    await shows(tab, "checkout-tdd-1000");
    await tab.page.click(inside("session-header", ".star"));
    await until(tab, SESSION, (rows) => rows.some((row) => row.includes("favourite")));
    assert.deepEqual(await tab.takeErrors(), []);
  });
}
