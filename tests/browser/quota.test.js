// The fault: the origin has used up its quota. An append that does not fit rejects, and reports how
// much of it is in the file.

import assert from "node:assert/strict";
import test from "node:test";

import { undrivable } from "./browsers.js";
import { launchChromium, launchFirefox } from "./everyday-browsers.js";
import { serveSteps, step } from "./step-pages.js";

/** @import { Tab } from "./browsers.js" */

/** Bytes granted. Chromium is not exact with less. */
const QUOTA = 8 << 20;

const browsers = {
  Chromium: { launch: () => launchChromium(), grant },
  // In KiB.
  Firefox: {
    launch: () =>
      launchFirefox({ prefs: { "dom.quotaManager.temporaryStorage.fixedLimit": QUOTA >> 10 } }),
    grant: null,
  },
};

for (const [name, { launch, grant }] of Object.entries(browsers)) {
  test(`rejects with QUOTA_EXCEEDED in ${name} when the storage is full, and then goes on`, {
    skip: undrivable,
  }, async (t) => {
    const url = await serveSteps(t);
    const browser = await launch();
    t.after(browser.close);
    const other = await browser.open(`${url}/worker`);
    await grant?.(other, url, QUOTA);

    for (const room of ["page", "worker"]) {
      const tab = await browser.open(`${url}/${room}`);
      const dir = `q ${room}`;
      /** The messages that the log must hold. @type {string[]} */
      const messages = [];
      let torn = 0;

      /**
       * Appends, and compares the results with the file.
       *
       * @param {string} name
       * @param {number} count
       * @param {number} length
       */
      const append = async (name, count, length) => {
        const before = (await step(tab, "size", dir)) ?? 0;
        /** @type {{ bytes?: number, error?: any }[]} */
        const results = await step(tab, "appendLong", dir, name, count, length);
        let bytes = 0;
        let hasFailed = false;
        results.forEach(({ bytes: count, error }, i) => {
          bytes += count ?? error.written;
          if (count !== undefined) messages.push(`${name} ${i} `.padEnd(length, "."));
          if (!error)
            return assert.ok(!hasFailed, "an entry after one that did not fit is in the file");
          const { code, path, written, expected, cause } = error;
          assert.deepEqual(
            { code, path, cause },
            { code: "QUOTA_EXCEEDED", path: `${dir}/s.jsonl`, cause: "QuotaExceededError" },
          );
          assert.ok(
            written >= 0 && written < expected && expected > length,
            `${written} of ${expected}`,
          );
          assert.ok(!hasFailed || written === 0, "bytes were written after a cut entry");
          if (written > 0) torn += 1;
          hasFailed = true;
        });
        assert.equal(await step(tab, "size", dir), before + bytes);
        return {
          fit: results.filter(({ error }) => !error).length,
          written: results.find(({ error }) => error)?.error.written,
        };
      };
      /** Checks the log's entries, and its damage: the entries that were cut. */
      const check = async () => {
        const read = await step(tab, "read", dir);
        assert.deepEqual(read.messages.map(brief), messages.map(brief));
        assert.deepEqual(read.damage, Array(torn).fill("torn"));
      };

      let fillers = 0;
      /** Fills file after file until the quota is used up. */
      const fillUp = async () => {
        while ((await step(other, "fill", dir, `filler ${fillers++}`, 2 * QUOTA)) > 0);
      };
      const removeFillers = async () => {
        while (fillers > 0) await step(other, "remove", dir, `filler ${--fillers}`);
      };

      await t.test(`${room}: rejects an append when it does not fit`, async (t) => {
        await step(other, "fill", dir, `filler ${fillers++}`, QUOTA / 2);
        await append("small", 1, 100);
        let last;
        do last = await append("long", 1, 500_000);
        while (last.fit > 0 && messages.length < 100);
        assert.equal(last.fit, 0);
        t.diagnostic(`${messages.length} fit; of the next entry, ${last.written} bytes`);
      });

      await t.test(`${room}: appends the entries that fit when several come at once`, async (t) => {
        await removeFillers();
        await append("sealing", 1, 100);
        await check();
        await step(other, "fill", dir, `filler ${fillers++}`, QUOTA / 4);
        const { fit, written } = await append("together", 100, 90_000);
        assert.ok(fit < 100);
        t.diagnostic(`${fit} of 100 fit; of the next entry, ${written} bytes`);
        // Chromium writes all of a batch or nothing.
        assert.ok(name === "Chromium" || fit > 0);
      });

      await t.test(
        `${room}: writes nothing, and makes no new file, when the quota is used up`,
        async (t) => {
          await fillUp();
          // Chromium reserves more for a file than it needs.
          let last;
          do last = await append("too much", 3, 20_000);
          while (last.fit > 0 && messages.length < 1000);
          last = await append("too much again", 3, 20_000);
          assert.deepEqual(last, { fit: 0, written: 0 });
          const [{ error }] = await step(tab, "appendLong", `${dir} new`, "first", 1, 20_000);
          t.diagnostic(error?.message);
          const { code, path, written, expected } = error;
          assert.deepEqual(
            { code, path, written },
            { code: "QUOTA_EXCEEDED", path: `${dir} new/s.jsonl`, written: 0 },
          );
          assert.ok(expected > 20_000);
        },
      );

      await t.test(
        `${room}: appends again when files are removed${grant ? " or more is granted" : ""}`,
        async () => {
          await removeFillers();
          assert.equal((await append("again", 2, 20_000)).fit, 2);
          await check();
          const [{ error }] = await step(tab, "appendLong", `${dir} new`, "first", 1, 20_000);
          assert.equal(error, undefined);
          if (grant) {
            await fillUp();
            assert.equal((await append("too long again", 1, QUOTA)).fit, 0);
            await grant(other, url, 4 * QUOTA);
            assert.equal((await append("granted", 1, QUOTA)).fit, 1);
            await grant(other, url, QUOTA);
          }
          await removeFillers();
          await check();
          for (const each of [dir, `${dir} new`]) await step(other, "remove", each, "s.jsonl");
        },
      );
      assert.deepEqual(await tab.takeErrors(), []);
      await tab.close();
    }
  });
}

/**
 * @param {Tab} tab
 * @param {string} origin
 * @param {number} quotaSize in bytes
 */
async function grant(tab, origin, quotaSize) {
  await (await tab.page.createCDPSession()).send("Storage.overrideQuotaForOrigin", {
    origin,
    quotaSize,
  });
}

/** @param {string} message */
function brief(message) {
  return `${message.replace(/\.+$/, "")}: ${message.length} characters`;
}
