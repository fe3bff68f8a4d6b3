// A page that opens a log its user drops or chooses, and does what a viewer does with it.

import { SessionLog } from "skill-log";

import { startHeart } from "../../../bench/browser/page/heartbeat.js";

/** @type {Promise<File>} */
const given = new Promise((done) => {
  document.body.innerHTML = '<input type="file">';
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    done(event.dataTransfer.files[0]);
  });
  document.querySelector("input").addEventListener("change", ({ target }) => done(target.files[0]));
});

/** Milliseconds from which on a silence is told of. */
const SILENCE = 20;

/** @type {import("skill-log").LogIndex} */
let index;

const steps = {
  nothing: (time) => new Promise((done) => setTimeout(done, time)),

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
    let told = 0;
    index = await log.index({ onProgress: () => (told += 1) });
    const { length, bytes, damaged, pending } = index;
    return { length, bytes, damaged, pending, isToldOften: told > bytes / 2 ** 26 };
  },

  search: async (text) => [...(await index.search(text))],

  entries: (rows) => index.entries(Uint32Array.from(rows)),
};

/**
 * Does a step, and tells for how long it took, and when the page did not answer meanwhile, in milliseconds.
 *
 * @param {keyof typeof steps} name
 * @param {...unknown} args
 */
globalThis.doStep = async (name, ...args) => {
  const start = performance.now();
  /** @type {{ from: number, to: number }[]} */
  const silences = [];
  const stopHeart = startHeart((from, to) => {
    if (to - from >= SILENCE)
      silences.push({ from: performance.timeOrigin + from, to: performance.timeOrigin + to });
  });
  const gave = await steps[name](...args);
  stopHeart();
  return { gave, silences, time: performance.now() - start };
};
