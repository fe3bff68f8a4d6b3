// A tab that appends numbered entries, and what Node knows of it even when the page is gone.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { processOf } from "./everyday-browsers.js";

/** @import { EverydayBrowser } from "./everyday-browsers.js" */
/** @import { Tab } from "./browsers.js" */

/** @typedef {{ from: number, to: number }} Stretch of time, in milliseconds since 1970 */

/**
 * @typedef {object} News what the page reports
 * @property {number} [life]
 * @property {[attempt: number, number: number][]} [acknowledged]
 * @property {Record<string, number>} [failed]
 * @property {[from: number, time: number][]} [slow]
 * @property {number} [longest]
 * @property {string} [ended] when a worker was terminated
 * @property {number} [freeze] how many appends waited when the tab was frozen
 * @property {string} [wrong]
 * @property {Stretch} [stall]
 */

export class WriterTab {
  #browser;
  #open;
  #name;
  #longestPause;
  /** The current tab, after `begin`. */
  #tab = /** @type {Tab} */ (/** @type {unknown} */ (undefined));
  /** @type {number | undefined} */
  #process;
  #life = 0;
  /** Numbers of entries that may not be in the file. */
  #missing;
  /** @type {Set<string>} identities of entries */
  #acknowledged = new Set();
  /** When the tab or its process was stopped, by this machine's clock. @type {Stretch[]} */
  #still = [];
  /** Appends that took long. @type {Stretch[]} */
  #slow = [];
  /** The longest time of all other appends, in milliseconds. */
  #longest = 0;

  /** Whether the tab is being disturbed. */
  isBusy = false;
  /** What must not happen. @type {string[]} */
  wrong = [];
  /** How many appends failed, by error code. @type {Record<string, number>} */
  failed = {};
  /** How many workers were terminated, by moment. @type {Record<string, number>} */
  ended = {};
  /** How often the tab was frozen, and how often with waiting appends. */
  frozen = { times: 0, timesInBatch: 0 };

  /**
   * @param {EverydayBrowser} browser
   * @param {() => Promise<Tab>} open
   * @param {{ name: string, entries: number, longestPause: number }} options
   */
  constructor(browser, open, { name, entries, longestPause }) {
    this.#browser = browser;
    this.#open = open;
    this.#name = name;
    this.#longestPause = longestPause;
    this.#missing = new Set(Array.from({ length: entries }, (_, i) => i + 1));
  }

  get isDone() {
    return this.#missing.size === 0;
  }

  get missing() {
    return this.#missing.size;
  }

  /** Opens the tab, and starts to append. */
  async begin() {
    this.#tab = await this.#open();
    this.#tab.page.on("console", (/** @type {{ text(): string }} */ message) => {
      const text = message.text();
      if (text.startsWith("tab ")) this.#hear(JSON.parse(text.slice(4)));
    });
    this.#process = await processOf(this.#browser, this.#tab);
    await this.#append();
  }

  /** Appends the entries that are not known to be in the file. */
  async #append() {
    this.#life += 1;
    const of = {
      dir: "dir",
      tab: this.#name,
      life: this.#life,
      numbers: [...this.#missing],
      longestPause: this.#longestPause,
    };
    await this.#tab.evaluate((of) => void globalThis.tab.appendAll(of), of);
  }

  /** @param {News} news */
  #hear({
    life,
    acknowledged = [],
    failed = {},
    slow = [],
    longest = 0,
    ended,
    freeze,
    wrong,
    stall,
  }) {
    for (const [attempt, number] of acknowledged) {
      this.#missing.delete(number);
      this.#acknowledged.add(`${this.#name} ${life} ${attempt} ${number}`);
    }
    for (const [code, count] of Object.entries(failed))
      this.failed[code] = (this.failed[code] ?? 0) + count;
    this.#longest = Math.max(this.#longest, longest);
    this.#slow.push(...slow.map(([from, time]) => ({ from, to: from + time })));
    if (stall) this.#still.push(stall);
    if (ended) this.ended[ended] = (this.ended[ended] ?? 0) + 1;
    if (freeze !== undefined) this.frozen.times += 1;
    if (freeze !== undefined && freeze > 0) this.frozen.timesInBatch += 1;
    if (wrong) this.wrong.push(`${this.#name}: ${wrong}`);
  }

  /**
   * Returns the time of the longest append, without the time in which it was stopped.
   *
   * @param {Stretch[]} stalls in which every tab was stopped
   */
  longest(stalls) {
    const stretches = [...this.#still, ...stalls].sort((a, b) => a.from - b.from);
    return Math.max(
      this.#longest,
      ...this.#slow.map((append) => {
        let time = 0;
        let at = append.from;
        for (const { from, to } of stretches) {
          time += Math.max(0, Math.min(from, append.to) - at);
          at = Math.max(at, to);
        }
        return time + Math.max(0, append.to - at);
      }),
    );
  }

  /** @param {string} kind @param {number} delay */
  async endWorker(kind, delay) {
    await this.#tab.evaluate((kind, delay) => globalThis.tab.endWorker(kind, delay), kind, delay);
  }

  async reload() {
    await this.#tab.reload();
    await this.#append();
  }

  async reopen() {
    await this.#tab.close();
    await this.begin();
  }

  /**
   * Freezes the tab.
   *
   * @param {number} time in milliseconds
   * @param {boolean} isClosed whether the tab is closed afterwards, and another tab opened
   */
  async freeze(time, isClosed) {
    // Most times the tab is in the middle of a batch.
    await this.#tab.evaluate(() => globalThis.tab.whenAppending());
    const still = { from: Date.now(), to: Infinity };
    this.#still.push(still);
    await this.#browser.freeze?.(this.#tab);
    await pause(time);
    if (isClosed) await this.reopen();
    else await this.#browser.thaw?.(this.#tab);
    still.to = Date.now();
  }

  /**
   * Stops the tab's process.
   *
   * @param {number} time in milliseconds
   * @param {WriterTab[]} writers whose tabs may be in the same process
   */
  async stop(time, writers) {
    const stopped = /** @type {number} */ (this.#process);
    // Only a process of the browser that was started here may be stopped.
    if (!this.#browser.processes().includes(stopped))
      throw new Error(`the tab's process ${stopped} is gone`);
    const still = { from: Date.now(), to: Infinity };
    for (const writer of writers) if (writer.#process === stopped) writer.#still.push(still);
    process.kill(stopped, "SIGSTOP");
    try {
      await pause(time);
    } finally {
      process.kill(stopped, "SIGCONT");
      still.to = Date.now();
    }
  }

  /**
   * Checks that all acknowledged entries are in the file, that no entry is there twice, and that
   * the entries of each life are in order.
   *
   * @param {string[]} inFile identities
   */
  check(inFile) {
    const mine = inFile.filter((identity) => identity.startsWith(`${this.#name} `));
    const there = new Set(mine);
    assert.equal(there.size, mine.length, `${this.#name} has entries that are in the file twice`);
    const lost = [...this.#acknowledged].filter((identity) => !there.has(identity));
    assert.deepEqual(
      lost.slice(0, 10),
      [],
      `${lost.length} acknowledged entries of ${this.#name} are not in the file`,
    );
    const last = new Map();
    for (const identity of mine) {
      const [, life, attempt] = identity.split(" ").map(Number);
      assert.ok(attempt > (last.get(life) ?? -1), `${identity} is after attempt ${last.get(life)}`);
      last.set(life, attempt);
    }
  }
}
