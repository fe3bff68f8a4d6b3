// Starts real browsers, each with the same few functions that tests need. `tab.page` leads to what
// only one browser has.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";

import { WebDriver } from "./web-driver.js";

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {(url: string) => Promise<Tab>} open opens a new tab, and resolves when its page has
 *   loaded
 * @property {() => Promise<void>} close ends the browser and removes its profile
 * @property {import("puppeteer-core").Browser} [native] in Chromium and Firefox
 *
 * @typedef {object} Tab
 * @property {(body: (...args: any[]) => any, ...args: unknown[]) => Promise<any>} evaluate runs a
 *   function in the page, from its text. Arguments and the result, which may be a promise's, cross
 *   as JSON. Rejects when the function throws. In WebKitGTK the function has 3 minutes.
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} close
 * @property {(selector: string, ...paths: string[]) => Promise<void>} setFiles chooses files in a
 *   file input, by absolute paths
 * @property {() => Promise<string[]>} takeErrors returns the page's errors since the last call:
 *   uncaught errors, `console.error`, a crash. In WebKitGTK, errors before the page had loaded are
 *   missing.
 * @property {any} page Puppeteer's Page (`page.createCDPSession()` is Chromium's only), or a
 *   WebDriver
 */

/**
 * For `skip`: why no browser can be driven here, or `false`. A browser that does not start is a
 * failure.
 */
export const undrivable =
  process.platform !== "linux" && "browsers are looked for where Debian has them";

/**
 * Each starts a browser with a new profile.
 *
 * @satisfies {Record<string, (options?: any) => Promise<Browser>>}
 */
export const launch = {
  Chromium: launchChromium,
  "Chromium, private": launchPrivateChromium,
  Firefox: launchFirefox,
  WebKitGTK: launchWebKit,
};

/** Options of Chromium's command line, of which most keep it from using the network. */
export const chromiumOptions = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Chromium has no sandbox for root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** How long a function may run in a page, in milliseconds. */
const PROTOCOL_TIMEOUT = 600_000;

/**
 * @param {{ args?: string[], preferences?: object }} [options] for the command line and the profile
 * @returns {Promise<Browser>}
 */
async function launchChromium({ args = [], preferences = {} } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "skill-log-chromium-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const browser = await startChromium({ userDataDir: profile, args });
  return ofPuppeteer("Chromium", browser, browser, async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  });
}

/**
 * @returns {Promise<Browser>} a private window, whose OPFS is in memory, and differs a little from
 *   OPFS elsewhere
 */
async function launchPrivateChromium() {
  const browser = await startChromium({});
  return ofPuppeteer("Chromium, private", browser, await browser.createBrowserContext(), () =>
    browser.close(),
  );
}

/** @param {{ userDataDir?: string, args?: string[] }} options */
function startChromium({ userDataDir, args = [] }) {
  return puppeteer.launch({
    browser: "chrome",
    executablePath: "/usr/bin/chromium",
    userDataDir,
    // Tests drag scroll bars.
    ignoreDefaultArgs: ["--hide-scrollbars"],
    args: [...chromiumOptions, ...args],
    protocolTimeout: PROTOCOL_TIMEOUT,
  });
}

/**
 * @param {{ prefs?: Record<string, unknown> }} [options] preferences, as `about:config` has them
 * @returns {Promise<Browser>}
 */
async function launchFirefox({ prefs } = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    extraPrefsFirefox: prefs,
    protocolTimeout: PROTOCOL_TIMEOUT,
  });
  return ofPuppeteer("Firefox", browser, browser, () => browser.close());
}

/**
 * @param {string} name
 * @param {import("puppeteer-core").Browser} browser
 * @param {Pick<import("puppeteer-core").BrowserContext, "newPage">} pages opens pages
 * @param {() => Promise<void>} close
 * @returns {Browser}
 */
function ofPuppeteer(name, browser, pages, close) {
  return { name, open: async (url) => opened(await pages.newPage(), url), close, native: browser };
}

/**
 * Opens a URL in a new page.
 *
 * @param {import("puppeteer-core").Page} page
 * @param {string} url
 * @returns {Promise<Tab>}
 */
