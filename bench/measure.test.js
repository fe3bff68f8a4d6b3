// Checks the ratios, and the order of the runs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Figures, measuredRuns, results } from "./measure.js";

test("divides the peer's figure by the package's figure of the same round", () => {
  const [ours, peer] = results(
    { contenders: [named("package"), named("peer", { atLeast: 2 })], value: (time) => 100 / time },
    [
      [1, 2, 10],
      [3, 4, 40],
    ],
  );
  assert.deepEqual(ours.values, [100, 50, 10]);
  assert.equal(ours.ratio, undefined);
  assert.deepEqual(peer.ratio, { low: 2.5, median: 3, high: 3.5 });
  assert.deepEqual([peer.required, peer.reached], ["≥ 2 ×", true]);
});

test("lets the package take several times a peer's time when its ratio is below 1", () => {
  const job = { contenders: [named("package"), named("peer", { atLeast: 1 / 1.5 })] };
  const [, within] = results(job, [[3], [2.1]]);
  const [, beyond] = results(job, [[3], [1.9]]);
  assert.deepEqual([within.required, within.reached], ["≥ 0.667 ×", true]);
  assert.equal(beyond.reached, false);
});

test("compares the package's own value when the row has a limit", () => {
  const [within] = results({ contenders: [named("package", { atMost: 2 })] }, [[1, 2, 10]]);
  const [above] = results({ contenders: [named("package", { atMost: 1.9 })] }, [[1, 2, 10]]);
  assert.deepEqual([within.required, within.reached, above.reached], ["≤ 2", true, false]);
});

test("runs contenders in turn, after a warm-up run of each that is no process", async () => {
  /** @type {string[]} */
  const order = [];
  const contender = (/** @type {string} */ name, /** @type {object} */ about) => ({
    ...named(name, about),
    start: () => ({ run: () => (order.push(name), new Figures({ place: order.length })) }),
  });
  const runs = await measuredRuns(
    { contenders: [contender("a", {}), contender("b", {}), contender("c", { process: true })] },
    2,
  );
  assert.equal(order.join(""), "ab" + "bca" + "cab");
  assert.deepEqual(
    runs.map((each) => each.map((run) => /** @type {any} */ (run).place)),
    [
      [5, 7],
      [3, 8],
      [4, 6],
    ],
  );
});

test("runs a peer once when it cannot do the work, and expects its error", async () => {
  const failing = (/** @type {string} */ code) => ({
    ...named("peer", { impossible: "TOO_LONG" }),
    start: () => ({ run: () => Promise.reject(Object.assign(new Error(code), { code })) }),
  });
  assert.deepEqual(await measuredRuns({ contenders: [failing("TOO_LONG")] }, 2), [[]]);
  await assert.rejects(measuredRuns({ contenders: [failing("OTHER")] }, 2), { code: "OTHER" });
});

/**
 * @param {string} name
 * @param {object} [about]
 */
function named(name, about) {
  return { name, start: () => ({ run() {} }), ...about };
}
