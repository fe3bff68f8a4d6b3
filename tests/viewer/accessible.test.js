// Each view, as people meet it who do not see it: axe finds no fault, its parts have roles and names,
// and what a screen reader would say is in spoken/, so that a change of it is seen.
//
//   UPDATE=1 node --test tests/viewer/accessible.test.js     writes spoken/ anew

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { undrivable } from "../browser/browsers.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { axeFaults, spoken } from "./accessibility.js";
import { openPage } from "./pages.js";
import { inDialog, openDialog } from "./sharing/shared.js";
import { choose, found, inside, until } from "./parts.js";
import { NOW, writeSampleLogs } from "./sample-logs.js";

/** @import { Tab } from "../browser/browsers.js" */

/**
 * A view.
 *
 * @typedef {object} View
 * @property {string} part selects what is said of it
 * @property {(tab: Tab, folder: string) => Promise<unknown>} open shows it, from the view before it
 * @property {(tab: Tab) => Promise<unknown>} [close]
 * @property {[role: string, name: string][]} has roles and names that it must have
 */

const HELP = inside("key-help", "dialog[open]");
const POP_UP = inside("pop-up[name=Settings]");

/** Each from the one before it. @type {Record<string, View>} */
const views = {
  "first page": {
    part: "skill-log-viewer",
    open: (tab) => found(tab, inside(".welcome open-logs", "#files")),
    has: [
      ["main", ""],
      ["heading", "skill-log"],
      ["heading", "Drop session logs here"],
      ["button", "Keys"],
      ["button", "Settings"],
    ],
  },
  sessions: {
    part: inside("session-list"),
    async open(tab, folder) {
      await choose(tab, ...writeSampleLogs(folder, 12));
      await until(tab, inside("session-list", ".foot span"), ([text]) =>
        /^12 sess[^…]*$/.test(text),
      );
    },
    has: [
      ["searchbox", "Filter sessions"],
      ["group", "Which sessions"],
      ["combobox", "Order of sessions"],
      ["listbox", "Sessions"],
    ],
  },
  entries: {
    part: inside(".middle"),
    async open(tab) {
      // It has a torn write, and what is unfinished.
      await tab.page.evaluate(() => (location.hash = "#session=infra-tdd-996"));
      // Messages are read once their rows are shown.
      await until(tab, inside("entry-list", "virtual-list", ".row"), (rows) => {
        return rows.filter((row) => row.endsWith("looked at.")).length > 8;
      });
      await found(tab, inside("time-line", "svg.plot"));
    },
    has: [
      ["region", "Entries"],
      ["heading", "infra-tdd-996"],
      ["grid", "Entries"],
      ["columnheader", "Status"],
      ["columnheader", "Message"],
      ["searchbox", "Search in entries"],
      ["button", "Filter"],
    ],
  },
  filters: {
    part: inside("entry-list", "entry-tools"),
    async open(tab) {
      await press(tab, inside("entry-list", "entry-tools", "button"), "Filter");
      await until(tab, inside("entry-list", "entry-tools", ".value"), ({ length }) => length > 3);
    },
    close: (tab) => press(tab, inside("entry-list", "entry-tools", "button"), "Filter"),
    has: [["group", "Skill"]],
  },
  timeline: {
    part: inside("time-line"),
    async open(tab) {
      await press(tab, inside("time-line", "button"), "Table");
      await until(tab, inside("time-line", "tbody tr"), ({ length }) => length > 1);
    },
    has: [
      ["button", "Where the time went"],
      ["region", "Entries over time"],
      ["columnheader", "From"],
    ],
  },
  "where the time went": {
    part: inside("time-line"),
    async open(tab) {
      await press(tab, inside("time-line", "button"), "Where the time went");
      await until(tab, inside("time-line", "li"), ({ length }) => length > 1);
    },
    close: (tab) => press(tab, inside("time-line", "button"), "Where the time went"),
    has: [["button", "skill"]],
  },
  entry: {
    part: inside(".one"),
    async open(tab) {
      await tab.page.keyboard.press("e");
      await tab.page.keyboard.press("Enter");
      const attempts = ["entry-view", "attempts-view"];
      await found(tab, inside(...attempts, "h4"));
      // The outputs are compared in a worker.
      await until(tab, inside(...attempts, "output-diff", "[role=status]"), (shown) =>
        shown.every((text) => !text.startsWith("Comparing")),
      );
    },
    close: (tab) => tab.page.keyboard.press("Escape"),
    has: [
      ["region", "Entry"],
      ["button", "Next entry"],
      ["button", "Close the entry"],
      ["tree", "input"],
    ],
  },
  damage: {
    part: inside("entry-list", "damage-view"),
    async open(tab) {
      await tab.page.keyboard.press("d");
      await until(tab, inside("entry-list", "damage-view", ".bytes"), ({ length }) => length > 0);
    },
    async close(tab) {
      await tab.page.keyboard.press("j");
      await until(tab, inside("entry-list", "damage-view"), ({ length }) => length === 0);
    },
    has: [
      ["region", "Damage"],
      ["button", "Close the damage"],
    ],
  },
  comparison: {
    part: inside("session-comparison"),
    async open(tab) {
      const link = "#session=checkout-tdd-1000&with=infra-tdd-996";
      await tab.page.evaluate((/** @type {string} */ hash) => (location.hash = hash), link);
      await until(
        tab,
        inside("session-comparison", "virtual-list", ".row"),
        (rows) => rows.length > 8,
      );
      await tab.page.keyboard.press("n");
    },
    has: [
      ["region", "Comparison"],
      ["region", "Figures"],
      ["grid", "Entries of both sessions"],
      ["button", "Swap the sides"],
      ["button", "Close the comparison"],
    ],
  },
  "comparison by skill and status": {
    part: inside("session-comparison"),
    async open(tab) {
      await press(tab, inside("session-comparison", ".segments button"), "By skill");
      await found(tab, inside("session-comparison", ".groups-pane"));
    },
    close: (tab) => press(tab, inside("session-comparison", ".segments button"), "Entries"),
    has: [["region", "By skill and status"]],
  },
  "pair of entries": {
    part: inside("session-comparison"),
    async open(tab) {
      const list = inside("session-comparison", "virtual-list", ".row");
      await until(tab, list, (rows) => rows.length > 8);
      // Both sessions have it, and its attempts differ.
      await tab.page.$eval(
        inside("session-comparison"),
        (/** @type {any} */ { found: { comparison }, renderRoot }) => {
          const { left, right } = comparison.pairs;
          const at = left.findIndex(
            (/** @type {number} */ one, /** @type {number} */ at) => one >= 0 && right[at] >= 0,
          );
          const shown = renderRoot.querySelector("virtual-list");
          shown.moveTo(at);
          shown.focus();
        },
      );
      await tab.page.keyboard.press("Enter");
      await found(tab, inside("session-comparison", "entry-pair", "h3"));
      const diffs = inside("session-comparison", "entry-pair", "output-diff", "[role=status]");
      await until(tab, diffs, (shown) => shown.every((text) => !text.startsWith("Comparing")));
    },
    async close(tab) {
      await tab.page.keyboard.press("Escape");
      await tab.page.keyboard.press("Escape");
      await until(tab, inside("session-comparison", "h2"), ({ length }) => length === 0);
    },
    has: [
      ["table", "Facts of both entries"],
      ["button", "Next row"],
      ["button", "Row before"],
    ],
  },
  keys: {
    part: inside("key-help"),
    async open(tab) {
      await tab.page.keyboard.type("?");
      await found(tab, HELP);
    },
    async close(tab) {
      await tab.page.keyboard.press("Escape");
      await until(tab, HELP, ({ length }) => length === 0);
    },
    has: [
      ["dialog", "Keys"],
      ["heading", "Anywhere"],
      ["button", "Close"],
    ],
  },
  settings: {
    part: POP_UP,
    async open(tab) {
      await tab.page.click(inside("pop-up[name=Settings]", "button"));
      await found(tab, inside("viewer-settings", "label"));
    },
    close: (tab) => tab.page.keyboard.press("Escape"),
    has: [
      ["button", "Settings"],
      ["group", "Theme"],
      ["radio", "Dark"],
      ["checkbox", "High contrast"],
    ],
  },
  share: {
    part: inDialog("dialog"),
    open: (tab) => openDialog(tab),
    async close(tab) {
      await tab.page.keyboard.press("Escape");
      await until(tab, inDialog("dialog"), ({ length }) => length === 0);
    },
    has: [
      ["dialog", "Share what is shown"],
      ["group", "Fields that go out"],
      ["group", "Save as"],
      ["button", "Save the page"],
    ],
  },
};

