// Fails each call of the file system in turn, in every kind of work, with each error it may have.

import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FailingFs, faults } from "./failed-calls/failing-fs.js";
import { archives } from "./failed-calls/archives.js";
import { exports } from "./failed-calls/exports.js";
import { workloads as inProcess } from "./failed-calls/workloads.js";
import { World } from "./failed-calls/world.js";

const workloads = [...inProcess, ...exports, ...archives];

/** The most calls of a workload. It is fixed, so that a number alone says what its case is. */
const MOST_CALLS = 512;

/** A prime: it leads from a case to another kind of case, and through all of them. */
const STRIDE = 7919;

const CASES = MOST_CALLS * workloads.length * faults.length;

/**
 * Returns what a case is: which workload, which fault, and at which call.
 *
 * @param {number} seed
 * @param {number} number
 */
function caseOf(seed, number) {
  let rest = (number * STRIDE + seed) % CASES;
  const workload = workloads[rest % workloads.length];
  rest = Math.floor(rest / workloads.length);
  const fault = faults[rest % faults.length];
  return { workload, fault, nth: 1 + Math.floor(rest / faults.length) };
}

/** @type {import("./row.js").Row} */
export const row = {
  name: "failed-calls",
  about:
    "Fails each file call in turn in every kind of work, with seven errors, once or from then on, and shortens reads and writes",
  counts: "runs with a failed call",
  short: 100,
  full: 1_000_000,
  async open(seed) {
    const base = fs.mkdtempSync(join(tmpdir(), "skill-log-failed-calls-"));
    const calls = new FailingFs(base);
    /**
     * Runs a workload.
     *
     * @param {number} number
     * @returns {Promise<import("./row.js").Outcome | number>} 0 when no call failed
     */
    const run = async (number) => {
      const { workload, fault, nth } = caseOf(seed, number);
      if (nth > (known.get(`${workload.name}/${fault.name}`) ?? MOST_CALLS)) return 0;
      const folder = fs.mkdtempSync(join(base, "case-"));
      const world = new World(folder, calls, { seed, isHarmless: fault.isHarmless ?? false });
      try {
        await workload.prepare?.(world);
        calls.fail(fault, nth);
        await workload.act(world);
        calls.lift();
        const fired = calls.fired.length;
        await workload.check?.(world);
        await world.check();
        // A fault that lasts hits each attempt of a caller that tries again.
        return fired > 0 ? { units: 1, met: { "failed calls": fired } } : 0;
      } catch (error) {
        const at = `${workload.name}, ${fault.name} at call ${nth} (${calls.fired.slice(0, 3)})`;
        throw new Error(`${at}: ${reasonOf(error)}`, { cause: error });
      } finally {
        calls.lift();
        fs.rmSync(folder, { recursive: true, force: true });
      }
    };
    /** How many calls a fault may hit, so that no workload runs in vain. @type {Map<string, number>} */
    const known = new Map();
    for (const workload of workloads) {
      const folder = fs.mkdtempSync(join(base, "count-"));
      const world = new World(folder, calls, { seed, isHarmless: true });
      await workload.prepare?.(world);
      calls.fail({ name: "none", kinds: [] }, 1);
      await workload.act(world);
      for (const { name, kinds } of faults) {
        const count = kinds.reduce((sum, kind) => sum + (calls.counts.get(kind) ?? 0), 0);
        assert.ok(count < MOST_CALLS, `${workload.name} makes ${count} calls`);
        known.set(`${workload.name}/${name}`, count);
      }
      calls.lift();
      await workload.check?.(world);
      await world.check();
    }
    return {
      cases: CASES,
      run,
      async close() {
        calls.remove();
        fs.rmSync(base, { recursive: true, force: true });
      },
    };
  },
};

/** @param {unknown} error */
function reasonOf(error) {
  const { message, cause } = /** @type {Error} */ (error);
  return cause instanceof Error ? `${message}: ${cause.name}: ${cause.message}` : message;
}
