// Measures the tasks of the page's main thread, from Chromium's trace.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { say } from "../../scripts/command.js";
import { folder } from "../scratch.js";

/** @typedef {import("../../tests/browser/browsers.js").Tab} Tab */

/** Tasks, and the marks that pages make. */
const CATEGORIES = ["disabled-by-default-devtools.timeline", "blink.user_timing"];

/** What marks the page's thread. Chromium has pages of its own, such as that of its address bar. */
const MARK = "bench: this page";

/** Where the time goes, for people who open the trace in DevTools. */
const MORE = [
  "__metadata",
  "devtools.timeline",
  "v8.execute",
  "disabled-by-default-v8.cpu_profiler",
];

/**
 * Starts to watch the tasks of a page's main thread.
 *
 * @param {Tab} tab
 * @param {string | null} name of the trace to keep; null: none is kept
 * @returns {Promise<() => Promise<{ blocked: number, busy: number }>>} ends that. Returns the longest
 *   task in milliseconds: by the clock, and in time of the processor, which other programs do not
 *   lengthen
 */
export async function watchTasks({ page }, name) {
  const session = await page.createCDPSession();
  /** @type {any[]} */
  const events = [];
  session.on("Tracing.dataCollected", (/** @type {{ value: any[] }} */ { value }) => {
    for (const event of value) events.push(event);
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: name === null ? CATEGORIES : [...CATEGORIES, ...MORE] },
  });
  return async () => {
    await page.evaluate((/** @type {string} */ mark) => void performance.mark(mark), MARK);
    const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await complete;
    await session.detach();
    if (name !== null) keep(name, events);
    return longestOf(events);
  };
}

/**
 * @param {string} name
 * @param {object[]} events
 */
function keep(name, events) {
  const path = join(folder, `${name}.trace.json`);
  writeFileSync(path, JSON.stringify({ traceEvents: events }));
  say(`DevTools opens ${path}`);
}

/**
 * Returns the longest task of the thread that has the mark. Times are in microseconds.
 *
 * @param {{ name: string, pid: number, tid: number, dur?: number, tdur?: number }[]} events
 */
function longestOf(events) {
  const marked = events.find(({ name }) => name === MARK);
  if (!marked) throw new Error("the trace has no mark of the page");
  let [blocked, busy] = [0, 0];
  for (const event of events) {
    const isOwn = event.pid === marked.pid && event.tid === marked.tid;
    if (event.name !== "RunTask" || !isOwn) continue;
    blocked = Math.max(blocked, (event.dur ?? 0) / 1000);
    busy = Math.max(busy, (event.tdur ?? 0) / 1000);
  }
  return { blocked, busy };
}
