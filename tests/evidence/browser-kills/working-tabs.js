// Tabs that append to, follow and repair a log of OPFS, what they report, and the log that is found
// afterwards.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { bundle } from "../../browser/bundle.js";
import { serve } from "../../browser/server.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { Server } from "../../browser/server.js" */
/** @import { KilledBrowser } from "./killed-browser.js" */

/** How long tabs may take until each role did its work once, in milliseconds. */
const SLOWEST_START = 120_000;

/**
 * What is read of a log: its entries' names, and those after an append and a repair.
 *
 * @typedef {object} Found
 * @property {string[]} names of the entries
 * @property {string[] | null} later their names after an append and a repair; null when a step was
 *   refused before
 * @property {number} damaged
 * @property {boolean} isPending
 * @property {{ step: string, code: string, why: string, bare: import("./bare.js").Bare }} [refused]
 *   the step that an error ended, and what the browser refuses without the package
 */

/** What the tabs of a browser reported. */
class Reports {
  /** @type {string[]} */
  acknowledged = [];
  /** The acknowledged entries of level "sync". @type {string[]} */
  synced = [];
  /** The new logs whose only entry was acknowledged, by level "sync". @type {string[]} */
  created = [];
  /** @type {string[]} */
  wrong = [];
  followed = 0;
  repaired = 0;
  /** How many appends were refused because others held the file, and then tried again. */
  refused = 0;

  /** @param {[what: string, value: any][]} news */
  add(news) {
    for (const [what, value] of news) {
      if (what === "acknowledged" || what === "synced") this.acknowledged.push(value);
      if (what === "synced") this.synced.push(value);
      else if (what === "created") this.created.push(value);
      else if (what === "wrong") this.wrong.push(value);
      else if (what === "followed") this.followed += value;
      else if (what === "repaired") this.repaired += value;
      else if (what === "refused") this.refused += value;
    }
  }

  /** How often tabs did each thing. */
  get counts() {
    return {
      append: this.acknowledged.length,
      sync: this.synced.length,
      create: this.created.length,
      follow: this.followed,
      repair: this.repaired,
    };
  }
}

/** Serves the page of tabs, and has tabs work. */
export class WorkingTabs {
  /** What the tabs reported since the work began. */
  reports = new Reports();
  /** @type {Server | null} */
  #server = null;

  /** Serves the page, at the same origin for all cases, because OPFS belongs to it. */
  async open() {
    const { code } = await bundle(fileURLToPath(new URL("page.js", import.meta.url)));
    const read = (/** @type {URL} */ file) => readFileSync(file, "utf8");
    const hear = (
      /** @type {import("node:http").IncomingMessage} */ request,
      /** @type {import("node:http").ServerResponse} */ response,
    ) => {
      const { reports } = this;
      let text = "";
      request.setEncoding("utf8").on("data", (part) => (text += part));
      request.on("end", () => {
        reports.add(JSON.parse(text));
        response.end();
      });
      request.on("error", () => {});
    };
    this.#server = await serve(
      {
        "/page.js": code,
        "/tear.js": read(new URL("tear.js", import.meta.url)),
        "/bare.js": read(new URL("bare.js", import.meta.url)),
        "/tab": '<!doctype html><title>tab</title><script type="module" src="/page.js"></script>',
      },
      { "/news/": hear },
    );
  }

  /**
   * Removes all logs, and has new tabs work on a log until their browser ends. Waits until each of
   * them did its work once.
   *
   * @param {KilledBrowser} browser
   * @param {object} of
   * @param {string} of.session
   * @param {Random} of.random
   * @param {number} of.appenders how many tabs append; the first of each two also with `sync`
   * @param {number[]} of.lengths of messages
   * @param {("create" | "follow" | "repair")[]} of.others what other tabs do
   */
  async begin(browser, { session, random, appenders, lengths, others }) {
    const works = [
      ...Array.from({ length: appenders }, (_, tab) => ({
        what: "append",
        messages: Array.from({ length: 8 }, () => random.pick(lengths)),
        tab: `tab${tab}`,
        syncs: tab % 2 === 0,
      })),
      ...others.map((what) => ({ what, every: random.between(5, 100) })),
    ];
    await this.#ask(browser, "clear", {});
    const reports = (this.reports = new Reports());
    const first = await this.#first(browser);
    await first.evaluate(
      (works) => /** @type {any} */ (globalThis).beginAll(works),
      works.map((work) => ({ session, ...work })),
    );
    const expected = /** @type {const} */ (["append", "sync", ...others]);
    const end = performance.now() + SLOWEST_START;
    for (;;) {
      assert.deepEqual(reports.wrong, []);
      const { counts } = reports;
      const missing = expected.filter((what) => counts[what] === 0);
      if (missing.length === 0) return;
      assert.ok(performance.now() < end, `no tab did ${missing.join(", or ")}`);
      await pause(10);
    }
  }

  /** @param {KilledBrowser} browser */
  #first(browser) {
    return browser.first(`${this.#server?.url}/tab`);
  }

  /**
   * Reads a log in the first tab, appends to it and repairs it.
   *
   * @param {KilledBrowser} browser
   * @param {string} session
   * @returns {Promise<Found>}
   */
  recover(browser, session) {
    return this.#ask(browser, "recover", { session });
  }

  /**
   * Reads new logs in the first tab. Returns those whose only entry is there.
   *
   * @param {KilledBrowser} browser
   * @param {string[]} sessions
   * @returns {Promise<string[]>}
   */
  readCreated(browser, sessions) {
    return this.#ask(browser, "readCreated", { sessions });
  }

  /**
   * @param {KilledBrowser} browser
   * @param {"clear" | "recover" | "readCreated"} what
   * @param {object} of
   */
  async #ask(browser, what, of) {
    const tab = await this.#first(browser);
    const ask = (/** @type {string} */ what, /** @type {object} */ of) =>
      /** @type {any} */ (globalThis).at[what](of);
    return tab.evaluate(ask, what, of);
  }

  async close() {
    await this.#server?.close();
  }
}

/**
 * Checks that nothing was invented, put out of order, or lost of what was acknowledged.
 *
 * @param {Found} found
 * @param {string[]} acknowledged
 */
export function checkFound({ names, later }, acknowledged) {
  for (const name of names) assert.match(name, /^tab\d+ \d+$/, "an entry was invented");
  const missing = new Set(acknowledged);
  for (const name of names) missing.delete(name);
  assert.deepEqual([...missing], [], "acknowledged entries are lost");
  /** @type {Map<string, number>} */
  const next = new Map();
  for (const name of names) {
    const [tab, number] = name.split(" ");
    // A tab appends its next entry when the one before is acknowledged.
    assert.equal(Number(number), next.get(tab) ?? 0, `${name} is out of order`);
    next.set(tab, Number(number) + 1);
  }
  if (later)
    assert.deepEqual(later, [...names, "later 0"], "an append or a repair changed what is read");
}
