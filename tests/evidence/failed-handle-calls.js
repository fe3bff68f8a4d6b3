// Fails each call of the browser's handles in turn, in Chromium and in Firefox.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "../browser/browsers.js";
import { bundle } from "../browser/bundle.js";
import { serve } from "../browser/server.js";

/** @import { Tab } from "../browser/browsers.js" */

const browsers = /** @type {const} */ (["Chromium", "Firefox"]);

/** The most calls of a workload. It is fixed, so that a number alone says what its case is. */
const MOST_CALLS = 256;

/** A prime: it leads from a case to another kind of case, and through all of them. */
const STRIDE = 7919;

/** Starts the worker of the page. Runs in the page. */
function startWorker() {
  const worker = new globalThis.Worker("/worker.js", { type: "module" });
  const answer = () =>
    new Promise((done, failed) => {
      worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : done(data));
      worker.onerror = ({ message }) => failed(new Error(message));
    });
  Object.assign(globalThis, {
    run(/** @type {object} */ of) {
      const answered = answer();
      worker.postMessage(of);
      return answered;
    },
  });
  return answer();
}

/** @type {import("./row.js").Row} */
export const row = {
  name: "failed-handle-calls",
  about:
    "Fails each call of OPFS handles in turn in every kind of work, with seven errors, and shortens reads and writes, in Chromium and Firefox",
  counts: "runs with a failed call",
  short: 40,
  full: 1_000_000,
  code: ["tests/evidence/failed-handle-calls"],
  skip: () => undrivable,
  async open(seed) {
    const path = fileURLToPath(new URL("failed-handle-calls/worker.js", import.meta.url));
    const { code } = await bundle(path);
    const server = await serve({ "/worker.js": code, "/tab": "<!doctype html><title>tab</title>" });
    /** @type {{ close(): Promise<void> }[]} */
    const opened = [server];
    /** @type {{ name: string, tab: Tab }[]} */
    const tabs = [];
    let kinds = { faults: 0, workloads: 0 };
    for (const name of browsers) {
      const browser = await launch[name]();
      opened.unshift(browser);
      const tab = await browser.open(`${server.url}/tab`);
      kinds = await tab.evaluate(startWorker);
      tabs.push({ name, tab });
    }
    const cases = MOST_CALLS * kinds.faults * kinds.workloads * tabs.length;
    /** How many calls a fault may hit, once that is known. @type {Map<string, number>} */
    const known = new Map();
    return {
      cases,
      async run(number) {
        let rest = (number * STRIDE + seed) % cases;
        const take = (/** @type {number} */ count) => {
          const taken = rest % count;
          rest = Math.floor(rest / count);
          return taken;
        };
        const { name, tab } = tabs[take(tabs.length)];
        const [workload, fault] = [take(kinds.workloads), take(kinds.faults)];
        const kind = `${name} ${workload} ${fault}`;
        const nth = 1 + rest;
        if (nth > (known.get(kind) ?? MOST_CALLS)) return 0;
        const of = { workload, fault, nth, dir: `case-${number}` };
        const run = (/** @type {object} */ of) => /** @type {any} */ (globalThis).run(of);
        /** @type {{ fired: string[], calls: number }} */
        const { fired, calls } = await tab.evaluate(run, of);
        // A fault that lasts hits each attempt of a caller that tries again.
        if (fired.length > 0) return { units: 1, met: { "failed calls": fired.length } };
        // No call failed, so no later one can.
        assert.ok(calls < MOST_CALLS, `${kind} makes ${calls} calls`);
        known.set(kind, calls);
        return 0;
      },
      async close() {
        for (const each of opened) await each.close();
      },
    };
  },
};
