// The profile of a browser is copied while tabs append to a log, make new logs and repair. What sync
// promises in the copy is counted.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { undrivable } from "../browser/browsers.js";
import { KilledBrowser } from "./browser-kills/killed-browser.js";
import { checkFound, WorkingTabs } from "./browser-kills/working-tabs.js";
import { caseRandom } from "./case-random.js";

/** @import { OpenedRow, Outcome, Row } from "./row.js" */

/** How long tabs may work until the profile is copied, in milliseconds. */
const LONGEST_WORK = 500;

/** How often the browser is killed after the copy. */
const KILLED = 0.2;

const names = /** @type {const} */ (["Chromium", "Firefox"]);

/** @implements {OpenedRow} */
class Copying {
  #seed;
  #browsers = names.map((name) => new KilledBrowser(name));
  #tabs = new WorkingTabs();

  /** @param {number} seed */
  constructor(seed) {
    this.#seed = seed;
  }

  async open() {
    await this.#tabs.open();
  }

  /**
   * Copies the profile of one browser once.
   *
   * @param {number} number
   * @returns {Promise<Outcome>}
   */
  async run(number) {
    const name = names[number % names.length];
    const browser = this.#browsers[number % names.length];
    const random = caseRandom(this.#seed, number);
    const session = `copied-${number}`;
    const others = /** @type {const} */ (["create", "repair"]);
    await this.#tabs.begin(browser, { session, random, appenders: 2, others: [...others] });
    await pause(random.fraction() * LONGEST_WORK);
    const { reports } = this.#tabs;
    const [acknowledged, synced, created] = [
      [...reports.acknowledged],
      [...reports.synced],
      [...reports.created],
    ];
    const copy = await browser.copied(random);
    assert.deepEqual(reports.wrong, []);
    if (random.chance(KILLED)) await browser.kill();
    else await browser.closeTabs();
    try {
      const found = await this.#tabs.recover(copy, session);
      checkFound(found, []);
      const there = new Set([...found.names, ...(await this.#tabs.readCreated(copy, created))]);
      const lacks = (/** @type {string[]} */ list) =>
        list.filter((each) => !there.has(each)).length;
      return {
        units: 1,
        met: {
          [`copies of ${name}'s`]: 1,
          "acknowledged entries": acknowledged.length,
          "synced entries": synced.length,
          "new logs": created.length,
          [`acknowledged entries that a copy of ${name}'s lacks`]: lacks(acknowledged),
          [`synced entries that a copy of ${name}'s lacks`]: lacks(synced),
          [`new logs that a copy of ${name}'s lacks`]: lacks(created),
          "damaged lines": found.damaged,
        },
      };
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      console.error(`${name} ${number}: ${error}`);
      return { units: 1, met: { [`copies of ${name}'s`]: 1, [`unread copies of ${name}'s`]: 1 } };
    } finally {
      await copy.close();
    }
  }

  async close() {
    for (const browser of this.#browsers) await browser.close();
    await this.#tabs.close();
  }
}

/** @type {Row} */
export const row = {
  name: "profile-copies",
  about:
    "Copies the profile of Chromium or Firefox while tabs append to a log, make new logs and repair, and reads the copy in a new browser",
  counts: "copies",
  short: 2,
  full: 200,
  skip: () => undrivable,
  async open(seed) {
    const copying = new Copying(seed);
    await copying.open();
    return copying;
  },
};