/**
 * Presses the button with a text.
 *
 * @param {Tab} tab
 * @param {string} selector of buttons
 * @param {string} text
 */
async function press({ page }, selector, text) {
  await page.$$eval(
    selector,
    (/** @type {HTMLElement[]} */ all, /** @type {string} */ text) =>
      all
        .find(({ innerText, ariaLabel }) => `${innerText} ${ariaLabel}`.trim().startsWith(text))
        ?.click(),
    text,
  );
}

for (const theme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1400, 360]) {
    test(`has no fault that axe finds when it is ${theme} and ${width} pixels wide`, {
      skip: undrivable,
    }, async (t) => {
      const tab = await openPage(t, "Chromium", { theme, width });
      const folder = temporaryFolder(t);
      for (const [name, { open, close }] of Object.entries(views)) {
        await t.test(name, async () => {
          await open(tab, folder);
          const faults = await axeFaults(tab);
          await close?.(tab);
          assert.deepEqual(faults, []);
        });
      }
    });
  }
}

// Chromium's tree: Firefox's driver finds no name in a shadow root.
test("has roles and names", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  const folder = temporaryFolder(t);
  for (const [name, { open, close, has }] of Object.entries(views)) {
    await t.test(name, async () => {
      await open(tab, folder);
      for (const [role, named] of has) await found(tab, `aria/${named}[role="${role}"]`);
      await close?.(tab);
    });
  }
});

const said = join(import.meta.dirname, "spoken");

test("is said by screen readers as spoken/ has it", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium", { now: NOW + 60_000, height: 700 });
  await tab.page.emulateTimezone("UTC");
  const folder = temporaryFolder(t);
  mkdirSync(said, { recursive: true });
  for (const [name, { part, open, close }] of Object.entries(views)) {
    await t.test(name, async () => {
      await open(tab, folder);
      // Rows out of view are drawn a moment later.
      await pause(process.env.UPDATE ? 1000 : 0);
      let text = await spoken(tab, part);
      const file = join(said, `${name.replaceAll(" ", "-")}.txt`);
      if (process.env.UPDATE) writeFileSync(file, text);
      const expected = readFileSync(file, "utf8");
      for (let left = 40; text !== expected && left > 0; left -= 1) {
        await pause(50);
        text = await spoken(tab, part);
      }
      await close?.(tab);
      assert.equal(text, expected);
    });
  }
  const files = Object.keys(views).map((name) => `${name.replaceAll(" ", "-")}.txt`);
  assert.deepEqual(readdirSync(said).sort(), files.sort());
});
