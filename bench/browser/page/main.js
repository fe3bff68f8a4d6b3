// What the bench asks of a page: one job at a time.

import { append } from "./append.js";
import { copyTo, fileHandle, givenFile } from "./files.js";
import { startHeart } from "./heartbeat.js";
import { index } from "./index.js";
import { open } from "./open.js";
import { read } from "./read.js";

/**
 * One run. What `run` gives are figures it measured itself; `end` gives how many entries it was about.
 *
 * @typedef {{ run: () => Promise<Record<string, number> | void>, end: () => Promise<number> }} Work
 */

/** @type {Record<string, (way: string, facts: any) => Promise<Work>>} */
const jobs = { append, index, open, read };

/** @type {Work} */
let work;

globalThis.bench = {
  /** Copies the file that was given to the page. @param {string} dir @param {string} name */
  keep: async (dir, name) => copyTo(await fileHandle(dir, name), givenFile()),

  /** Makes a run ready. @param {string} job @param {string} way @param {object} facts */
  async start(job, way, facts) {
    work = await jobs[job](way, facts);
  },

  /** Gives the milliseconds it took and for which the page did not answer, or the name of the error that ended it. */
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
