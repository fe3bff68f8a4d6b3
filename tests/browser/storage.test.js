// What a log must do in every storage, in the browser's own file system.

import test from "node:test";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "./browsers.js";
import { rooms, runSuite, serveSuite } from "./suite-run.js";

const suites = fileURLToPath(new URL("page/opfs-suites.js", import.meta.url));

test("storage", { skip: undrivable, concurrency: true }, async (t) => {
  const served = await serveSuite(t, suites);
  const inBrowser = (name) =>
    t.test(name, async (t) => {
      const browser = await launch[name]();
      t.after(browser.close);
      for (const room of rooms) await t.test(room, (t) => runSuite(t, browser, served, room));
    });
  await Promise.all(["Chromium", "Firefox"].map(inBrowser));
});
