// Runs tests in a tab of a real browser, each as a test of Node's.

import assert from "node:assert/strict";
import { SourceMap } from "node:module";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { Disk, takesFiles } from "./disk.js";
import { serve } from "./server.js";
import { urlLogs } from "./url-logs.js";

/**
 * A test that takes longer hangs, in milliseconds. The longest test, in Firefox, took 8 to 113 s
 * while two cores had a load of 7 to 16.
 */
const LIMIT = 180_000;

/** Browsers report each request that fails. Tests check what the package makes of it. */
const ofRequest =
  /^Failed to load resource: |blocked by CORS policy|Cross-Origin Request Blocked: /;

/** The error when no test can be loaded. */
const NOT_LOADED = "a module cannot be loaded: is dist/ built?";

/**
 * The pages of a suite. The page with a worker passes calls to it.
 *
 * @type {Record<"page" | "worker", string>}
 */
const pages = {
  page: `<!doctype html><title>page</title>${takesFiles}<script type="module" src="/suite.js"
    onerror="suite = { titles() { throw new Error('${NOT_LOADED}') } }"></script>`,
  worker: `<!doctype html><title>worker</title>${takesFiles}<script type="module">
    const worker = new Worker("/suite.js", { type: "module" });
    let fail;
    const failed = new Promise((_, reject) => (fail = reject));
    failed.catch(() => {});
    worker.onerror = ({ message, filename, lineno, colno }) =>
      fail(new Error(message ? message + " at " + filename + ":" + lineno + ":" + colno : "${NOT_LOADED}"));
    const call = (name, ...args) => {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ name, args, port: port2 }, [port2]);
      return Promise.race([failed, new Promise((done) => (port1.onmessage = ({ data }) => done(data)))]);
    };
    globalThis.suite = {
      titles: () => call("titles"),
      run: (index) => call("run", index),
      answer: async (answer) => call("answer", answer, await given()),
    };
  </script>`,
};

/**
 * Makes a test of a file of tests, which run in turn in each browser, in a page and in a worker.
 *
 * `node FILE.test.js [browser] [page | worker] [title]` runs a part of them, by hand. The title is
 * a regular expression.
 *
 * @param {string} title
 * @param {URL} file in page/
 * @param {(keyof typeof launch)[]} browsers
 * @param {string[]} [rooms]
 */
export function browserSuite(title, file, browsers, rooms = Object.keys(pages)) {
  const [browser, room, only = ""] = process.argv.slice(2);
  test(title, { skip: undrivable, concurrency: true }, async (t) => {
    const { code, map: mapText } = await bundle(fileURLToPath(file));
    const map = new SourceMap(JSON.parse(mapText));
    const server = await serve(
      { "/suite.js": code, "/page": pages.page, "/worker": pages.worker },
      { "/logs/": urlLogs() },
    );
    t.after(server.close);
    const runIn = (/** @type {string} */ name) =>
      t.test(name, async (t) => {
        const browser = await launch[/** @type {keyof typeof launch} */ (name)]();
        t.after(browser.close);
        for (const each of room ? [room] : rooms) {
          await t.test(each, (t) =>
            runSuite(t, browser, `${server.url}/${each}`, map, new RegExp(only)),
          );
        }
      });
    await Promise.all((browser ? [browser] : browsers).map(runIn));
  });
}

/**
 * Runs the tests of a page. When a tab died or hangs, its test fails and the rest runs in a new
 * tab.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./browsers.js").Browser} browser
 * @param {string} url
 * @param {SourceMap} map of the bundled tests
 * @param {RegExp} only matches the titles to run
 */
async function runSuite(t, browser, url, map, only) {
  const open = async () => {
    const tab = await within(LIMIT, browser.open(url));
    // The page has loaded, but in WebKitGTK its module may not have run yet.
    for (const end = performance.now() + LIMIT; performance.now() < end; await pause(50)) {
      /** @type {string[] | undefined} */
      const titles = await within(
        LIMIT,
        tab.evaluate(() => globalThis.suite?.titles()),
      );
      if (titles) return { tab, titles };
      const errors = await tab.takeErrors();
      if (errors.length > 0) throw failure(`the tests did not start: ${errors.join("\n")}`, map);
    }
    throw new Error("the tests did not start");
  };
  const { titles, ...opened } = await open();
  assert.equal(
    await opened.tab.evaluate(() => globalThis.crossOriginIsolated),
    false,
    "the page is cross-origin isolated, but the package must not need COOP and COEP headers",
  );
  assert(
    titles.some((title) => only.test(title)),
    `no title matches ${only}`,
  );
  let tab = /** @type {import("./browsers.js").Tab | null} */ (opened.tab);
  for (const [index, title] of titles.entries()) {
    if (!only.test(title)) continue;
    const running = (tab ??= (await open()).tab);
    await t.test(title, async (t) => {
      let result;
      try {
        result = await within(LIMIT, runTest(running, index));
      } catch (cause) {
        // The tab may answer no more, not even to this.
        void running.close().catch(() => {});
        tab = null;
        throw failure(`the tab died or hangs: ${/** @type {Error} */ (cause).message}`, map);
      }
      for (const message of result.diagnostics) t.diagnostic(message);
      if (result.error) {
        const { message, stack } = result.error;
        // Chromium's stacks start with the message. Other browsers' stacks have frames only.
        throw failure(message, map, stack.includes(message) ? stack : `${message}\n${stack}`);
      }
      const errors = (await running.takeErrors()).filter((error) => !ofRequest.test(error));
      if (errors.length > 0) throw failure(`the tab has errors: ${errors.join("\n")}`, map);
    });
  }
  await tab?.close();
}

/**
 * Runs a test, and does what it asks Node for.
 *
 * @param {import("./browsers.js").Tab} tab
 * @param {number} index
 * @returns {Promise<{ error: { message: string, stack: string } | null, diagnostics: string[] }>}
 */
async function runTest(tab, index) {
  /** @type {Disk | null} */
  let disk = null;
  try {
    let step = await tab.evaluate((i) => globalThis.suite.run(i), index);
    while (step.asked) {
      disk ??= new Disk(tab);
      step = await tab.evaluate(
        (answer) => globalThis.suite.answer(answer),
        await disk.answer(step.asked),
      );
    }
    return step.result;
  } finally {
    disk?.remove();
  }
}

/**
 * Resolves as a promise does, or rejects when it takes longer.
 *
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(milliseconds, promise) {
  const ended = new AbortController();
  const late = pause(milliseconds, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    ended.abort();
  }
}

/**
 * Makes an error of a browser's message, without Node's stack, which would only name this file.
 *
 * @param {string} message
 * @param {SourceMap} map of the bundle, which turns places of the bundle into places of the sources
 * @param {string} [stack] of any browser
 */
function failure(message, map, stack = message) {
  const inSources = (/** @type {string} */ text) =>
    text.replace(/http:\/\/[^\s()]*\/suite\.js:(\d+):(\d+)/g, (place, line, column) => {
      const found = map.findEntry(Number(line) - 1, Number(column) - 1);
      return "originalSource" in found && found.originalSource
        ? `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`
        : place;
    });
  return Object.assign(new Error(inSources(message)), { stack: inSources(stack) });
}
