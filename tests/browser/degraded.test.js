// Places that lack something: what works there, and how what does not work says why.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "./browsers.js";
import { bundle } from "./bundle.js";
import { serve } from "./server.js";

/** @param {string} file */
const path = (file) => fileURLToPath(new URL(file, import.meta.url));

const page = "<!doctype html><title>a page</title>";

/** @param {string} workers which ones the page may start */
const withPolicy = (workers) => ({
  body: page,
  headers: {
    "content-security-policy": `script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; worker-src ${workers}`,
  },
});

async function serveRoutes() {
  const { code } = await bundle(path("page/degraded.js"));
  // A frame that has no origin loads what anyone may.
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
    // Firefox takes no modules for it, so it is a bundle of everything.
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

// Each of these runs in a page, and asks a place what works in it.

const inPage = () => import("/degraded.js").then(({ whatWorks }) => whatWorks());

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
 * @property {string} [host] by which the page is opened
 * @property {string} [url]
 * @property {() => Promise<any>} [ask]
 * @property {RegExp | null} writes what the error of appending says; null where it works
 * @property {RegExp | null} reads what that of everything else says
 * @property {boolean} [isTold] whether the browser tells of what is refused, on its console
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
        isTold: true,
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
        isTold: true,
      },
      "a page of Firefox that may start no worker": {
        url: "/no-workers",
        writes: policy,
        reads: null,
        isTold: true,
      },
      "a page of Firefox that may start workers of its own": {
        url: "/own-workers",
        writes: null,
        reads: null,
      },
      // It can start dedicated ones.
      "a shared worker in Firefox": { ask: inSharedWorker, writes: null, reads: null },
      "a service worker in Firefox": { ask: inServiceWorker, writes: noWorkers, reads: null },
    },
  ],
];

test("degraded places", { skip: undrivable, concurrency: 2 }, async (t) => {
  const server = await serveRoutes();
  t.after(server.close);
  const tests = browsers.map(([name, options, places]) =>
    t.test(`${name} ${JSON.stringify(options)}`, async (t) => {
      const { open, close } = await launch[name](options);
      t.after(close);
      for (const [title, { host = "127.0.0.1", url = "/page", ...place }] of Object.entries(
        places,
      )) {
        await t.test(title, async () =>
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
async function checkPlace(tab, { ask = inPage, writes, reads, isTold = false }) {
  const { storage, reading } = await tab.evaluate(ask);
  // What is in memory, or given by the user, is read everywhere: all rows, the last one, its index, its damage, what is found in it.
  for (const each of reading)
    assert.deepEqual(each, { gave: [4000, "e3999", 4000, 1, [3999], "e17"] });
  const count = writes ? 0 : 2;
  const given = {
    read: count,
    "log.index": count,
    "log.follow": count,
    "log.verify": count,
    "log.repair": count,
    listSessions: count / 2,
    removeSession: count > 0,
  };
  for (const [what, gave] of Object.entries(given)) checkOutcome(what, storage[what], reads, gave);
  checkOutcome("append", storage.append, writes);
  checkOutcome("log.append", storage["log.append"], writes);
  const errors = await tab.takeErrors();
  assert.equal(errors.length > 0, isTold, errors.join("\n"));
  await tab.close();
}

/**
 * @param {string} what
 * @param {any} outcome
 * @param {RegExp | null} message of its error; null where there must be none
 * @param {unknown} [gave] what it must have given; undefined where that is not known
 */
function checkOutcome(what, outcome, message, gave) {
  const told = `${what}: ${JSON.stringify(outcome)}`;
  if (message) {
    assert.deepEqual([outcome.name, outcome.code], ["SkillLogError", "STORAGE_UNAVAILABLE"], told);
    assert.match(outcome.message, message, told);
  } else {
    assert.equal(outcome.code, undefined, told);
    if (gave !== undefined) assert.equal(outcome.gave, gave, told);
  }
}

for (const browser of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`a page of ${browser} that may start no worker indexes by itself, and does other things meanwhile`, {
    skip: undrivable,
  }, async (t) => {
    const server = await serveRoutes();
    t.after(server.close);
    const { open, close } = await launch[browser]();
    t.after(close);
    const tab = await open(`${server.url}/no-workers`);
    const { rows, time, longest } = await tab.evaluate(() =>
      import("/degraded.js").then(({ indexing }) => indexing(256)),
    );
    assert(rows >= 64 * 4000, `${rows} rows`);
    assert(longest < time / 2, `for ${longest} of ${time} ms nothing else could be done`);
    assert(!server.requests.includes("/dist/skill-log-worker.js"), "a worker was started");
  });
}

test("a worker of another version is not used: appending says so, and what is read is read without it", {
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
