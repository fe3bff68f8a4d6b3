// A browser that is killed with all its processes, and started again on its profile.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

import { chromiumOptions, opened } from "../../browser/browsers.js";
import { descendants } from "../../browser/everyday-browsers.js";

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
  /** @type {import("puppeteer-core").Browser | null} */
  #browser = null;

  /**
   * @param {keyof typeof options} name
   * @param {string} [profile] a new one if none is given
   */
  constructor(name, profile = mkdtempSync(join(tmpdir(), "skill-log-killed-"))) {
    this.#name = name;
    this.#profile = profile;
  }

  async start() {
    this.#browser ??= await puppeteer.launch({
      ...options[this.#name],
      userDataDir: this.#profile,
      // The runner ends the browser.
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  }

  /** Opens a tab. @param {string} url */
  async open(url) {
    await this.start();
    const browser = /** @type {import("puppeteer-core").Browser} */ (this.#browser);
    return opened(await browser.newPage(), url);
  }

  /** Kills all processes at once. */
  async kill() {
    const browser = this.#browser;
    this.#browser = null;
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

  /** Returns a browser on a copy of the profile, which is in use now. */
  copied() {
    const profile = mkdtempSync(join(tmpdir(), "skill-log-copied-"));
    // Files come and go while they are copied; sockets and locks are of the running browser.
    copyTree(this.#profile, profile);
    return new KilledBrowser(this.#name, profile);
  }

  async close() {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} from @param {string} to */
function copyTree(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !/(Singleton\w+|[/.]parentlock|[/]lock)$/.test(path),
  });
}
