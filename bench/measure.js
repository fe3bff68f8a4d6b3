// Runs the contenders of a row side by side, so that whatever else the machine does meets them alike.

import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * A row: work that one contender, the package, does beside its peers.
 *
 * @typedef {object} Row
 * @property {string} name group/row
 * @property {string} title
 * @property {number} rounds how many are enough for a steady median
 * @property {(scale: Scale) => Job | Promise<Job>} setUp
 */

/** `quick` work is a tenth. @typedef {{ quick: boolean }} Scale */

/**
 * @typedef {object} Job
 * @property {string} unit
 * @property {(time: number) => number} [value] makes what a run measured, in ms or its own unit, a value in `unit`
 * @property {Contender[]} contenders the package first
 * @property {() => unknown} [end] after the last run: closes what they shared
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Run | Promise<Run>} start makes one run ready; not measured
 * @property {number} [atLeast] for a peer: how many times as fast the package must be
 * @property {number} [atMost] for the package: what its value must not exceed
 * @property {boolean} [process] whether each run is a process of its own, which no round before it can warm up
 * @property {boolean} [lesser] for a peer: whether it does a lesser job, and is there for scale
 * @property {string} [impossible] the code of the error that keeps a peer from doing the work at all
 */

/**
 * One run. What `run` gives, where it gives a number or figures, is what it measured itself; its time counts otherwise.
 *
 * @typedef {{ run: () => unknown, end?: () => void | Promise<void> }} Run
 */

/** What one run measured, where that is more than one thing. */
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
 * @property {number[]} values one a round, in the job's unit
 * @property {Spread} [value]
 * @property {Spread} [ratio] for a peer: its time by the package's, round by round
 * @property {boolean} [lesser]
 * @property {string} [impossible] instead of values: why there are none
 * @property {string} [required]
 * @property {boolean} [reached]
 */

// A full collection before each run, so that none pays for another's garbage. Node has it behind a flag alone.
setFlagsFromString("--expose-gc");
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
 * Runs each contender once a round.
 *
 * @param {Pick<Job, "contenders" | "end">} job
 * @param {number} rounds
 * @returns {Promise<unknown[][]>} what each contender's runs measured
 */
export async function measuredRuns({ contenders, end }, rounds) {
  /** @type {unknown[][]} */
  const measured = contenders.map(() => []);
  // Round 0 warms up: code is compiled, files are cached.
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
 * Sets what each contender measured beside what the first of them did, the package.
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
  // What was collected is swept by other threads, for a while after.
  await pause(50);
  const before = performance.now();
  let result = run();
  // Awaiting what is no promise would still wait for the microtask queue.
  if (result instanceof Promise) result = await result;
  const time = performance.now() - before;
  try {
    await end?.();
  } catch (error) {
    throw new Error(`${name} did not do its work`, { cause: error });
  }
  return typeof result === "number" || result instanceof Figures ? result : time;
}

/**
 * Throws where a contender that could not do its work has learnt to.
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
  throw new Error(`${name} was to fail with ${code}, and did its work`);
}

/**
 * @param {number} found
 * @param {{ atLeast?: number, atMost?: number }} wanted
 */
function requirement(found, { atLeast, atMost }) {
  if (atLeast !== undefined) return { required: `≥ ${atLeast} ×`, reached: found >= atLeast };
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
