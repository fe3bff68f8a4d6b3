// Places that lack something: what works there, and why the rest does not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** @import { Browser } from "./browsers.js" */
import { launch, undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { serve } from "./server.js";

/** @param {string} file */
const path = (file) => fileURLToPath(new URL(file, import.meta.url));

const page = "<!doctype html><title>a page</title>";

/** @param {string} workers the sources of workers that the page may start */
const withPolicy = (workers) => ({
  body: page,
  headers: {
    "content-security-policy": `script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; worker-src ${workers}`,
  },
});

async function serveRoutes() {
  const { code } = await bundle(path("page/degraded.js"));
  // A frame without an origin may only load files that every origin may load.
  const headers = { "access-control-allow-origin": "*" };
  const server = await serve({
    "/page": page,
    "/no-workers": withPolicy("'none'"),
    "/own-workers": withPolicy("'self'"),
    "/degraded.js": { body: code, headers },
    "/dist/browser.js": {
      body: await bundled({ entryPoints: [path("../../dist/browser.js")] }, "esm"),
      headers,
    },
    "/frame": `${page}<script type="module">import { whatWorks } from "/degraded.js"; parent.postMessage(await whatWorks(), "*")</script>`,
    "/shared-worker.js":
      'import { whatWorks } from "/degraded.js"; onconnect = async ({ ports: [port] }) => port.postMessage(await whatWorks());',
    // A bundle of everything, because a service worker of Firefox cannot be a module.
    "/service-worker.js": await bundled(
      {
        stdin: { contents: serviceWorker, resolveDir: path(".") },
        alias: { "skill-log": path("../../dist/browser.js") },
      },
      "iife",
    ),
  });
  return server;
}

const serviceWorker = `
  import { whatWorks } from "./page/degraded.js";
  addEventListener("message", async ({ ports: [port] }) => port.postMessage(await whatWorks()));`;

/**
 * @param {import("esbuild").BuildOptions} options
 * @param {"esm" | "iife"} format
 */
async function bundled(options, format) {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    format,
    write: false,
    logLevel: "silent",
  });
  return /** @type {import("esbuild").OutputFile[]} */ (outputFiles)[0].text;
}

// Each of these functions runs in a page, and asks a place what works in it.

const inPage = async () => {
  /** @type {typeof import("./page/degraded.js")} */
  const { whatWorks } = await import(/** @type {any} */ ("/degraded.js"));
  return whatWorks();
};

const inFrame = () =>
  new Promise((done) => {
    addEventListener("message", ({ data }) => done(data));
    document.body.innerHTML = '<iframe sandbox="allow-scripts" src="/frame"></iframe>';
  });

const inSharedWorker = () =>
  new Promise((done, fail) => {
    const worker = new SharedWorker("/shared-worker.js", { type: "module" });
    worker.onerror = () => fail(new Error("the shared worker cannot be started"));
    worker.port.onmessage = ({ data }) => done(data);
  });

const inServiceWorker = async () => {
  await navigator.serviceWorker.register("/service-worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.onmessage = ({ data }) => done(data);
    active?.postMessage("what works?", [port2]);
  });
};

/**
 * @typedef {object} Place
 * @property {string} [host] the host that the page is opened at
 * @property {string} [url]
 * @property {() => Promise<any>} [ask]
 * @property {RegExp | null} writes the message when appending fails, or null when it works
 * @property {RegExp | null} reads the message when all else fails, or null when it works
 * @property {boolean} [isReported] whether the browser reports a refusal on its console
 */

const none = /^no origin private file system: this browser has none$/;
const refused =
  /^no origin private file system: the browser does not give it, as in a private window \(.*\)$/;
const insecure =
  /^no origin private file system: this is no secure context \(https, or localhost\)$/;
const noWorkers =
  /^nothing can be written: only a dedicated worker can, and none can be started from here, as from a service worker$/;
