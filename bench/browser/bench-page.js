// Serves the page that the bench runs in, and opens its tabs.

import { fileURLToPath } from "node:url";

import { bundle } from "../../tests/browser/bundle.js";
import { serve } from "../../tests/browser/server.js";
import { entries, note } from "../corpus.js";
import { counted } from "../counted.js";
import { Figures } from "../measure.js";

/** @typedef {import("../../tests/browser/browsers.js").Browser} Browser */
/** @typedef {import("../../tests/browser/browsers.js").Tab} Tab */

/** The number of entries to append. */
export const notes = 1_000;

const html =
  '<!doctype html><title>bench</title><input id="file" type="file" multiple><script type="module" src="/main.js"></script>';

/** Serves the page, with the built package, on loopback. */
export async function servePage() {
  const code = async (/** @type {string} */ name) =>
    (await bundle(fileURLToPath(new URL(`page/${name}`, import.meta.url)))).code;
  return serve({
    "/": html,
    "/main.js": await code("main.js"),
    "/worker.js": await code("worker.js"),
    "/entries.json": JSON.stringify(entries(notes, { sessionId: "bench", classes: note })),
  });
}

/** The tabs of a row in one browser. */
export class Tabs {
  #browser;
  #url;
  /** @type {Map<string, Tab>} */
  #kept = new Map();

  /**
   * @param {Browser} browser
   * @param {string} url
   */
  constructor(browser, url) {
    this.#browser = browser;
    this.#url = url;
  }

  get browserName() {
    return this.#browser.name;
  }

  /**
   * Opens a new tab.
   *
   * @param {...string} paths of files for the page's file input
   */
  async open(...paths) {
    const tab = await this.#browser.open(this.#url);
    if (paths.length > 0) await tab.setFiles("#file", ...paths);
    const errors = await tab.takeErrors();
    if (errors.length > 0) throw new Error(`the page did not start: ${errors.join("\n")}`);
    return tab;
  }

  /**
   * Returns a contender's own tab, so that no contender pays for another's garbage. The files are
   * chosen anew, because what was read of them before may help.
   *
   * @param {string} name
   * @param {...string} paths of files for the page's file input
   */
  async of(name, ...paths) {
    const kept = this.#kept.get(name);
    if (paths.length > 0) await kept?.setFiles("#file", ...paths);
    const tab = kept ?? (await this.open(...paths));
    this.#kept.set(name, tab);
    // Browsers slow down tabs in the background.
    await tab.page.bringToFront();
    return tab;
  }

  async close() {
    for (const tab of this.#kept.values()) await tab.close();
    this.#kept.clear();
  }
}

/**
 * Makes a contender that runs a job in a page.
 *
 * @param {string} name
 * @param {number} expected the number of entries that the page must count
 * @param {{ job: string, way: string, facts?: object }} asked
 * @param {() => Promise<Tab>} tabOf returns the tab for a run
 * @param {Omit<import("../measure.js").Contender, "name" | "start">} [about]
 * @param {(tab: Tab, ran: Record<string, number>) => Promise<Record<string, number>>} [finish] adds
 *   to the page's figures
 * @returns {import("../measure.js").Contender}
 */
export function inPage(
  name,
  expected,
  { job, way, facts = {} },
  tabOf,
  about,
  finish = async (_, ran) => ran,
) {
  /** @type {Tab} */
  let tab;
  const contender = counted(
    name,
    expected,
    async () => {
      const { error, message, ...ran } = await tab.evaluate(() => globalThis.bench.run());
      if (error) throw Object.assign(new Error(`${name}: ${message}`), { code: error });
      const figures = await finish(tab, ran);
      return {
        count: await tab.evaluate(() => globalThis.bench.end()),
        measured: new Figures(figures),
      };
    },
    about,
  );
  return {
    ...contender,
    async start() {
      tab = await tabOf();
      await tab.evaluate((...args) => globalThis.bench.start(...args), job, way, facts);
      await collectGarbage(tab);
      return contender.start();
    },
  };
}

/** Collects the garbage of the page's earlier runs. Only Chromium offers it. @param {Tab} tab */
export async function collectGarbage(tab) {
  const session = await tab.page.createCDPSession().catch(() => null);
  if (!session) return;
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
}
