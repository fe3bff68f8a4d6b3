// Asks the worker of entries, one question at a time, and ends it when it takes too long.

import { workerUrl } from "../app/worker-url.js";

/** @import { WORK } from "./entry-worker.js" */

/** How long a question may take, in milliseconds. */
const LIMIT = 4000;

/** Why there is no answer: the worker took too long. */
export class TookTooLong extends Error {}

/** @type {Worker | null} */
let worker = null;

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Has the worker do something.
 *
 * @template {keyof typeof WORK} Name
 * @param {Name} name
 * @param {Parameters<(typeof WORK)[Name]>[0]} given
 * @param {AbortSignal} [signal] an aborted question is not asked
 * @returns {Promise<Awaited<ReturnType<(typeof WORK)[Name]>>>}
 * @throws {TookTooLong}
 */
export function asked(name, given, signal) {
  const answer = last.then(() => {
    signal?.throwIfAborted();
    return answered(name, given);
  });
  last = answer.catch(() => {});
  return answer;
}

/**
 * @param {string} name
 * @param {object} given
 * @returns {Promise<any>}
 */
function answered(name, given) {
  return new Promise((resolve, reject) => {
    worker ??= new Worker(/** @type {any} */ (workerUrl("entry-worker.js")), { type: "module" });
    const current = worker;
    const end = () => {
      clearTimeout(timer);
      current.onmessage = current.onerror = null;
    };
    const stop = (/** @type {Error} */ error) => {
      end();
      current.terminate();
      worker = null;
      reject(error);
    };
    const timer = setTimeout(() => stop(new TookTooLong("it took too long")), LIMIT);
    current.onmessage = ({ data }) => {
      end();
      if ("failure" in data) reject(new Error(data.failure));
      else resolve(data.result);
    };
    current.onerror = (event) => stop(new Error(event.message || "the worker did not start"));
    current.postMessage({ name, given });
  });
}
