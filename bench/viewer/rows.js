// Lists the rows of the bench of the page in the order in which they run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Sessions } from "skill-log";

import { launch } from "../../tests/browser/browsers.js";
import { serve } from "../../tests/browser/server.js";
import { root, say } from "../../scripts/command.js";
import { descendants, holdsPages, watchPeak } from "../browser/processes.js";
import { counted } from "../counted.js";
import { sessionsOf } from "../directories.js";
import { logOf, smallLogOf } from "../logs.js";
import { Figures } from "../measure.js";
import { scratch } from "../scratch.js";
import { rareText } from "../sessions.js";
import {
  bytesRead,
  changed,
  dropped,
  emptyTab,
  garbageCollected,
  lookedAt,
  rested,
  scrolled,
  typed,
  until,
} from "./page.js";
import { watchTasks } from "./tasks.js";

/** @typedef {import("../../tests/browser/browsers.js").Browser} Browser */
/** @typedef {import("../../tests/browser/browsers.js").Tab} Tab */
/** @typedef {import("../measure.js").Contender} Contender */

/**
 * Work whose runs measure one figure or several. Each figure is a row of the table.
 *
 * @typedef {object} Runs
 * @property {number} rounds
 * @property {Figure[]} figures
 * @property {(scale: Scale) => Promise<{ bytes: number, contenders: Contender[], end?: () => unknown }>}
 *   setUp
 */

/** @typedef {{ quick: boolean, trace: boolean }} Scale `trace`: whether traces are kept */

/**
 * @typedef {object} Figure
 * @property {string} name group/row
 * @property {string} title
 * @property {string} unit
 * @property {string} of the runs' name for the figure
 * @property {(measured: number, bytes: number) => number} [value] converts the figure to `unit`;
 *   `bytes` is the size of the log
 * @property {number} [atMost] the limit of the page's value
 * @property {number} [atLeast] the ratio that the page must reach beside Node
 */

const PAGE = "/dist/viewer/index.html";

/** How long a page has to follow the logs that it listed, and to write its cache, in milliseconds. */
const SETTLE_TIME = 4000;

/**
 * How long a browser has that was just started, in milliseconds. Chromium makes pages of its own
 * then, such as that of its address bar, and a person's browser has run for a while.
 */
const START_TIME = 2000;

/** A frame at 55 frames a second, in milliseconds. */
const FRAME = 18.2;

/** Returns MB/s. @param {number} time in milliseconds @param {number} bytes */
const speed = (time, bytes) => bytes / 1_000 / time;

/**
 * The rows of one log that is dropped on the page.
 *
 * @param {string} group
 * @param {string} log what it is, for people
 * @param {string} text that is searched for: a few in 100 entries have it
 * @param {(quick: boolean) => { path: string, bytes: number, entries: number }} make
 * @returns {Runs}
 */
