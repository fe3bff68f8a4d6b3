// A log of 4 GB in a tab: it opens, the page answers meanwhile, and its memory stays bounded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { descendants, holdsPages, watchMemory } from "../../bench/browser/processes.js";
import { logOf } from "../../bench/logs.js";
import { launch, undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { drop } from "./disk.js";
import { serve } from "./server.js";

/** How far the memory of the tab's process may rise above what it was when the package was there, in bytes. */
const LARGEST_RISE = 150e6;

/** How long the page may not answer, in milliseconds: much longer than it takes, for machines that have other things to do. */
const LONGEST_SILENCE = 200;

/** How the file comes to the page; Firefox cannot be told to drop something. */
const ways = {
  Chromium: (tab, path) => drop(tab, path),
  Firefox: (tab, path) => tab.setFiles("input", path),
};

/** What the log holds: 16 times the same, which is small enough to be read whole. */
function expected() {
  const { path, entries } = logOf(256);
  const bytes = readFileSync(path);
  const lines = bytes.subarray(bytes.length - 16e6).toString().trimEnd().split("\n").slice(-100);
  const last = lines.map((line) => JSON.parse(line));
  // No two entries have the same.
  const rare = last[50].timestamp;
  assert.equal(bytes.indexOf(rare), bytes.lastIndexOf(rare));
  const rowsOf = (/** @type {number} */ row) => Array.from({ length: 16 }, (_, i) => i * entries + row);
  return { entries: 16 * entries, bytes: 16 * bytes.length, last, rare, rareRows: rowsOf(entries - 50), firstRows: rowsOf(0), first: JSON.parse(firstLine(bytes)) };
}

/** @param {Buffer} bytes */
function firstLine(bytes) {
  return bytes.subarray(0, bytes.indexOf(0x0a)).toString();
}

test("a log of 4 GB", { skip: undrivable }, async (t) => {
  const { path } = logOf(4096);
  const log = expected();
  const { code } = await bundle(fileURLToPath(new URL("page/huge-file.js", import.meta.url)));
  const server = await serve({ "/": '<!doctype html><title>huge</title><script type="module" src="/page.js"></script>', "/page.js": code });
  t.after(server.close);
  for (const [name, give] of Object.entries(ways)) {
    await t.test(name, async (t) => {
      const { open, close } = await launch[/** @type {keyof typeof launch} */ (name)]();
      t.after(close);
      const tab = await open(`${server.url}/`);
      await pause(1000);
      const rise = watchMemory(descendants().filter(holdsPages));
      await give(tab, path);

      const step = async (/** @type {string} */ what, /** @type {unknown[]} */ ...args) => {
        const { gave, silence, time } = await tab.evaluate((what, args) => globalThis.doStep(what, ...args), what, args);
        t.diagnostic(`${what}: ${(time / 1000).toFixed(2)} s, ${silence.toFixed(0)} ms without an answer, ${(rise() / 1e6).toFixed(0)} MB more`);
        assert(silence < LONGEST_SILENCE, `${what}: the page did not answer for ${silence} ms`);
        return gave;
      };
      assert.deepEqual(await step("last"), log.last);
      assert.deepEqual(await step("index"), { length: log.entries, bytes: log.bytes, damaged: 0, pending: null, isToldOften: true });
      assert.deepEqual(await step("search", log.rare), log.rareRows);
      assert.deepEqual(await step("entries", log.firstRows), log.firstRows.map(() => log.first));
      assert.deepEqual(await step("entries", [log.entries - 1, 0]), [log.last[99], log.first]);
      assert(rise() <= LARGEST_RISE, `its memory rose by ${rise()} bytes`);
      assert.deepEqual(await tab.takeErrors(), []);
    });
  }
});