const policy =
  /^nothing can be written: the package's worker cannot be started \(.*\); where a Content-Security-Policy forbids workers from blobs, pass workerUrl$/;

/** @type {[browser: keyof typeof launch, options: object, places: Record<string, Place>][]} */
const browsers = [
  [
    "WebKitGTK",
    {},
    {
      "a page of WebKitGTK, which has no file system": { writes: none, reads: none },
      "a sandboxed frame in WebKitGTK": { ask: inFrame, writes: none, reads: none },
    },
  ],
  [
    "Firefox",
    { prefs: { "dom.fs.enabled": false } },
    { "a page of Firefox whose file system is turned off": { writes: none, reads: none } },
  ],
  [
    "Firefox",
    { prefs: { "browser.privatebrowsing.autostart": true } },
    { "a private window of Firefox": { writes: refused, reads: refused } },
  ],
  [
    "Chromium",
    { preferences: { profile: { default_content_setting_values: { cookies: 2 } } } },
    {
      "a page of Chromium that may store nothing": { writes: refused, reads: refused },
    },
  ],
  [
    "Chromium",
    { args: ["--host-resolver-rules=MAP insecure.test 127.0.0.1"] },
    {
      "an insecure page in Chromium": { host: "insecure.test", writes: insecure, reads: insecure },
      "a sandboxed frame in Chromium": { ask: inFrame, writes: refused, reads: refused },
      "a page of Chromium that may start no worker": {
        url: "/no-workers",
        writes: policy,
        reads: null,
        isReported: true,
      },
      "a page of Chromium that may start workers of its own": {
        url: "/own-workers",
        writes: null,
        reads: null,
      },
      "a shared worker in Chromium": { ask: inSharedWorker, writes: noWorkers, reads: null },
      "a service worker in Chromium": { ask: inServiceWorker, writes: noWorkers, reads: null },
    },
  ],
  [
    "Firefox",
    { prefs: { "network.dns.localDomains": "insecure.test" } },
    {
      "an insecure page in Firefox": { host: "insecure.test", writes: insecure, reads: insecure },
      "a sandboxed frame in Firefox": {
        ask: inFrame,
        writes: refused,
        reads: refused,
        isReported: true,
      },
      "a page of Firefox that may start no worker": {
        url: "/no-workers",
        writes: policy,
        reads: null,
        isReported: true,
      },
      "a page of Firefox that may start workers of its own": {
        url: "/own-workers",
        writes: null,
        reads: null,
      },
      // A shared worker of Firefox can start dedicated workers.
      "a shared worker in Firefox": { ask: inSharedWorker, writes: null, reads: null },
      "a service worker in Firefox": { ask: inServiceWorker, writes: noWorkers, reads: null },
    },
  ],
];

test("does what it can when a place lacks something", {
  skip: undrivable,
  concurrency: 2,
}, async (t) => {
  const server = await serveRoutes();
  t.after(server.close);
  const tests = browsers.map(([name, options, places]) =>
    t.test(`${name} ${JSON.stringify(options)}`, async (t) => {
      const { open, close } =
        await /** @type {Record<string, (options: object) => Promise<Browser>>} */ (launch)[name](
          options,
        );
      t.after(close);
      for (const [title, { host = "127.0.0.1", url = "/page", ...place }] of Object.entries(
        places,
      )) {
        await t.test(`does what it can in ${title}`, async () =>
          checkPlace(await open(server.url.replace("127.0.0.1", host) + url), place),
        );
      }
    }),
  );
  await Promise.all(tests);
});

/**
 * @param {import("./browsers.js").Tab} tab
 * @param {Place} place
 */