const ofLog = (group, log, text, make) => ({
  rounds: 3,
  figures: [
    {
      name: "rows",
      title: `first rows after ${log} is dropped`,
      unit: "ms",
      of: "rows",
      atMost: 1000,
    },
    {
      name: "index",
      title: `index ${log}; the peer is Node`,
      unit: "MB/s",
      of: "time",
      value: speed,
      atLeast: 0.5,
    },
    {
      name: "floor",
      title: `read ${log}, without the page's code`,
      unit: "MB/s",
      of: "floor",
      value: speed,
    },
    { name: "hit", title: `first hit of a search in ${log}`, unit: "ms", of: "hit", atMost: 200 },
    { name: "search", title: `search all of ${log}`, unit: "MB/s", of: "search", value: speed },
    { name: "sort", title: `sort the rows of ${log} by duration`, unit: "ms", of: "sort" },
    { name: "filter", title: `filter the rows of ${log} by status`, unit: "ms", of: "filter" },
    {
      name: "frame",
      title: `time between two frames while all of ${log} is scrolled through`,
      unit: "ms",
      of: "frame",
      atMost: FRAME,
    },
    {
      name: "frame-idle",
      title: "time between two frames of the same page while nothing happens",
      unit: "ms",
      of: "idle",
    },
    ...["opening", "searching", "sorting", "scrolling"].map((what) => ({
      name: `blocked-${what}`,
      title: `longest task of the main thread while ${what} ${log}`,
      unit: "ms",
      of: `blocked ${what}`,
      atMost: 50,
    })),
    {
      name: "memory",
      title: `peak memory of the tab with ${log}`,
      unit: "MB",
      of: "memory",
      atMost: 400,
    },
  ].map((figure) => ({ ...figure, name: `${group}/${figure.name}` })),
  async setUp({ quick, trace }) {
    const { path, bytes, entries } = make(quick);
    const server = await serve({ "/read.html": "<!doctype html><input type=file>" });
    const page = inBrowser(entries, async (tab, browser) => {
      await tab.page.goto(server.url + PAGE);
      const peak = watchPeak(descendants().filter(holdsPages));
      const watch = (/** @type {string} */ what) =>
        watchTasks(tab, trace ? `${group}-${what}` : null);
      let end = await watch("opening");
      await dropped(tab, path);
      const rows = await until(tab, "entries");
      const time = await until(tab, "all");
      // What is made of all rows, such as the timeline, comes a moment later.
      await pause(tab, 700);
      const opening = await end();
      const count = await tab.evaluate(
        () =>
          /** @type {any} */ (globalThis).viewer.part("skill-log-viewer", "entry-list").index
            .length,
      );
      const idle = await rested(tab);
      end = await watch("scrolling");
      const frame = await scrolled(tab);
      const scrolling = await end();
      end = await watch("searching");
      await typed(tab, text);
      const hit = await until(tab, "hit");
      const search = await until(tab, "searched");
      const searching = await end();
      await typed(tab, "");
      await pause(tab, 300);
      end = await watch("sorting");
      const sort = await changed(tab, { sort: { by: "duration_ms", descending: true } });
      await pause(tab, 500);
      const filter = await changed(tab, { filter: { not: { final_status: "pass" } } });
      await pause(tab, 500);
      const sorting = await end();
      const memory = peak() / 1e6;
      const floor = await bytesRead(await browser.open(`${server.url}/read.html`), path);
      return {
        count,
        figures: {
          rows,
          time,
          floor,
          hit,
          search,
          sort,
          filter,
          frame,
          idle,
          memory,
          ...tasks({ opening, scrolling, searching, sorting }),
        },
      };
    });
    const node = counted("the package in Node", entries, async () => {
      const sessions = await Sessions.open([path]);
      const start = performance.now();
      const { length } = await sessions.index();
      const time = performance.now() - start;
      await sessions.close();
      return { count: length, measured: new Figures({ time }) };
    });
    return { bytes, contenders: [page, node], end: () => server.close() };
  },
});

/** @type {Runs} */
const served = {
  rounds: 3,
  figures: [
    {
      name: "served/cold",
      title: "first sessions of 10,000 by `skill-log view`, without a cache",
      unit: "ms",
      of: "cold",
      atMost: 1000,
    },
    { name: "served/cold-all", title: "all of them", unit: "ms", of: "coldAll" },
    {
      name: "served/warm",
      title: "first sessions of 10,000 by `skill-log view`, with a cache",
      unit: "ms",
      of: "warm",
      atMost: 300,
    },
    { name: "served/warm-all", title: "all of them", unit: "ms", of: "warmAll" },
    {
      name: "served/blocked",
      title: "longest task of the main thread meanwhile",
      unit: "ms",
      of: "blocked listing",
      atMost: 50,
    },
  ],
  async setUp({ quick, trace }) {
    const { dir, bytes, names } = sessionsOf(quick ? 1000 : 10_000, "15kb");
    const contender = inBrowser(names.length, async (tab) => {
      const cache = scratch();
      /** @type {Record<string, number>} */
      const figures = {};
      let count = 0;
      let [blocked, busy] = [0, 0];
      for (const way of ["cold", "warm"]) {
        const { url, end } = await view(dir, cache);
        const endTasks = await watchTasks(tab, trace ? `served-${way}` : null);
        try {
          await tab.page.goto("about:blank");
          // The page's clock starts when the browser goes there.
          await tab.page.goto(url);
          figures[way] = await until(tab, "sessions");
          figures[`${way}All`] = await until(tab, "listed");
          count = await summaries(tab);
        } finally {
          await end();
        }
        const own = await endTasks();
        [blocked, busy] = [Math.max(blocked, own.blocked), Math.max(busy, own.busy)];
      }
      return { count, figures: { ...figures, ...tasks({ listing: { blocked, busy } }) } };
    });
    return { bytes, contenders: [contender] };
  },
};

