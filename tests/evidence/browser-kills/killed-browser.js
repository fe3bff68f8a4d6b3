// A browser that is killed with all its processes, and started again on its profile.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";

import { chromiumOptions, opened } from "../../browser/browsers.js";
import { descendants } from "../../browser/everyday-browsers.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { Tab } from "../../browser/browsers.js" */

/** About how long a slow copy takes at most, in milliseconds. */
const SLOWEST_COPY = 2_000;

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
  /** @type {Promise<import("puppeteer-core").Browser> | null} */
  #browser = null;
  /** @type {Promise<Tab> | null} */
  #first = null;

  /**
   * @param {keyof typeof options} name
   * @param {string} [profile] a new one if none is given
   */
  constructor(name, profile = mkdtempSync(join(tmpdir(), "skill-log-killed-"))) {
    this.#name = name;
    this.#profile = profile;
  }

  #started() {
    this.#browser ??= puppeteer.launch({
      ...options[this.#name],
      userDataDir: this.#profile,
      // The runner ends the browser.
      handleSIGINT: false,
      handleSIGTERM: false,
    });
    return this.#browser;
  }

  /** Opens a tab. @param {string} url */
  async open(url) {
    const browser = await this.#started();
    return opened(await browser.newPage(), url);
  }

  /**
   * Returns the tab that the browser starts with.
   *
   * @param {string} url where it goes the first time
   */
  first(url) {
    this.#first ??= this.#started().then(async (browser) => {
      const [page] = await browser.pages();
      return opened(page ?? (await browser.newPage()), url);
    });
    return this.#first;
  }

  /** Closes all tabs. */
  async closeTabs() {
    this.#first = null;
    const browser = await this.#browser;
    for (const page of (await browser?.pages()) ?? []) await page.close();
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
