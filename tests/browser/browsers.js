// Starts real browsers, each with the same few functions that tests need. `tab.page` leads to what
// only one browser has.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { Builder, By } from "selenium-webdriver";

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {(url: string) => Promise<Tab>} open opens a new tab, and resolves when its page has
 *   loaded
 * @property {() => Promise<void>} close ends the browser and removes its profile
 * @property {any} native Playwright's BrowserContext, Puppeteer's Browser, or Selenium's WebDriver
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
 * @property {any} page Playwright's Page (a CDP session is `page.context().newCDPSession(page)`),
 *   Puppeteer's Page, or Selenium's WebDriver
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

/** Options of Chromium's command line that keep it from using the network. */
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const executablePath = "/usr/bin/chromium";

/**
 * @param {{ args?: string[], preferences?: object }} [options] for the command line and the profile
 * @returns {Promise<Browser>}
 */
async function launchChromium({ args = [], preferences = {} } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "skill-log-chromium-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  // A persistent context has OPFS on the disk, as for people. Any other context is a private
  // window.
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...quiet, ...args],
  });
  return ofPlaywright("Chromium", context, async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
}

/** @returns {Promise<Browser>} whose OPFS is in memory, and differs a little from OPFS elsewhere */
async function launchPrivateChromium() {
  const browser = await chromium.launch({ executablePath, args: quiet });
  return ofPlaywright("Chromium, private", await browser.newContext(), () => browser.close());
}

/**
 * @param {string} name
 * @param {import("playwright-core").BrowserContext} context
 * @param {() => Promise<void>} close
 * @returns {Browser}
 */
function ofPlaywright(name, context, close) {
  return {
    name,
    open: async (url) =>
      opened(await context.newPage(), url, (page, selector, paths) =>
        page.setInputFiles(selector, paths),
      ),
    close,
    native: context,
  };
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
    protocolTimeout: 600_000,
  });
  return {
    name: "Firefox",
    open: async (url) =>
      opened(await browser.newPage(), url, async (page, selector, paths) =>
        (await page.$(selector)).uploadFile(...paths),
      ),
    close: () => browser.close(),
    native: browser,
  };
}

/**
 * Opens a URL in a new page of Playwright or Puppeteer, whose pages are nearly the same.
 *
 * @param {any} page
 * @param {string} url
 * @param {(page: any, selector: string, paths: string[]) => Promise<void>} setFiles
 * @returns {Promise<Tab>}
 */
export async function opened(page, url, setFiles) {
  /** @type {string[]} */
  let errors = [];
  page.on("pageerror", (/** @type {any} */ error) => errors.push(String(error?.stack ?? error)));
  page.on(
    "console",
    (/** @type {{ type(): string, text(): string }} */ message) =>
      message.type() === "error" && errors.push(message.text()),
  );
  page.on("crash", () => errors.push("the page crashed"));
  await page.goto(url);
  return {
    evaluate: (body, ...args) => page.evaluate(call(body, args)),
    reload: () => page.reload(),
    close: () => page.close(),
    setFiles: (selector, ...paths) => setFiles(page, selector, paths),
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
    const driver = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities(capabilities)
      .build();
    await driver.manage().setTimeouts({ script: 180_000 });
    return {
      name: "WebKitGTK",
      open: webKitTabs(driver, await driver.getWindowHandle()),
      async close() {
        await driver.quit();
        process.off("exit", kill);
        const ended = children.map((child) => once(child, "exit"));
        kill();
        await Promise.all(ended);
      },
      native: driver,
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
 * @param {import("selenium-webdriver").WebDriver} driver
 * @param {string} first a window that is always open, because a window can only be opened from
 *   another
 */
function webKitTabs(driver, first) {
  let last = Promise.resolve();
  /** @param {() => Promise<any>} work */
  const inTurn = (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  const collectErrors = () =>
    driver.executeScript(() => {
      const { console } = globalThis;
      globalThis.errorsOfPage = [];
      const add = (/** @type {any} */ error) =>
        globalThis.errorsOfPage.push(String(error?.stack ?? error));
      addEventListener("error", ({ error, message }) => add(error ?? message));
      addEventListener("unhandledrejection", ({ reason }) => add(reason));
      const { error } = console;
      console.error = (...args) => {
        add(args.join(" "));
        error.apply(console, args);
      };
    });

  /** @param {string} url @returns {Promise<Tab>} */
  return async (url) => {
    /** @type {string} */
    let handle;
    const inTab = (/** @type {() => Promise<any>} */ work) =>
      inTurn(async () => {
        await driver.switchTo().window(handle);
        return work();
      });
    await inTurn(async () => {
      await driver.switchTo().window(first);
      // A window, because a tab would be in the background, where timers are slow.
      await driver.switchTo().newWindow("window");
      handle = await driver.getWindowHandle();
      await driver.get(url);
      await collectErrors();
    });
    return {
      evaluate: (body, ...args) => inTab(() => driver.executeScript(`return ${call(body, args)}`)),
      reload: () =>
        inTab(async () => {
          await driver.navigate().refresh();
          await collectErrors();
        }),
      close: () =>
        inTab(async () => {
          await driver.close();
          // A window that is gone answers no call, not even one that opens another window.
          await driver.switchTo().window((await driver.getAllWindowHandles())[0]);
        }),
      setFiles: (selector, ...paths) =>
        inTab(() => driver.findElement(By.css(selector)).sendKeys(paths.join("\n"))),
      takeErrors: () => inTab(() => driver.executeScript(() => globalThis.errorsOfPage.splice(0))),
      page: driver,
    };
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
