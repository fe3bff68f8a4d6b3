// Kills a browser whose tabs append to, follow and repair a log, and checks the log afterwards.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { undrivable } from "../../browser/browsers.js";
import { bundle } from "../../browser/bundle.js";
import { serve } from "../../browser/server.js";
import { caseRandom } from "../case-random.js";
import { KilledBrowser } from "./killed-browser.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { OpenedRow, Row } from "../row.js" */
/** @import { Server } from "../../browser/server.js" */

/** How long a browser may append until it is killed, in milliseconds. */
const LONGEST_LIFE = 1_500;

/** How often the profile is copied while it is in use: once in so many cases. */
const COPIED = 20;

/** How long tabs may take until each role did its work once, in milliseconds. */
const SLOWEST_START = 60_000;

/** What the tabs of a browser reported. */
class Reports {
  /** @type {string[]} */
  acknowledged = [];
  /** The acknowledged entries of level "sync". @type {string[]} */
  synced = [];
  /** @type {string[]} */
  wrong = [];
  followed = 0;
  repaired = 0;

  /** @param {[what: string, value: any][]} news */
  add(news) {
    for (const [what, value] of news) {
      if (what === "acknowledged" || what === "synced") this.acknowledged.push(value);
      if (what === "synced") this.synced.push(value);
      else if (what === "wrong") this.wrong.push(value);
      else if (what === "followed") this.followed += value;
      else if (what === "repaired") this.repaired += value;
    }
  }

  /** What no tab did yet. */
  get missing() {
    const counts = {
      appended: this.acknowledged.length,
      synced: this.synced.length,
      followed: this.followed,
      repaired: this.repaired,
    };
    return Object.entries(counts)
      .filter(([, count]) => count === 0)
      .map(([what]) => what);
  }
}

/**
 * Returns a row that kills a browser.
 *
 * @param {"Chromium" | "Firefox"} browser
 * @param {{ tabs: number, short: number, full: number }} of
 * @returns {Row}
 */
export function killingRow(browser, { tabs, short, full }) {
  return {
    name: `${browser.toLowerCase()}-kills`,
    about: `Kills all processes of ${browser} while ${tabs} tabs append to, follow and repair a log`,
    counts: "kills",
    short,
    full,
    skip: () => undrivable,
    async open(seed) {
      const killing = new Killing(browser, tabs, seed);
      await killing.open();
      return killing;
    },
  };
}

/** @implements {OpenedRow} */
class Killing {
  #tabs;
  #seed;
  #browser;
  #reports = new Reports();
  /** @type {Server | null} */
  #server = null;

  /**
   * @param {"Chromium" | "Firefox"} browser
   * @param {number} tabs
   * @param {number} seed
   */
  constructor(browser, tabs, seed) {
    this.#tabs = tabs;
    this.#seed = seed;
    this.#browser = new KilledBrowser(browser);
  }

  /** Serves the page, at the same origin for all cases, because OPFS belongs to it. */
  async open() {
    const { code } = await bundle(fileURLToPath(new URL("page.js", import.meta.url)));
    const hear = (
      /** @type {import("node:http").IncomingMessage} */ request,
      /** @type {import("node:http").ServerResponse} */ response,
    ) => {
      const reports = this.#reports;
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
        "/tear.js": readFileSync(new URL("tear.js", import.meta.url), "utf8"),
        "/tab": '<!doctype html><title>tab</title><script type="module" src="/page.js"></script>',
      },
      { "/news/": hear },
    );
  }

  /** Kills the browser once. @param {number} number */
  async run(number) {
    const random = caseRandom(this.#seed, number);
    const session = `killed-${number}`;
    const reports = (this.#reports = new Reports());
    await this.#begin(session, random);
    await pause(random.fraction() * LONGEST_LIFE);
    const synced = [...reports.synced];
    const copy = number % COPIED === COPIED - 1 ? this.#browser.copied() : null;
    await this.#browser.kill();
    // What was on its way arrives.
    await pause(50);
    const { acknowledged, wrong, followed, repaired } = reports;
    assert.deepEqual(wrong, []);
    const found = await this.#recover(this.#browser, session);
    checkFound(found, acknowledged);
    const known = new Set(acknowledged);
    return {
      units: 1,
      met: {
        "acknowledged entries": acknowledged.length,
        "synced entries": reports.synced.length,
        "entries written but not acknowledged": found.names.filter((name) => !known.has(name))
          .length,
        "followed entries": followed,
        "repairs of damage": repaired,
        "cut lines": found.damaged + Number(found.isPending),
        ...(copy && (await this.#recoverCopy(copy, session, synced))),
      },
    };
  }

  /**
   * Starts the tabs, and waits until each role did its work once, so that the kill interrupts all.
   *
   * @param {string} session
   * @param {Random} random
   */
  async #begin(session, random) {
    const reports = this.#reports;
    for (let tab = 0; tab < this.#tabs; tab += 1) {
      const messages = Array.from({ length: 8 }, () =>
        Math.round(10 ** random.pick([1, 2, 3, 4.5, 5.5])),
      );
      await this.#at(this.#browser, "append", {
        session,
        tab: `tab${tab}`,
        messages,
        syncs: tab % 2 === 0,
      });
    }
    await this.#at(this.#browser, "follow", { session });
    await this.#at(this.#browser, "repair", { session, every: random.between(5, 100) });
    const end = performance.now() + SLOWEST_START;
    while (reports.missing.length > 0) {
      assert.deepEqual(reports.wrong, []);
      assert.ok(performance.now() < end, `no tab ${reports.missing.join(", or ")}`);
      await pause(10);
    }
  }

  /**
   * Has a new tab do something, and does not wait until it ends.
   *
   * @param {KilledBrowser} browser
   * @param {"append" | "follow" | "repair"} what
   * @param {object} of
   */
  async #at(browser, what, of) {
    const tab = await this.#tab(browser);
    await tab.evaluate((what, of) => /** @type {any} */ (globalThis).begin(what, of), what, of);
  }

  /** @param {KilledBrowser} browser */
  #tab(browser) {
    return browser.open(`${this.#server?.url}/tab`);
  }

  /**
   * @param {KilledBrowser} browser
   * @param {string} session
   */
  async #recover(browser, session) {
    const tab = await this.#tab(browser);
    const recover = tab.evaluate((of) => /** @type {any} */ (globalThis).at.recover(of), {
      session,
    });
    /** @type {{ names: string[], later: string[], damaged: number, isPending: boolean }} */
    const found = await recover;
    await tab.close();
    return found;
  }

  /**
   * Reads the log from a profile that was copied while its browser wrote to it.
   *
   * @param {KilledBrowser} copy
   * @param {string} session
   * @param {string[]} synced the entries that a sync had acknowledged when the copying started
   */
  async #recoverCopy(copy, session, synced) {
    try {
      const found = await this.#recover(copy, session);
      checkFound(found, []);
      const names = new Set(found.names);
      const lost = synced.filter((name) => !names.has(name));
      return { "copied profiles": 1, "synced entries that a copied profile lacks": lost.length };
    } finally {
      await copy.close();
    }
  }

  async close() {
    await this.#browser.close();
    await this.#server?.close();
  }
}

/**
 * @param {{ names: string[], later: string[] }} found before and after an append and a repair
 * @param {string[]} acknowledged
 */
function checkFound({ names, later }, acknowledged) {
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
  assert.deepEqual(later, [...names, "later 0"], "an append or a repair changed what is read");
}
