// What is shared, read row by row and handed to the worker of sharing.

import { workerUrl } from "../app/worker-url.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Format, Seen } from "./sharing-worker.js" */

/** How many bytes of entries a page holds. More of them go out as a page and a log. */
export const MOST_IN_PAGE = 20_000_000;

/** A worker that does one thing after another. */
class Work {
  #worker = new Worker(/** @type {any} */ (workerUrl("sharing-worker.js")), { type: "module" });

  /**
   * @param {string} name of what it does
   * @param {object} [given]
   * @returns {Promise<any>}
   */
  do(name, given = {}) {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) =>
        "failure" in data ? reject(new Error(data.failure)) : resolve(data.result);
      this.#worker.onerror = ({ message }) =>
        reject(new Error(message || "a worker did not start"));
      this.#worker.postMessage({ name, given });
    });
  }

  end() {
    this.#worker.terminate();
  }
}

/**
 * Looks at rows: which fields they have, and which secrets.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows in their order
 * @param {{ signal: AbortSignal, onProgress: (entries: number) => void }} options
 * @returns {Promise<Seen & { bytes: number }>}
 */
export async function lookedAt(index, rows, { signal, onProgress }) {
  const work = new Work();
  let bytes = 0;
  try {
    for await (const lines of index.lines(rows, { signal })) {
      bytes += lines.length;
      onProgress(await work.do("look", { lines }));
    }
    return { ...(await work.do("seen")), bytes };
  } finally {
    work.end();
  }
}

/**
 * Writes rows as they go out.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows in their order
 * @param {{ format: Format, unmasked: string[], leftOut: string[], signal: AbortSignal }} options
 * @returns {Promise<{ parts: Blob[], masked: Record<string, number> }>} `masked` is how many secrets of
 *   each family were
 */
export async function written(index, rows, { format, unmasked, leftOut, signal }) {
  const work = new Work();
  /** @type {Blob[]} */
  const parts = [];
  try {
    for await (const lines of index.lines(rows, { signal }))
      parts.push(new Blob([await work.do("write", { lines, format, unmasked, leftOut })]));
    if (format === "html") parts.push(new Blob([await work.do("end")]));
    return { parts, masked: await work.do("masked") };
  } finally {
    work.end();
  }
}
