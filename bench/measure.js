// Runs the contenders of a row in turn, so that other work on the machine slows them alike.

import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * A row: one piece of work, done by the package and by its peers.
 *
 * @typedef {object} Row
 * @property {string} name group/row
 * @property {string} title
 * @property {number} rounds enough for a steady median
 * @property {(scale: Scale) => Job | Promise<Job>} setUp
 */

/**
 * With `quick`, a row does a tenth of the work.
 *
 * @typedef {{ quick: boolean }} Scale
 */

/**
 * @typedef {object} Job
 * @property {string} unit
 * @property {(time: number) => number} [value] converts a run's figure, in ms or in its own unit,
 *   to `unit`
 * @property {Contender[]} contenders with the package first
 * @property {() => unknown} [end] closes what the contenders shared, after the last run
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Run | Promise<Run>} start prepares a run; its time is not measured
 * @property {number} [atLeast] for a peer: the ratio that the package must reach, such as 1 / 4
 *   where it may take four times the peer's time
 * @property {number} [atMost] for the package: the limit of its value
 * @property {boolean} [process] whether each run is a new process, which no earlier round can warm
 *   up
 * @property {boolean} [lesser] for a peer: whether it does less work, and is there for scale
 * @property {string} [impossible] the code of the error that keeps a peer from doing the work at
 *   all
 */

/**
 * One run. When `run` returns a number or figures, these are the measurement. Otherwise its time
 * is.
 *
 * @typedef {{ run: () => unknown, end?: () => void | Promise<void> }} Run
 */

/** The figures of a run that measures more than one. */
export class Figures {
  /** @param {Record<string, number>} byName */
  constructor(byName) {
    Object.assign(this, byName);
  }
}

/** @typedef {{ low: number, median: number, high: number }} Spread the median and the quartiles */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {number[]} values one per round, in the job's unit
 * @property {Spread} [value]
 * @property {Spread} [ratio] for a peer: its time divided by the package's, per round
 * @property {boolean} [lesser]
 * @property {string} [impossible] why there are no values
 * @property {string} [required]
 * @property {boolean} [reached]
 */

// For a full garbage collection before each run, so that no run pays for another's garbage. Node
// offers it only with this flag.
setFlagsFromString("--expose-gc");
// Collections drop the code of functions that were not called since several of them. A program has
// none so often.
setFlagsFromString("--no-flush-bytecode");
const collectGarbage = runInNewContext("gc");

/**
 * @param {Job} job
 * @param {number} rounds
 * @returns {Promise<Result[]>}
 */
export async function measure(job, rounds) {
  return results(job, /** @type {number[][]} */ (await measuredRuns(job, rounds)));
}

/**
 * Runs each contender once per round.
 *
 * @param {Pick<Job, "contenders" | "end">} job
 * @param {number} rounds
 * @returns {Promise<unknown[][]>} the measurements of each contender
 */
export async function measuredRuns({ contenders, end }, rounds) {
  /** @type {unknown[][]} */
  const measured = contenders.map(() => []);
  // Round 0 compiles code and caches files, so it does not count.
  for (let round = 0; round <= rounds; round++) {
    for (let place = 0; place < contenders.length; place++) {
      const turn = (round + place) % contenders.length;
      const { process, impossible } = contenders[turn];
      if (impossible) {
        if (round === 0) await fails(contenders[turn], impossible);
      } else if (round > 0 || !process) {
        const figure = await measuredRun(contenders[turn]);
        if (round > 0) measured[turn].push(figure);
      }
    }
  }
  await end?.();
  return measured;
}

/**
 * Compares the measurements of each contender with those of the first, the package.
 *
 * @param {Pick<Job, "contenders" | "value">} job
 * @param {number[][]} measured
 * @returns {Result[]}
 */
export function results({ contenders, value = (time) => time }, measured) {
  return contenders.map(({ name, atLeast, atMost, lesser, impossible }, i) => {
    const values = measured[i].map(value);
    if (impossible) return { name, values, impossible };
    const result = { name, values, value: spread(values), ...(lesser && { lesser }) };
    if (i === 0) return { ...result, ...requirement(result.value.median, { atMost }) };
    const ratio = spread(measured[i].map((time, round) => time / measured[0][round]));
    return { ...result, ratio, ...requirement(ratio.median, { atLeast }) };
  });
}

/** @param {Contender} contender */
async function measuredRun({ name, start }) {
  const { run, end } = await start();
  collectGarbage();
  // Other threads still sweep the heap for a while after the collection.
  await pause(50);
  const before = performance.now();
  let result = run();
  // Await only promises, because awaiting other values waits for the microtask queue.
  if (result instanceof Promise) result = await result;
  const time = performance.now() - before;
  try {
    await end?.();
  } catch (error) {
    throw new Error(`${name} failed the check of its work`, { cause: error });
  }
  return typeof result === "number" || result instanceof Figures ? result : time;
}

/**
 * Throws unless a contender fails with the error that it is expected to fail with.
 *
 * @param {Contender} contender
 * @param {string} code
 */
async function fails({ name, start }, code) {
  const { run } = await start();
  try {
    await run();
  } catch (error) {
    if (/** @type {any} */ (error).code === code) return;
    throw error;
  }
  throw new Error(`${name} did its work, but was expected to fail with ${code}`);
}

/**
 * @param {number} found
 * @param {{ atLeast?: number, atMost?: number }} wanted
 */
function requirement(found, { atLeast, atMost }) {
  if (atLeast !== undefined) {
    const limit = Number(atLeast.toPrecision(3));
    return { required: `≥ ${limit} ×`, reached: found >= atLeast };
  }
  if (atMost !== undefined) return { required: `≤ ${atMost}`, reached: found <= atMost };
  return {};
}

/**
 * @param {number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => {
    const place = (sorted.length - 1) * part;
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place % 1);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
