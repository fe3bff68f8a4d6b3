// A page that opens a log that its user drops or chooses, and uses it as a viewer does.

import { SessionLog } from "skill-log";

import { startHeart } from "../../../bench/browser/page/heartbeat.js";

/** @type {Promise<File>} */
const given = new Promise((done) => {
  document.body.innerHTML = '<input type="file">';
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    done(/** @type {DataTransfer} */ (event.dataTransfer).files[0]);
  });
  const input = /** @type {HTMLInputElement} */ (document.querySelector("input"));
  input.addEventListener("change", () => done(/** @type {FileList} */ (input.files)[0]));
});

/** The shortest silence that is reported, in milliseconds. */
const SILENCE = 20;

/** @type {import("skill-log").LogIndex} */
let index;

const steps = {
  nothing: (/** @type {number} */ time) => new Promise((done) => setTimeout(done, time)),

  async last() {
    const log = await SessionLog.from(await given);
    const last = [];
    for await (const { entry } of log.records({ reverse: true })) {
      last.push(entry);
      if (last.length === 100) break;
    }
    return last.reverse();
  },

  async index() {
    const log = await SessionLog.from(await given);
    let reports = 0;
    index = await log.index({ onProgress: () => (reports += 1) });
    const { length, bytes, damaged, pending } = index;
    return { length, bytes, damaged, pending, isReportedOften: reports > bytes / 2 ** 26 };
  },

  search: async (/** @type {string} */ text) => [...(await index.search(text))],

  entries: (/** @type {number[]} */ rows) => index.entries(Uint32Array.from(rows)),
};

/**
 * Does a step, and reports how long it took and when the page did not answer, in milliseconds.
 *
 * @param {string} name of a step
 * @param {...any} args
 */
globalThis.doStep = async (name, ...args) => {
  const start = performance.now();
  /** @type {{ from: number, to: number }[]} */
  const silences = [];
  const stopHeart = startHeart((from, to) => {
    if (to - from >= SILENCE)
      silences.push({ from: performance.timeOrigin + from, to: performance.timeOrigin + to });
  });
  const result = await /** @type {Record<string, (...args: any[]) => unknown>} */ (steps)[name](
    ...args,
  );
  stopHeart();
  return { result, silences, time: performance.now() - start };
};
