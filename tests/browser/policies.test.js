// Pages whose Content-Security-Policy is strict: what is allowed works, and nothing that is not is tried.

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
 * @property {number} [delay] how long the worker's file takes, in milliseconds
 * @property {() => Promise<unknown>} [work]
 * @property {unknown} gives
 * @property {string[]} violations
 */

const plain = () => globalThis.appended();

/** @type {Record<string, Case>} */
const cases = {
  "a file that takes its time is waited for, where texts are forbidden": { policy: `${scripts}; worker-src 'self'`, delay: 500, gives: 1, violations: [] },
  "the worker is started from its text, where types must be trusted": {
    policy: `${scripts}; worker-src 'self' blob:; require-trusted-types-for 'script'; trusted-types skill-log`, gives: 1,
    // Those of its file and of its text, before a policy is asked for.
    violations: ["require-trusted-types-for", "require-trusted-types-for"],
  },
  "an address that is trusted is taken, also after the same that is not": {
    policy: `${scripts}; worker-src 'self'; require-trusted-types-for 'script'; trusted-types page`,
    work: async () => {
      const trusted = /** @type {any} */ (globalThis).trustedTypes.createPolicy("page", { createScriptURL: (/** @type {string} */ url) => url });
      const before = await globalThis.appended("/copied.js").catch((/** @type {any} */ error) => error.code);
      return [before, await globalThis.appended(trusted.createScriptURL("/copied.js"))];
    },
    gives: ["STORAGE_UNAVAILABLE", 1],
    violations: ["require-trusted-types-for"],
  },
};

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(name, { skip: undrivable, timeout: 120_000 }, async (t) => {
    const browser = await launch[name]();
    t.after(browser.close);
    for (const [title, { policy, delay, work = plain, gives, violations }] of Object.entries(cases)) {
      await t.test(title, async (t) => {
        const server = await serve({
          "/": { body: page, headers: { "content-security-policy": policy } },
          "/page.js": code,
          "/dist/skill-log-worker.js": { body: worker, delay },
          "/copied.js": worker,
        });
        t.after(server.close);
        const tab = await browser.open(server.url);
        assert.deepEqual(await tab.evaluate(work), gives);
        assert.deepEqual(await tab.evaluate(() => globalThis.violations), violations);
        const errors = await tab.takeErrors();
        assert.equal(errors.length > 0, violations.length > 0, errors.join("\n"));
        await tab.close();
      });
    }
  });
}
