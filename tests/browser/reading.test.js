// What reading must do wherever a page may find a log.

import test from "node:test";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "./browsers.js";
import { rooms, runSuite, serveSuite } from "./suite-run.js";

/** @type {[file: string, browsers: (keyof typeof launch)[]][]} tests, and the browsers that have what they need */
const suites = [
  ["file-suites.js", ["Chromium", "Firefox", "WebKitGTK"]],
  ["handle-suites.js", ["Chromium", "Firefox"]],
  ["dropped-suites.js", ["Chromium"]],
];

test("reading", { skip: undrivable, concurrency: true }, async (t) => {
  const served = await Promise.all(suites.map(([file]) => serveSuite(t, fileURLToPath(new URL(`page/${file}`, import.meta.url)))));
  const inBrowser = (name) =>
    t.test(name, async (t) => {
      const browser = await launch[name]();
      t.after(browser.close);
      for (const [index, [, browsers]] of suites.entries()) {
        if (!browsers.includes(name)) continue;
        for (const room of rooms) await t.test(room, (t) => runSuite(t, browser, served[index], room));
      }
    });
  await Promise.all(Object.keys(launch).map(inBrowser));
});
