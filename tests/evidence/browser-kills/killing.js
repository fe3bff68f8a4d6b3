// Kills a browser whose tabs append to, follow and repair a log, and checks the log afterwards.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { undrivable } from "../../browser/browsers.js";
import { caseRandom } from "../case-random.js";
import { KilledBrowser } from "./killed-browser.js";
import { checkFound, WorkingTabs } from "./working-tabs.js";

/** @import { OpenedRow, Row } from "../row.js" */

/** How long a browser may append until it is killed, in milliseconds. */
const LONGEST_LIFE = 3_000;

/** The power of a random fraction of that: half of the browsers live for 0.2 seconds at most. */
const EARLY = 4;

/** How many kills a profile takes, because what killed browsers leave in it slows their starts. */
const PROFILE_KILLS = 50;

/** After how many kills a browser ends by itself once: Firefox keeps then what speeds its starts. */
const UNKILLED = 4;

/** The lengths of messages. */
const LENGTHS = [10, 100, 1_000, 31_623, 316_228];

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
  #name;
  #appenders;
  #seed;
  #browser;
  #kills = 0;
  #tabs = new WorkingTabs();

  /**
   * @param {"Chromium" | "Firefox"} browser
   * @param {number} appenders
   * @param {number} seed
   */
  constructor(browser, appenders, seed) {
    this.#name = browser;
    this.#appenders = appenders;
    this.#seed = seed;
    this.#browser = new KilledBrowser(browser);
  }

  async open() {
    await this.#tabs.open();
  }

  /** Kills the browser once. @param {number} number */
  async run(number) {
    await this.#prepare();
    const random = caseRandom(this.#seed, number);
    const session = `killed-${number}`;
    await this.#tabs.begin(this.#browser, {
      session,
      random,
      appenders: this.#appenders,
      lengths: LENGTHS,
      others: ["follow", "repair"],
    });
    await pause(random.fraction() ** EARLY * LONGEST_LIFE);
    await this.#browser.kill();
    // What was on its way arrives.
    await pause(50);
    const { acknowledged, synced, wrong, followed, repaired, refused } = this.#tabs.reports;
    assert.deepEqual(wrong, []);
    const found = await this.#tabs.recover(this.#browser, session);
    assert.equal(found.refused, undefined);
    checkFound(found, acknowledged);
    const known = new Set(acknowledged);
    return {
      units: 1,
      met: {
        "acknowledged entries": acknowledged.length,
        "synced entries": synced.length,
        "entries written but not acknowledged": found.names.filter((name) => !known.has(name))
          .length,
        "followed entries": followed,
        "repairs of damage": repaired,
        "appends tried again": refused,
        "cut lines": found.damaged + Number(found.isPending),
      },
    };
  }

  /** Keeps starts quick. */
  async #prepare() {
    this.#kills += 1;
    if (this.#kills % PROFILE_KILLS === UNKILLED) await this.#browser.end();
    if (this.#kills % PROFILE_KILLS !== 0) return;
    await this.#browser.close();
    this.#browser = new KilledBrowser(this.#name);
  }

  async close() {
    await this.#browser.close();
    await this.#tabs.close();
  }
}
