// Starts browsers that treat tabs as they do for people: a tab in the background is hidden and may
// be frozen, and a page may be kept while its tab is elsewhere. Most drivers switch this off.

import { readFileSync, readdirSync } from "node:fs";
import puppeteer from "puppeteer-core";

import { chromiumOptions, opened } from "./browsers.js";

/** @import { Browser, Tab } from "./browsers.js" */

/**
 * @typedef {Browser & {
 *   processes(): number[],
 *   freeze?(tab: Tab): Promise<void>,
 *   thaw?(tab: Tab): Promise<void>,
 * }} EverydayBrowser `processes` returns the ids of the processes that may have tabs
 */

/** Options that Puppeteer passes to Chromium, and people do not. */
const CALMING = [
  "--disable-back-forward-cache",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Preferences that make timers of hidden tabs in Firefox as fast as those of visible tabs. */
const FAST_TIMERS = {
  "dom.min_background_timeout_value": 4,
  "dom.min_background_timeout_value_without_budget_throttling": 4,
  "dom.timeout.enable_budget_timer_throttling": false,
};

/**
 * @param {{ hasSlowTimers?: boolean }} [options] whether hidden tabs have slow timers
 * @returns {Promise<EverydayBrowser>}
 */
export async function launchChromium({ hasSlowTimers = true } = {}) {
  const browser = await puppeteer.launch({
    browser: "chrome",
    executablePath: "/usr/bin/chromium",
    args: chromiumOptions,
    ignoreDefaultArgs: hasSlowTimers ? CALMING : CALMING.slice(0, 1),
  });
  const sessions = new WeakMap();
  /** @param {Tab} tab @param {"frozen" | "active"} state */
  const setState = async ({ page }, state) => {
    if (!sessions.has(page)) sessions.set(page, await page.createCDPSession());
    await sessions.get(page).send("Page.setWebLifecycleState", { state });
  };
  return {
    ...ofPuppeteer("Chromium", browser, /--type=renderer/),
    freeze: (tab) => setState(tab, "frozen"),
    thaw: (tab) => setState(tab, "active"),
  };
}

/**
 * @param {{ hasSlowTimers?: boolean, prefs?: Record<string, number | boolean | string> }} [options]
 * @returns {Promise<EverydayBrowser>}
 */
export async function launchFirefox({ hasSlowTimers = true, prefs = {} } = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    extraPrefsFirefox: { ...(!hasSlowTimers && FAST_TIMERS), ...prefs },
  });
  return ofPuppeteer("Firefox", browser, / tab\0*$/);
}

/**
 * @param {string} name
 * @param {import("puppeteer-core").Browser} browser
 * @param {RegExp} ofTab matches the command line of a process for tabs
 * @returns {EverydayBrowser}
 */
function ofPuppeteer(name, browser, ofTab) {
  return {
    name,
    open: async (url) => opened(await browser.newPage(), url),
    close: () => browser.close(),
    native: browser,
    processes: () =>
      descendants(/** @type {number} */ (browser.process()?.pid)).filter((pid) =>
        ofTab.test(procFile(pid, "cmdline")),
      ),
  };
}

/** @type {Promise<unknown>} */
let lastSearch = Promise.resolve();

/**
 * Finds the process of a tab: the process that grows when the tab allocates memory.
 *
 * @param {EverydayBrowser} browser
 * @param {Tab} tab
 * @returns {Promise<number>}
 */
export function processOf(browser, tab) {
  const bytes = 150e6;
  const search = lastSearch
    .catch(() => {})
    .then(async () => {
      const before = new Map(browser.processes().map((pid) => [pid, residentBytes(pid)]));
      await tab.evaluate(
        (length) => void (globalThis.ballast = new Uint8Array(length).fill(1)),
        bytes,
      );
      const grown = [...before]
        .filter(([pid, had]) => residentBytes(pid) - had > bytes * 0.9)
        .map(([pid]) => pid);
      await tab.evaluate(() => void (globalThis.ballast = null));
      if (grown.length !== 1) throw new Error(`the tab's process is not known: it may be ${grown}`);
      return grown[0];
    });
  // One search at a time, because two tabs that grow could not be told apart.
  lastSearch = search;
  return search;
}

/** @param {number} pid */
function residentBytes(pid) {
  return Number(/VmRSS:\s*(\d+)/.exec(procFile(pid, "status"))?.[1] ?? 0) * 1024;
}

/**
 * @param {number} pid
 * @returns {number[]}
 */
export function descendants(pid) {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  // After the process's name, which may hold anything, come its state and its parent.
  const parents = pids.map((pid) => [
    pid,
    Number(
      procFile(pid, "stat")
        .replace(/.*\) . /s, "")
        .split(" ")[0],
    ),
  ]);
  const of = (/** @type {number} */ parent) => {
    const children = parents.filter((each) => each[1] === parent);
    return children.flatMap(/** @returns {number[]} */ ([child]) => [child, ...of(child)]);
  };
  return of(pid);
}

/**
 * @param {number} pid
 * @param {string} name
 */
function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
}
