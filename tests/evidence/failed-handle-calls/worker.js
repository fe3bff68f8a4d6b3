// Runs cases in a worker of a page, because only a worker has exclusive handles.

import { faults, FailingHandles } from "./failing-handles.js";
import { workloads } from "./workloads.js";
import { World } from "./world.js";

/** @typedef {{ workload: number, fault: number, nth: number, dir: string }} Case */

const handles = new FailingHandles();

/**
 * Runs a case.
 *
 * @param {Case} of
 * @returns {Promise<{ fired: string[], calls: number }>}
 */
async function run({ workload, fault, nth, dir }) {
  const { name, start, act } = workloads[workload];
  const world = await World.make(dir, start);
  try {
    handles.fail(faults[fault], nth);
    await act(world);
    const calls = handles.count;
    const fired = [...handles.fired];
    handles.lift();
    await world.check();
    return { fired, calls };
  } catch (error) {
    handles.lift();
    const at = `${name}, ${faults[fault].name} at call ${nth} (${handles.fired.slice(0, 3)})`;
    throw new Error(`${at}: ${/** @type {Error} */ (error).stack}`, { cause: error });
  } finally {
    handles.lift();
    await world.remove();
  }
}

globalThis.addEventListener("message", async ({ data }) => {
  try {
    globalThis.postMessage(await run(data));
  } catch (error) {
    globalThis.postMessage({ error: String(/** @type {Error} */ (error).message) });
  }
});

globalThis.postMessage({ faults: faults.length, workloads: workloads.length });
