// Runs the bench's jobs in the page, one at a time.

import { append } from "./append.js";
import { copyTo, fileHandle, givenFile } from "./files.js";
import { startHeart } from "./heartbeat.js";
import { index } from "./index.js";
import { open } from "./open.js";
import { read } from "./read.js";
import { sessions } from "./sessions.js";

/**
 * One run. `run` may return figures that it measured itself. `end` returns the number of entries.
 *
 * @typedef {{ run: () => Promise<Record<string, number> | void>, end: () => Promise<number> }} Work
 */

/** @type {Record<string, (way: string, facts: any) => Promise<Work>>} */
const jobs = { append, index, open, read, sessions };

/** @type {Work} */
let work;

globalThis.bench = {
  /** Copies the file given to the page to the OPFS. @param {string} dir @param {string} name */
  keep: async (dir, name) => copyTo(await fileHandle(dir, name), givenFile()),

  /** Prepares a run. @param {string} job @param {string} way @param {object} facts */
  async start(job, way, facts) {
    work = await jobs[job](way, facts);
  },

  /** Returns the milliseconds it took and the longest block, or the error that ended it. */
  async run() {
    const stop = startHeart();
    const start = performance.now();
    try {
      const figures = await work.run();
      const time = performance.now() - start;
      return { time, blocked: stop(), ...figures };
    } catch (error) {
      stop();
      return { error: error instanceof Error ? error.name : String(error), message: String(error) };
    }
  },

  end: () => work.end(),
};
