// A browser that is killed with all its processes, and started again on its profile.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";

import { chromiumOptions } from "../../browser/browsers.js";
import { descendants } from "../../browser/everyday-browsers.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { Browser, Page } from "puppeteer-core" */

/** About how long a slow copy takes at most, in milliseconds. */
const SLOWEST_COPY = 2_000;

/** How often to look whether the first page has loaded, in milliseconds. */
const POLLING = 10;

/** How a browser is started on a profile. */
const options = {
  Chromium: {
    browser: /** @type {const} */ ("chrome"),
    executablePath: "/usr/bin/chromium",
    args: [...chromiumOptions, "--noerrdialogs", "--hide-crash-restore-bubble"],
  },
  Firefox: {
    browser: /** @type {const} */ ("firefox"),
    executablePath: "/usr/bin/firefox-esr",
    args: [],
    extraPrefsFirefox: {
      // A browser that was killed often asks whether to start in its safe mode.
      "toolkit.startup.max_resumed_crashes": -1,
      "browser.sessionstore.resume_from_crash": false,
    },
  },
};

export class KilledBrowser {
  #name;
  #profile;
  /** @type {Promise<Browser> | null} */
  #browser = null;
  /** @type {Promise<Page> | null} */
  #first = null;

  /**
   * @param {keyof typeof options} name
   * @param {string} [profile] a new one if none is given
   */
  constructor(name, profile = mkdtempSync(join(tmpdir(), "skill-log-killed-"))) {
    this.#name = name;
    this.#profile = profile;
  }

  /**
   * Opens a page in a first tab, and returns this tab. Starts the browser, unless it runs.
   *
   * @param {string} url of a page that sets `globalThis.at`
   */
  first(url) {
    this.#first ??= this.#start(url).then(async (browser) => {
      const [page = await browser.newPage()] = await browser.pages();
      if (page.url() !== url) await page.goto(url);
      await page.waitForFunction("globalThis.at", { polling: POLLING });
      return page;
    });
    return this.#first;
  }

  /** @param {string} url */
  #start(url) {
    const { args, ...rest } = options[this.#name];
    this.#browser ??= puppeteer
      .launch({
        ...rest,
        // A page that the command line names loads while the driver connects.
        args: [...args, url],
        userDataDir: this.#profile,
        // The runner ends the browser.
        handleSIGINT: false,
        handleSIGTERM: false,
      })
      .catch((error) => {
        this.#browser = null;
        this.#first = null;
        throw error;
      });
    return this.#browser;
  }

  /** Closes all tabs. */
  async closeTabs() {
    this.#first = null;
    const browser = await this.#browser;
    for (const page of (await browser?.pages()) ?? []) await page.close();
  }

  /** Ends the browser as people do. The next tab starts it again. */
  async end() {
    const browser = await this.#browser;
    this.#browser = null;
    this.#first = null;
    await browser?.close();
  }

  /** Kills all processes at once. */
  async kill() {
    const browser = await this.#browser;
    this.#browser = null;
    this.#first = null;
    const child = browser?.process();
    if (!browser || !child?.pid) return;
    const ended = new Promise((done) => child.once("exit", done));
    // The first process first, because it might tidy up after the others.
    for (const pid of [child.pid, ...descendants(child.pid)]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended with another.
      }
    }
    if (child.exitCode === null && child.signalCode === null) await ended;
    await browser.disconnect().catch(() => {});
  }

  /**
   * Copies the profile, which is in use. Returns a browser on the copy.
   *
   * @param {Random} random
   */
  async copied(random) {
    const profile = mkdtempSync(join(tmpdir(), "skill-log-copied-"));
    await copyInUse(this.#profile, profile, random);
    return new KilledBrowser(this.#name, profile);
  }

  async close() {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Copies a folder whose files change meanwhile, as a backup does: at once or slowly, one file after
 * the other, in any order.
 *
 * @param {string} from
 * @param {string} to
 * @param {Random} random
 */
async function copyInUse(from, to, random) {
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    // Sockets and links belong to the running browser, as its lock does.
    .filter((file) => file.isFile() && file.name !== ".parentlock")
    .map((file) => relative(from, join(file.parentPath, file.name)));
  const rest = random.pick([0, SLOWEST_COPY / files.length]);
  for (const file of random.shuffle(files)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    try {
      copyFileSync(join(from, file), join(to, file));
    } catch (error) {
      // The browser removed it since.
      if (/** @type {{ code?: string }} */ (error).code !== "ENOENT") throw error;
    }
    await pause(random.fraction() * rest);
  }
}