/** @type {Runs} */
const folder = {
  rounds: 3,
  figures: [
    {
      name: "folder/first",
      title: "first sessions of a dropped folder of 10,000",
      unit: "ms",
      of: "first",
      atMost: 1000,
    },
    { name: "folder/all", title: "all of them", unit: "ms", of: "all" },
    {
      name: "folder/again",
      title: "first sessions of the same folder, again",
      unit: "ms",
      of: "again",
      atMost: 1000,
    },
    {
      name: "folder/floor",
      title: "list the same folder and look at each file, without the page's code",
      unit: "ms",
      of: "floor",
    },
    {
      name: "folder/blocked",
      title: "longest task of the main thread meanwhile",
      unit: "ms",
      of: "blocked listing",
      atMost: 50,
    },
    {
      name: "folder/blocked-floor",
      title: "longest task in which Chromium frees such a listing, without the page's code",
      unit: "ms",
      of: "blocked freeing",
    },
  ],
  async setUp({ quick, trace }) {
    const { dir, bytes, names } = sessionsOf(quick ? 1000 : 10_000, "15kb");
    const server = await serve();
    const contender = inBrowser(names.length, async (tab) => {
      await tab.page.goto(server.url + PAGE);
      const end = await watchTasks(tab, trace ? "folder" : null);
      await dropped(tab, dir);
      const first = await until(tab, "sessions");
      const all = await until(tab, "listed");
      const listing = await end();
      const count = await summaries(tab);
      // The page looks at all logs once more, to follow them.
      await pause(tab, SETTLE_TIME);
      await tab.page.reload();
      await dropped(tab, dir);
      const again = await until(tab, "sessions");
      await until(tab, "listed");
      await garbageCollected(tab);
      const floor = await lookedAt(tab, "dropped");
      const endFreeing = await watchTasks(tab, trace ? "folder-floor" : null);
      await garbageCollected(tab);
      const freeing = await endFreeing();
      return { count, figures: { first, all, again, floor, ...tasks({ listing, freeing }) } };
    });
    return { bytes, contenders: [contender], end: () => server.close() };
  },
};

/** @type {Runs} */
const opfs = {
  rounds: 3,
  figures: [
    {
      name: "opfs/first",
      title: "first sessions of 10,000 that the browser keeps",
      unit: "ms",
      of: "first",
      atMost: 1000,
    },
    { name: "opfs/all", title: "all of them", unit: "ms", of: "all" },
    {
      name: "opfs/again",
      title: "first sessions of them, with a cache",
      unit: "ms",
      of: "again",
      atMost: 1000,
    },
    {
      name: "opfs/floor",
      title: "list and look at each file, without the page's code",
      unit: "ms",
      of: "floor",
    },
  ],
  async setUp({ quick }) {
    const count = quick ? 1000 : 10_000;
    const server = await serve({ "/store.html": "<!doctype html><title>store</title>" });
    const browser = await launch.Chromium();
    const store = await browser.open(`${server.url}/store.html`);
    const { dir, names } = sessionsOf(count, "15kb");
    // All have the bytes of one: what is measured is their number.
    const session = readFileSync(join(dir, names[0]), "utf8");
    await store.evaluate(storeSessions, session, names);
    await store.close();
    const open = async (/** @type {Tab} */ tab) => {
      await tab.page.goto(server.url + PAGE);
      await tab.evaluate(async () => {
        const { viewer } = /** @type {any} */ (globalThis);
        const button = () =>
          viewer.part("skill-log-viewer", "open-logs", ".ways button:nth-of-type(3)");
        while (!button()) await new Promise(requestAnimationFrame);
        viewer.start();
        button().click();
      });
      return until(tab, "sessions");
    };
    const contender = counted("the page", count, async () => {
      const tab = await emptyTab(browser);
      try {
        await tab.page.goto(server.url + PAGE);
        await tab.evaluate(async () => {
          const root = await navigator.storage.getDirectory();
          await root.removeEntry(".skill-log-cache", { recursive: true }).catch(() => {});
        });
        const first = await open(tab);
        const all = await until(tab, "listed");
        const found = await summaries(tab);
        await pause(tab, SETTLE_TIME);
        const again = await open(tab);
        await until(tab, "listed");
        const floor = await lookedAt(tab, "kept");
        return { count: found, measured: new Figures({ first, all, again, floor }) };
      } finally {
        await tab.close();
      }
    });
    const end = async () => {
      await browser.close();
      await server.close();
    };
    return { bytes: session.length * count, contenders: [{ ...contender, process: true }], end };
  },
};

