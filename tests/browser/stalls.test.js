// Pages that are busy or frozen, or whose worker starts slowly. Nobody holds the file, so no append
// may reject with BUSY.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { page, serveSteps, step } from "./step-pages.js";

/**
 * How long a stall takes, in milliseconds: longer than an append waits for the file and the worker.
 */
const SLOW = 2500;

const browsers = { Chromium: launchChromium, Firefox: launchFirefox };

const routes = {
  "/slow-worker": { body: page, headers: { "content-security-policy": "worker-src 'self'" } },
  "/dist/skill-log-worker.js": {
    body: readFileSync(new URL("../../dist/skill-log-worker.js", import.meta.url)),
    delay: SLOW,
  },
};

/** When a page becomes busy after it has called `append`. */
const moments = { "at once": null, "in the next task": 0, "a moment later": 20 };

for (const [name, launch] of Object.entries(browsers)) {
  test(`appends in ${name} when the page or its worker stalls`, { skip: undrivable }, async (t) => {
    const url = await serveSteps(t, routes);
    const browser = await launch();
    t.after(browser.close);

    for (const [when, delay] of Object.entries(moments)) {
      await t.test(
        `appends when the page is busy ${when}, while its first or second worker starts`,
        async () => {
          const tab = await browser.open(`${url}/page`);
          for (const message of ["first", "again"]) {
            const [{ error, bytes }] = await tab.evaluate(
              appendAndBeBusy,
              when,
              message,
              delay,
              SLOW,
            );
            assert.equal(error, undefined);
            assert.ok(bytes > 0);
            // A worker with nothing to do ends.
            await tab.evaluate(() =>
              ["freeze", "resume"].forEach((type) => globalThis.dispatchEvent(new Event(type))),
            );
          }
          assert.deepEqual((await step(tab, "read", when)).messages, ["first", "again"]);
          await tab.close();
        },
      );
    }

    await t.test(
      "appends when the worker's file, which the page's policy requires, comes slowly",
      async () => {
        const tab = await browser.open(`${url}/slow-worker`);
        const [{ time, error }] = await step(tab, "append", "slow", "first");
        assert.equal(error, undefined);
        assert.ok(time >= SLOW, "the worker was not slow");
        await tab.close();
      },
    );

    if (!browser.freeze) return;
    await t.test("appends the waiting entries when a frozen page is thawed", async (t) => {
      const tab = await browser.open(`${url}/page`);
      await step(tab, "append", "frozen", "first");
      // Four entries fit into a batch.
      await tab.evaluate(
        () =>
          void (globalThis.results = globalThis.steps.appendLong("frozen", "long", 16, 4 << 20)),
      );
      await browser.freeze?.(tab);
      await pause(SLOW);
      await browser.thaw?.(tab);
      /** @type {{ error?: { code: string } }[]} */
      const results = await tab.evaluate(() => globalThis.results);
      const codes = results.map(({ error }) => error?.code ?? "appended");
      t.diagnostic(`${codes}`);
      assert.ok(!codes.includes("BUSY"), `${codes}`);
      assert.deepEqual(codes.slice(-8), Array(8).fill("appended"));
      await tab.close();
    });
  });
}

/**
 * Appends an entry, and keeps the page busy for a while.
 *
 * @param {string} dir
 * @param {string} message
 * @param {number | null} delay until the page is busy, in milliseconds; null: in the same task
 * @param {number} time how long the page is busy, in milliseconds
 */
async function appendAndBeBusy(dir, message, delay, time) {
  const appending = globalThis.steps.append(dir, message);
  // The step has called `append` after these turns.
  for (let i = 0; i < 3; i += 1) await null;
  if (delay !== null) await new Promise((done) => setTimeout(done, delay));
  for (const end = performance.now() + time; performance.now() < end; );
  return appending;
}
