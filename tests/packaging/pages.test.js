// The package in pages that no bundler made.

import assert from "node:assert/strict";
import test from "node:test";

import { launch, undrivable } from "../browser/browsers.js";
import { checkPage, fromFile, fromNothing, outcomeOf, policy, served } from "./pages.js";
import { project } from "./project.js";

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`a page in ${name}`, { skip: undrivable }, async (t) => {
    const browser = await launch[name]();
    t.after(browser.close);

    await t.test("a module script from node_modules, with an import map", async (t) => {
      await checkPage(browser, await served(t, project(t, ["page"])), fromFile);
    });

    await t.test("under a strict Content-Security-Policy", async (t) => {
      await checkPage(
        browser,
        await served(t, project(t, ["strict"]), { "content-security-policy": policy }),
        fromFile,
      );
    });

    await t.test(
      "under a Content-Security-Policy without 'wasm-unsafe-eval': what is missing is said",
      async (t) => {
        const without = policy.replace(" 'wasm-unsafe-eval'", "");
        const tab = await browser.open(
          await served(t, project(t, ["no-wasm"]), { "content-security-policy": without }),
        );
        const { code, message, cause } = await outcomeOf(tab);
        await tab.close();
        assert.deepEqual([code, cause], ["NOT_STARTED", "CompileError"]);
        assert.match(
          message,
          /Content-Security-Policy must have 'wasm-unsafe-eval' in its script-src/,
        );
      },
    );

    await t.test("a module worker of the page's own", async (t) => {
      await checkPage(
        browser,
        await served(t, project(t, ["strict", "own-worker", "own-worker-page"])),
        fromNothing,
      );
    });

    await t.test("./slim, with its wasm served as a file", async (t) => {
      await checkPage(browser, await served(t, project(t, ["slim-page"])), fromFile);
    });
  });
}
