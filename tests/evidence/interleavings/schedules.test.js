// Orders of steps are enumerated without a gap.

import assert from "node:assert/strict";
import test from "node:test";

import { Orders } from "./schedules.js";

/**
 * Counts the orders of processes whose steps touch something.
 *
 * @param {string[][]} processes for each step what it writes; it reads what starts with "r"
 * @param {number} [limit]
 */
function ordersOf(processes, limit) {
  const orders = new Orders(limit);
  /** @type {string[]} */
  const found = [];
  while (!orders.isDone) {
    const at = processes.map(() => 0);
    const run = {
      enabled: () => [...at.keys()].filter((each) => at[each] < processes[each].length),
      touched(/** @type {number} */ process) {
        const what = processes[process][at[process]];
        return what.startsWith("r")
          ? { reads: [what.slice(1)], writes: [] }
          : { reads: [], writes: [what] };
      },
      step: (/** @type {number} */ process) => void (at[process] += 1),
      finish() {},
    };
    const order = orders.next(/** @type {any} */ (run));
    if (order) found.push(order.join(""));
  }
  assert.equal(new Set(found).size, found.length);
  return found;
}

const steps = (/** @type {number} */ count, what = "x") => new Array(count).fill(what);

test("runs every order when all steps touch the same", () => {
  assert.equal(ordersOf([steps(4), steps(4)]).length, 70);
  assert.equal(ordersOf([steps(4), steps(4), steps(4)]).length, 34_650);
});

test("runs a single order when no steps touch the same, or all only read", () => {
  assert.equal(ordersOf([steps(4, "x"), steps(4, "y"), steps(4, "z")]).length, 1);
  assert.equal(ordersOf([steps(4, "rx"), steps(4, "rx")]).length, 1);
});

test("runs each order of the steps that touch the same when others do not", () => {
  assert.equal(ordersOf([["a", "x", "b"], ["c", "x", "d"], ["x"]]).length, 6);
});

test("leaves a process at most so often when there is a limit", () => {
  assert.deepEqual(ordersOf([steps(2), steps(2)], 0).sort(), ["0011", "1100"]);
  assert.equal(ordersOf([steps(2), steps(2)], 1).length, 4);
  assert.equal(ordersOf([steps(2), steps(2)], 3).length, 6);
});
