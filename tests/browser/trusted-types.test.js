// Pages that require trusted types: the worker starts by a policy of the package's or of the
// page's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { launch, undrivable } from "./browsers.js";
import { serve } from "./server.js";

const worker = readFileSync(new URL("../../dist/skill-log-worker.js", import.meta.url), "utf8");

const page = '<!doctype html><title>page</title><script src="/page.js" type="module"></script>';

const code = `
  import { append, read } from "/dist/browser.js";
  globalThis.appended = async (workerUrl) => {
    const id = "s" + Math.random();
    await append("logs", id, { skill: "a", final_status: "ok" }, { workerUrl });
    return (await read("logs", id)).length;
  };
  globalThis.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violations.push(effectiveDirective));`;

const scripts = "default-src 'none'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * @typedef {object} Case
 * @property {string} policy
 * @property {() => Promise<unknown>} [work]
 * @property {unknown} expected
 */

const plain = () => globalThis.appended();

/** @type {Record<string, Case>} */
const cases = {
  "starts the worker from its text when types must be trusted": {
    policy: `${scripts}; worker-src 'self' blob:; require-trusted-types-for 'script'; trusted-types skill-log`,
    expected: 1,
  },
  "starts the worker from a trusted URL when the same URL was refused as a string": {
    policy: `${scripts}; worker-src 'self'; require-trusted-types-for 'script'; trusted-types page`,
    work: async () => {
      const trusted = /** @type {any} */ (globalThis).trustedTypes.createPolicy("page", {
        createScriptURL: (/** @type {string} */ url) => url,
      });
      const before = await globalThis
        .appended("/copied.js")
        .catch((/** @type {any} */ error) => error.code);
      return [before, await globalThis.appended(trusted.createScriptURL("/copied.js"))];
    },
    expected: ["STORAGE_UNAVAILABLE", 1],
  },
};

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(name, { skip: undrivable, timeout: 120_000 }, async (t) => {
    const browser = await launch[name]();
    t.after(browser.close);
    for (const [title, { policy, work = plain, expected }] of Object.entries(cases)) {
      await t.test(title, async (t) => {
        const server = await serve({
          "/": { body: page, headers: { "content-security-policy": policy } },
          "/page.js": code,
          "/copied.js": worker,
        });
        t.after(server.close);
        const tab = await browser.open(server.url);
        assert.deepEqual(await tab.evaluate(work), expected);
        // The package tries the worker's file, or its text, before it makes a policy.
        assert.deepEqual(await tab.evaluate(() => [...new Set(globalThis.violations)]), [
          "require-trusted-types-for",
        ]);
        await tab.close();
      });
    }
  });
}
