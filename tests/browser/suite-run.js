// Runs tests in a tab, and makes each of them a test of Node's.

import assert from "node:assert/strict";
import { SourceMap } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

import { bundle } from "./bundle.js";
import { serve } from "./server.js";

/** A test that takes longer hangs, in milliseconds. */
const LIMIT = 60_000;

/** Where a suite may run. */
export const rooms = ["page", "worker"];

/** The page of a suite in a worker: it only hands on what it is asked. */
const workerPage = `<!doctype html><title>worker</title><script type="module">
  const worker = new Worker("/suite.js", { type: "module" });
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  worker.onerror = (event) => fail(new Error("the worker: " + event.message + " at " + event.filename + ":" + event.lineno));
  const ask = (name, ...args) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ name, args, port: port2 }, [port2]);
    return Promise.race([failed, new Promise((done) => (port1.onmessage = ({ data }) => done(data)))]);
  };
  globalThis.suite = { titles: () => ask("titles"), run: (index) => ask("run", index) };
</script>`;

const pages = { page: '<!doctype html><title>page</title><script type="module" src="/suite.js"></script>', worker: workerPage };

/**
 * Serves a bundled file of tests to pages of two kinds, `/page` and `/worker`.
 *
 * @param {import("node:test").TestContext} t when it ends, so does the server
 * @param {string} path
 */
export async function serveSuite(t, path) {
  const { code, map } = await bundle(path);
  const server = await serve({ "/suite.js": code, "/page": pages.page, "/worker": pages.worker });
  t.after(server.close);
  return { url: server.url, server, map: new SourceMap(JSON.parse(map)) };
}

/**
 * Runs every test of a served suite, one after the other. A tab that died or hangs fails its test, and the rest goes on in
 * a new one.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./browsers.js").Browser} browser
 * @param {Awaited<ReturnType<typeof serveSuite>>} suite
 * @param {string} room "page" or "worker"
 * @param {RegExp} [only] titles to run
 */
export async function runSuite(t, browser, { url, map }, room, only = /./) {
  const open = async () => {
    const tab = await browser.open(`${url}/${room}`);
    const titles = await within(LIMIT, tab.evaluate(() => globalThis.suite?.titles()));
    const errors = await tab.takeErrors();
    if (errors.length > 0 || !titles) throw new Error(`the tests did not start: ${sources(errors.join("\n"), map)}`);
    return { tab, titles };
  };
  let { tab, titles } = await open();
  assert(titles.length > 0, "there are no tests");
  for (const [index, title] of titles.entries()) {
    if (!only.test(title)) continue;
    await t.test(title, async (t) => {
      tab ??= (await open()).tab;
      let result;
      try {
        result = await within(LIMIT, tab.evaluate((i) => globalThis.suite.run(i), index));
      } catch (cause) {
        // It may not answer any more, not even to this.
        void tab.close().catch(() => {});
        tab = undefined;
        throw new Error(`the ${room} died or hangs: ${sources(cause.message, map)}`, { cause });
      }
      for (const message of result.diagnostics) t.diagnostic(message);
      if (result.error) {
        const { message, stack } = result.error;
        // Chromium's stacks begin with the message; those of others have frames alone.
        const frames = stack.includes(message) ? stack : `${message}\n${stack}`;
        throw Object.assign(new Error(message), { stack: sources(frames, map) });
      }
      const errors = await tab.takeErrors();
      assert.equal(errors.length, 0, `the ${room} told of errors:\n${sources(errors.join("\n"), map)}`);
    });
  }
  await tab?.close();
}

/**
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
 * Says of each place in the bundle where it is in the sources.
 *
 * @param {string} text a stack, of any browser
 * @param {SourceMap} map
 */
function sources(text, map) {
  return text.replace(/http:\/\/[^\s()]*\/suite\.js:(\d+):(\d+)/g, (place, line, column) => {
    const { originalSource, originalLine, originalColumn } = map.findEntry(Number(line) - 1, Number(column) - 1);
    return originalSource ? `${originalSource}:${originalLine + 1}:${originalColumn + 1}` : place;
  });
}
