// Runs the package in pages without a bundler.

import assert from "node:assert/strict";
import test from "node:test";

import { launch, undrivable } from "../browser/browsers.js";
import { checkPage, fromFile, fromNothing, outcomeOf, policy, served } from "./pages.js";
import { project } from "./project.js";

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`runs in a page in ${name}`, { skip: undrivable }, async (t) => {
    const browser = await launch[name]();
    t.after(browser.close);

    await t.test("as a module script from node_modules, with an import map", async (t) => {
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
      "names 'wasm-unsafe-eval' in the error when a Content-Security-Policy lacks it",
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

    await t.test("in the page's own module worker", async (t) => {
      await checkPage(
        browser,
        await served(t, project(t, ["strict", "own-worker", "own-worker-page"])),
        fromNothing,
      );
    });

    await t.test("as ./slim, with its wasm served as a file", async (t) => {
      await checkPage(browser, await served(t, project(t, ["slim-page"])), fromFile);
    });
  });
}