/**
 * Keeps a text under many names in the origin private file system. Runs in a page.
 *
 * @param {string} text
 * @param {string[]} names
 */
async function storeSessions(text, names) {
  const root = await navigator.storage.getDirectory();
  const some = 50;
  for (let from = 0; from < names.length; from += some)
    await Promise.all(
      names.slice(from, from + some).map(async (name) => {
        const file = await root.getFileHandle(name, { create: true });
        const writable = await file.createWritable();
        await writable.write(text);
        await writable.close();
      }),
    );
}

/**
 * Makes the page a contender. Each run has a browser of its own, which has nothing in its caches.
 *
 * @param {number} expected how many there must be of what it counts
 * @param {(tab: Tab, browser: Browser) => Promise<{ count: number, figures: Record<string, number> }>}
 *   run
 * @returns {Contender}
 */
function inBrowser(expected, run) {
  const work = async () => {
    const browser = await launch.Chromium();
    try {
      const tab = await emptyTab(browser);
      await pause(tab, START_TIME);
      const { count, figures } = await run(tab, browser);
      if (process.env.BENCH_FIGURES) say(JSON.stringify(figures));
      return { count, measured: new Figures(figures) };
    } finally {
      await browser.close();
    }
  };
  return counted("the page", expected, work, { process: true });
}

/** @param {Record<string, { blocked: number, busy: number }>} watched */
function tasks(watched) {
  return Object.fromEntries(
    Object.entries(watched).flatMap(([what, { blocked, busy }]) => [
      [`blocked ${what}`, blocked],
      [`busy ${what}`, busy],
    ]),
  );
}

/**
 * Starts `skill-log view`.
 *
 * @param {string} dir
 * @param {string} cache the user's cache directory
 */
async function view(dir, cache) {
  const program = join(root, "dist", "cli", "skill-log.js");
  const child = spawn(process.execPath, [program, "view", dir, "--no-open"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  const [url] = await once(createInterface(child.stdout), "line");
  const end = async () => {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  };
  return { url: String(url), end };
}

/** Returns how many sessions the list has. @param {Tab} tab */
function summaries(tab) {
  return tab.evaluate(
    () =>
      /** @type {any} */ (globalThis).viewer.part("skill-log-viewer", "session-list").summaries
        .length,
  );
}

/**
 * @param {Tab} tab
 * @param {number} time in milliseconds
 */
function pause(tab, time) {
  return tab.evaluate((time) => new Promise((done) => setTimeout(done, time)), time);
}

export const rows = [
  ofLog("large", "a 1 GB log of 221,196 entries", rareText, (quick) => logOf(quick ? 102.4 : 1024)),
  ofLog("many", "a log of 1,000,000 small entries", "date parser", (quick) =>
    smallLogOf(quick ? 100_000 : 1_000_000),
  ),
  served,
  folder,
  opfs,
];
