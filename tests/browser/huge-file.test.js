// A log of 4 GB in a tab: it opens, the page answers meanwhile, and its memory stays bounded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { descendants, holdsPages } from "../../bench/browser/processes.js";
import { logOf } from "../../bench/logs.js";
import { launch, undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { drop } from "./disk.js";
import { serve } from "./server.js";

/** How far the memory of the tab's process may rise while the log is used, in bytes. */
const LARGEST_RISE = 150e6;

/**
 * The longest time without an answer of the page, in milliseconds. It was at most 224 with both
 * cores busy. Only time on a processor counts, because the thread may wait for a core or for the
 * disk. That a worker makes the index is tested in elsewhere.test.js.
 */
const LONGEST_SILENCE = 500;

/**
 * How the file comes to the page: by a drop, or by the input, because Firefox's driver cannot drop.
 *
 * @type {Record<string, (tab: import("./browsers.js").Tab, path: string) => Promise<void>>}
 */
const ways = {
  Chromium: (tab, path) => drop(tab, path),
  Firefox: (tab, path) => tab.setFiles("input", path),
};

/** Returns what the log holds: 16 times a log that is small enough to be read whole. */
function expected() {
  const { path, entries } = logOf(256);
  const bytes = readFileSync(path);
  const lines = bytes
    .subarray(bytes.length - 16e6)
    .toString()
    .trimEnd()
    .split("\n")
    .slice(-100);
  const last = lines.map((line) => JSON.parse(line));
  // No two entries have the same timestamp.
  const rare = last[50].timestamp;
  assert.equal(bytes.indexOf(rare), bytes.lastIndexOf(rare));
  const rowsOf = (/** @type {number} */ row) =>
    Array.from({ length: 16 }, (_, i) => i * entries + row);
  return {
    entries: 16 * entries,
    bytes: 16 * bytes.length,
    last,
    rare,
    rareRows: rowsOf(entries - 50),
    firstRows: rowsOf(0),
    first: JSON.parse(firstLine(bytes)),
  };
}

/** @param {Buffer} bytes */
function firstLine(bytes) {
  return bytes.subarray(0, bytes.indexOf(0x0a)).toString();
}

/**
 * Watches the processes that pages run in, until the test ends.
 *
 * @param {import("node:test").TestContext} t
 */
function watch(t) {
  const watched = descendants()
    .filter(holdsPages)
    .map(({ pid }) => ({
      pid,
      start: memoryOf(pid),
      peak: 0,
      runs: [{ at: Date.now(), ran: runOf(pid) }],
    }));
  const look = () => {
    for (const each of watched) {
      each.peak = Math.max(each.peak, memoryOf(each.pid));
      each.runs.push({ at: Date.now(), ran: runOf(each.pid) });
    }
  };
  const timer = setInterval(look, 50);
  t.after(() => clearInterval(timer));
  const most = () => {
    look();
    return watched.reduce((most, each) =>
      each.peak - each.start > most.peak - most.start ? each : most,
    );
  };
  return {
    /**
     * Returns the highest rise of memory of any process, in bytes. Only the tab's process works.
     */
    rise() {
      const { peak, start } = most();
      return peak - start;
    },
    /**
     * Returns the longest silence of the page, of which only the time on a processor counts.
     *
     * @param {{ from: number, to: number }[]} silences
     */
    silence(silences) {
      const { runs } = most();
      return Math.max(
        0,
        ...silences.map(({ from, to }) => {
          const before = runs.findLast(({ at }) => at <= from) ?? runs[0];
          const after = runs.find(({ at }) => at >= to) ?? runs[runs.length - 1];
          return Math.min(to - from, after.ran - before.ran);
        }),
      );
    },
  };
}

/**
 * Returns how long a process's first thread, which runs the page, was on a processor, in
 * milliseconds.
 *
 * @param {number} pid
 */
function runOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    // A process other than the tab's has ended.
    return 0;
  }
}

/** Returns a process's memory with its part of shared memory, in bytes. @param {number} pid */
function memoryOf(pid) {
  try {
    return (
      1024 *
      Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1])
    );
  } catch {
    // A process other than the tab's has ended.
    return 0;
  }
}

test("opens, indexes and searches when a log has 4 GB", { skip: undrivable }, async (t) => {
  const { path } = logOf(4096);
  const log = expected();
  const { code } = await bundle(fileURLToPath(new URL("page/huge-file.js", import.meta.url)));
  const server = await serve({
    "/": '<!doctype html><title>huge</title><script type="module" src="/page.js"></script>',
    "/page.js": code,
  });
  t.after(server.close);
  for (const [name, give] of Object.entries(ways)) {
    await t.test(`keeps the page answering, and memory bounded, in ${name}`, async (t) => {
      const { open, close } = await launch[/** @type {keyof typeof launch} */ (name)]();
      t.after(close);
      const tab = await open(`${server.url}/`);
      await tab.evaluate(() => globalThis.doStep("nothing", 3000));
      const { rise, silence } = watch(t);
      await give(tab, path);

      const step = async (/** @type {string} */ what, /** @type {unknown[]} */ ...args) => {
        const { result, silences, time } = await tab.evaluate(
          (what, args) => globalThis.doStep(what, ...args),
          what,
          args,
        );
        const longest = silence(silences);
        t.diagnostic(
          `${what}: ${(time / 1000).toFixed(2)} s, ${longest.toFixed(0)} ms without an answer, ${(rise() / 1e6).toFixed(0)} MB more`,
        );
        assert(longest < LONGEST_SILENCE, `${what}: the page did not answer for ${longest} ms`);
        return result;
      };
      assert.deepEqual(await step("last"), log.last);
      assert.deepEqual(await step("index"), {
        length: log.entries,
        bytes: log.bytes,
        damaged: 0,
        pending: null,
        isReportedOften: true,
      });
      assert.deepEqual(await step("search", log.rare), log.rareRows);
      assert.deepEqual(
        await step("entries", log.firstRows),
        log.firstRows.map(() => log.first),
      );
      assert.deepEqual(await step("entries", [log.entries - 1, 0]), [log.last[99], log.first]);
      assert(rise() <= LARGEST_RISE, `the tab's memory rose by ${rise()} bytes`);
      assert.deepEqual(await tab.takeErrors(), []);
    });
  }
});
