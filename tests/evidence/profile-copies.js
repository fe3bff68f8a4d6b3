// The profile of a browser is copied while tabs append to a log, make new logs and repair. What sync
// promises in the copy is counted.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { undrivable } from "../browser/browsers.js";
import { KilledBrowser } from "./browser-kills/killed-browser.js";
import { checkFound, WorkingTabs } from "./browser-kills/working-tabs.js";
import { caseRandom } from "./case-random.js";

/** @import { OpenedRow, Row } from "./row.js" */

/** How long tabs may work between two copies, in milliseconds. */
const LONGEST_WORK = 500;

/** How many copies are made while the tabs of a case work. */
const COPIES = 3;

/** The lengths of messages. */
const LENGTHS = [10, 100, 1_000, 30_000];

/** How often the browser is killed after the copies. */
const KILLED = 0.2;

const names = /** @type {const} */ (["Chromium", "Firefox"]);

/**
 * A browser on a copy, and what was acknowledged when the copying started.
 *
 * @typedef {{ browser: KilledBrowser, known: Record<"acknowledged" | "synced" | "created", string[]> }}
 *   Copy
 */

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
   * Copies the profile of one browser several times while its tabs work, and reads each copy.
   *
   * @param {number} number
   */
  async run(number) {
    const name = names[number % names.length];
    const browser = this.#browsers[number % names.length];
    const random = caseRandom(this.#seed, number);
    const session = `copied-${number}`;
    await this.#tabs.begin(browser, {
      session,
      random,
      appenders: 2,
      lengths: LENGTHS,
      others: ["create", "repair"],
    });
    const { reports } = this.#tabs;
    /** @type {Copy[]} */
    const copies = [];
    try {
      while (copies.length < COPIES) {
        await pause(random.fraction() * LONGEST_WORK);
        const known = {
          acknowledged: [...reports.acknowledged],
          synced: [...reports.synced],
          created: [...reports.created],
        };
        copies.push({ browser: await browser.copied(random), known });
      }
      assert.deepEqual(reports.wrong, []);
      if (random.chance(KILLED)) await browser.kill();
      else await browser.closeTabs();
      const met = { [`copies of ${name}`]: COPIES };
      for (const copy of copies) {
        for (const [what, count] of Object.entries(await this.#check(copy, session)))
          met[`${what} of ${name}`] = (met[`${what} of ${name}`] ?? 0) + count;
        await copy.browser.close();
      }
      return { units: COPIES, met };
    } finally {
      for (const copy of copies) await copy.browser.close();
    }
  }

  /**
   * Reads a copy, and counts what it lacks.
   *
   * @param {Copy} copy
   * @param {string} session
   */
  async #check({ browser, known }, session) {
    const found = await this.#tabs.recover(browser, session);
    checkFound(found, []);
    if (found.refused) {
      const { step, code, why, bare } = found.refused;
      // What a browser refuses in a copy that is not of one moment. Nothing was invented until then.
      assert.match(code, /^(IO_ERROR|WRITE_FAILED|STORAGE_UNAVAILABLE)$/, why);
      const isReading = step === "verify" || step.startsWith("read");
      const refused = isReading ? bare.reading : (bare.writing ?? bare.reading);
      assert.ok(refused, `the package refuses what the browser does not: ${step}: ${why}`);
      return { "logs that cannot be used": 1, [`${step}: ${why}`]: 1 };
    }
    const created = await this.#tabs.readCreated(browser, known.created);
    const there = new Set([...found.names, ...created]);
    const lacks = (/** @type {string[]} */ list) => list.filter((each) => !there.has(each)).length;
    return {
      "acknowledged entries": known.acknowledged.length,
      "synced entries": known.synced.length,
      "new logs": known.created.length,
      "lost acknowledged entries": lacks(known.acknowledged),
      "lost synced entries": lacks(known.synced),
      "lost new logs": lacks(known.created),
      "damaged lines": found.damaged,
    };
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
  short: COPIES + 1,
  full: 200,
  skip: () => undrivable,
  async open(seed) {
    const copying = new Copying(seed);
    await copying.open();
    return copying;
  },
};