export async function opened(page, url) {
  /** @type {string[]} */
  let errors = [];
  page.on("pageerror", (error) => {
    errors.push(String((error instanceof Error && error.stack) || error));
  });
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("error", () => errors.push("the page crashed"));
  await page.goto(url);
  return {
    evaluate: (body, ...args) => page.evaluate(call(body, args)),
    reload: async () => void (await page.reload()),
    close: () => page.close(),
    async setFiles(selector, ...paths) {
      const input = /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (
        await page.$(selector)
      );
      await input.uploadFile(...paths);
    },
    async takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    page,
  };
}

/**
 * @param {{ features?: string[] }} [options] features to turn on, of `MiniBrowser --features=help`
 * @returns {Promise<Browser>} in effect a private window: a driven browser keeps nothing, and has
 *   no OPFS
 */
async function launchWebKit({ features = [] } = {}) {
  const screen = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const children = [screen];
  const kill = () => children.forEach((child) => child.kill());
  process.once("exit", kill);
  try {
    const display = await new Promise((done, fail) => {
      screen.once("error", fail);
      screen.once("exit", (code) => fail(new Error(`Xvfb ended with status ${code}`)));
      screen.stdio[3]?.once("data", (number) => done(`:${String(number).trim()}`));
    });
    const port = await freePort();
    children.push(
      spawn("WebKitWebDriver", [`--port=${port}`], {
        stdio: "ignore",
        env: { ...process.env, DISPLAY: display },
      }),
    );
    children[1].once("error", () => {}); // Then no server answers, which is reported below.
    await answered(`http://127.0.0.1:${port}/status`);
    // Without a program's name, the driver starts the MiniBrowser that belongs to it.
    const args = ["--automation", `--features=${features.map((name) => `+${name}`)}`];
    const capabilities = { browserName: "MiniBrowser", "webkitgtk:browserOptions": { args } };
    const driver = await WebDriver.start(`http://127.0.0.1:${port}`, capabilities);
    await driver.limitScripts(180_000);
    return {
      name: "WebKitGTK",
      open: webKitTabs(driver, await driver.window()),
      async close() {
        await driver.quit();
        process.off("exit", kill);
        const ended = children.map((child) => once(child, "exit"));
        kill();
        await Promise.all(ended);
      },
    };
  } catch (error) {
    kill();
    throw error;
  }
}

/**
 * Returns a function that opens tabs. WebDriver speaks to one tab at a time, so calls to several
 * tabs run one after the other.
 *
 * @param {WebDriver} driver
 * @param {string} first a window that is always open, because a window can only be opened from
 *   another
 */
function webKitTabs(driver, first) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  const inTurn = (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };

  /** @param {string} url @returns {Promise<Tab>} */
  return async (url) => {
    const handle = await inTurn(async () => {
      await driver.switchTo(first);
      // A window, because a tab would be in the background, where timers are slow.
      const opened = await driver.open();
      await driver.go(url);
      await driver.run(call(collectErrors, []));
      return opened;
    });
    /**
     * @template T
     * @param {() => Promise<T>} work
     */
    const inTab = (work) =>
      inTurn(async () => {
        await driver.switchTo(handle);
        return work();
      });
    return {
      evaluate: (body, ...args) => inTab(() => driver.run(`return ${call(body, args)}`)),
      reload: () =>
        inTab(async () => {
          await driver.reload();
          await driver.run(call(collectErrors, []));
        }),
      close: () =>
        inTab(async () => {
          await driver.close();
          // A window that is gone answers no call, not even one that opens another window.
          await driver.switchTo((await driver.windows())[0]);
        }),
      setFiles: (selector, ...paths) => inTab(() => driver.type(selector, paths.join("\n"))),
      takeErrors: () => inTab(() => driver.run("return globalThis.errorsOfPage.splice(0)")),
      page: driver,
    };
  };
}

/** Collects the errors that `takeErrors` returns. Runs in a page. */
function collectErrors() {
  /** @type {string[]} */
  const errors = [];
  Object.assign(globalThis, { errorsOfPage: errors });
  const add = (/** @type {any} */ error) => errors.push(String(error?.stack ?? error));
  addEventListener("error", ({ error, message }) => add(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => add(reason));
  const { error } = console;
  console.error = (...args) => {
    add(args.join(" "));
    error.apply(console, args);
  };
}

/**
 * @param {Function} body
 * @param {unknown[]} args
 */
function call(body, args) {
  return `(${body})(...${JSON.stringify(args)})`;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

/** @param {string} url */
async function answered(url) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fetch(url);
    } catch (cause) {
      if (attempt === 100) throw new Error(`no server answers at ${url}`, { cause });
      await pause(50);
    }
  }
}