async function checkPlace(tab, { ask = inPage, writes, reads, isReported = false }) {
  const { storage, reading } = await tab.evaluate(ask);
  // Logs in memory and logs of the user's can be read everywhere: the count of entries, the last
  // entry, the index's rows, the damaged lines, the found rows, an entry of a row, and the rows
  // of two logs.
  for (const each of reading)
    assert.deepEqual(each, { result: [4000, "e3999", 4000, 1, [3999], "e17", 8000] });
  const count = writes ? 0 : 2;
  const given = {
    read: count,
    "log.index": count,
    "log.follow": count,
    "log.verify": count,
    "log.repair": count,
    listSessions: count / 2,
    "sessions.index": count,
    "sessions.list": count / 2,
    removeSession: count > 0,
  };
  for (const [what, result] of Object.entries(given))
    checkOutcome(what, storage[what], reads, result);
  checkOutcome("append", storage.append, writes);
  checkOutcome("log.append", storage["log.append"], writes);
  const errors = await tab.takeErrors();
  assert.equal(errors.length > 0, isReported, errors.join("\n"));
  await tab.close();
}

/**
 * @param {string} what
 * @param {any} outcome
 * @param {RegExp | null} message the error's message, or null when there must be no error
 * @param {unknown} [result] the expected result, or undefined when it is not known
 */
function checkOutcome(what, outcome, message, result) {
  const note = `${what}: ${JSON.stringify(outcome)}`;
  if (message) {
    assert.deepEqual([outcome.name, outcome.code], ["SkillLogError", "STORAGE_UNAVAILABLE"], note);
    assert.match(outcome.message, message, note);
  } else {
    assert.equal(outcome.code, undefined, note);
    if (result !== undefined) assert.equal(outcome.result, result, note);
  }
}

for (const browser of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`indexes on the page, and lets it answer, when ${browser} may start no worker`, {
    skip: undrivable,
  }, async (t) => {
    const server = await serveRoutes();
    t.after(server.close);
    const { open, close } = await launch[browser]();
    t.after(close);
    const tab = await open(`${server.url}/no-workers`);
    const { rows, time, longest } = await tab.evaluate(async () => {
      /** @type {typeof import("./page/degraded.js")} */
      const { indexing } = await import(/** @type {any} */ ("/degraded.js"));
      return indexing(256);
    });
    assert(rows >= 64 * 4000, `${rows} rows`);
    assert(longest < time / 2, `the page did not answer for ${longest} of ${time} ms`);
    assert(!server.requests.includes("/dist/skill-log-worker.js"), "a worker was started");
  });
}

test("rejects appends, and reads, when the worker's file is of another version", {
  skip: undrivable,
}, async (t) => {
  const { version } = JSON.parse(readFileSync(path("../../package.json"), "utf8"));
  const worker = readFileSync(path("../../dist/skill-log-worker.js"), "utf8").replaceAll(
    JSON.stringify(version),
    '"0.0.1"',
  );
  const server = await serve({
    "/page": page,
    "/dist/browser.js": readFileSync(path("../../dist/browser.js"), "utf8"),
    "/copied-worker.js": worker,
  });
  t.after(server.close);
  const { open, close } = await launch.Chromium();
  t.after(close);
  const tab = await open(`${server.url}/page`);
  const { rows, message } = await tab.evaluate(async () => {
    const { append, encode, SessionLog } = await import(/** @type {any} */ ("/dist/browser.js"));
    const options = { workerUrl: "/copied-worker.js" };
    const entry = {
      session_id: "s",
      timestamp: "2026-01-02T03:04:05Z",
      skill: "a",
      final_status: "ok",
    };
    const log = await SessionLog.from(new Blob([encode(entry)]), options);
    const { length: rows } = await log.index();
    return {
      rows,
      message: await append("logs", "s", entry, options).catch(
        (/** @type {Error} */ error) => error.message,
      ),
    };
  });
  assert.equal(rows, 1);
  assert.equal(
    message,
    `nothing can be written: the package's worker cannot be started (it is of skill-log 0.0.1, and the page of ${version})`,
  );
  assert(server.requests.includes("/copied-worker.js"));
});
