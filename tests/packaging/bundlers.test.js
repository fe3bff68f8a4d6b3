// Bundles a program that uses the package by each bundler, without configuration for the package.
// Then runs the bundle in a page or in Node.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "../browser/browsers.js";
import {
  checkPage,
  fromFile,
  fromNothing,
  fromText,
  fromTextForMissingFile,
  policy,
  served,
} from "./pages.js";
import * as expected from "./program/expected.js";
import { project, run } from "./project.js";
import { bun, node, unrunnable } from "./runtimes.js";

/** The Node that runs bundlers, because some need a newer Node than the package. */
const tool = node(24);
const bundler = (/** @type {string} */ bin) =>
  fileURLToPath(new URL(`bundlers/node_modules/${bin}`, import.meta.url));

const esbuild = (/** @type {string[]} */ ...args) => ({
  command: ["esbuild/bin/esbuild", ...args, "--bundle", "--log-level=warning"],
});
const rollup = (/** @type {string[]} */ ...args) => ({
  targets: ["rollup"],
  tools: ["rollup", "@rollup/plugin-node-resolve"],
  command: ["rollup/dist/bin/rollup", "--silent", "--config", ...args],
});
const vite = {
  tools: ["vite"],
  command: ["vite/bin/vite.js", "build", "--logLevel", "warn"],
  hasPage: true,
};
const webpack = {
  targets: ["webpack"],
  tools: ["webpack", "webpack-cli"],
  command: ["webpack-cli/bin/cli.js", "build"],
};

/** @import { TestContext } from "node:test" */
/** @import { Tried } from "./pages.js" */

/**
 * @typedef {object} Build
 * @property {string[]} [targets] folders of targets/, laid over `shared` in this order
 * @property {string[]} [tools] packages of bundlers/ that the project imports
 * @property {string[]} command path of a program in bundlers/node_modules, and its arguments
 * @property {boolean} [hasPage] whether the bundler writes the page too
 */

/** @type {Record<string, Build & { workers: (tried: Tried) => void }>} */
const builds = {
  "Vite build": { ...vite, workers: fromFile },
  webpack: { ...webpack, workers: fromFile },
  "webpack, by require": {
    ...webpack,
    command: [...webpack.command, "--config", "require.config.js"],
    workers: fromText,
  },
  Rollup: { ...rollup(), workers: fromTextForMissingFile },
  "Rollup, resolving for the browser": {
    ...rollup("browser.config.js"),
    workers: fromTextForMissingFile,
  },
  Rolldown: {
    command: ["rolldown/bin/cli.mjs", "main.js", "--dir", "dist"],
    workers: fromTextForMissingFile,
  },
  "esbuild, to a module": {
    ...esbuild("main.js", "--format=esm", "--outdir=dist"),
    workers: fromTextForMissingFile,
  },
  "esbuild, to a script": { ...esbuild("main.js", "--outdir=dist"), workers: fromText },
  "esbuild, by require": { ...esbuild("require.cjs", "--outfile=dist/main.js"), workers: fromText },
  Parcel: {
    command: ["parcel/lib/bin.js", "build", "index.html", "--no-cache", "--log-level", "warn"],
    hasPage: true,
    workers: fromFile,
  },
  "Vite build, in the page's own worker": {
    ...vite,
    targets: ["own-worker"],
    workers: fromNothing,
  },
  "webpack, in the page's own worker": {
    ...webpack,
    targets: ["own-worker", "webpack"],
    workers: fromNothing,
  },
  "Vite build, ./slim": { ...vite, targets: ["slim-vite"], workers: fromFile },
  "webpack, ./slim": { ...webpack, targets: ["slim-webpack", "webpack"], workers: fromFile },
  "Vite build, with the worker's URL": {
    ...vite,
    targets: ["worker-url-vite"],
    workers: fromFile,
  },
  "webpack, with the worker's URL": {
    ...webpack,
    targets: ["worker-url-webpack", "webpack"],
    workers: fromFile,
  },
};

/**
 * Makes a project and bundles it.
 *
 * @param {TestContext} t
 * @param {Build} build
 * @returns {Promise<string>} the folder to serve
 */
async function built(t, { targets = [], tools = [], command, hasPage = false }) {
  const [bin, ...args] = command;
  const folder = project(
    t,
    ["shared", ...targets],
    Object.fromEntries(tools.map((name) => [name, "bundlers"])),
  );
  await run(folder, tool, bundler(bin), ...args);
  if (!hasPage) copyFileSync(join(folder, "index.html"), join(folder, "dist", "index.html"));
  return join(folder, "dist");
}

/**
 * Starts one of Vite's servers, which ends with the test.
 *
 * @param {TestContext} t
 * @param {string} folder
 * @param {...string} args
 * @returns {Promise<string>} the address that the server prints
 */
function viteServer(t, folder, ...args) {
  const server = spawn(tool, [bundler("vite/bin/vite.js"), ...args, "--host", "127.0.0.1"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const ended = new Promise((done) => server.once("exit", done));
  t.after(() => {
    server.kill();
    return ended;
  });
  return new Promise((done, fail) => {
    let printed = "";
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ part) => {
        printed += part;
        const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0];
        if (url) done(url);
      });
    }
    ended.then((status) => fail(new Error(`vite ended with status ${status}\n${printed}`)));
  });
}

test("runs in Chromium when it is bundled for a page", { skip: undrivable }, async (t) => {
  const browser = await launch.Chromium();
  t.after(browser.close);

  for (const [name, { workers, ...build }] of Object.entries(builds)) {
    await t.test(`by ${name}`, async (t) =>
      checkPage(browser, await served(t, await built(t, build)), workers),
    );
  }

  await t.test("by Bun build", async (t) => {
    const folder = project(t, ["shared"]);
    await run(folder, bun, "build", "main.js", "--target=browser", "--outdir=dist");
    copyFileSync(join(folder, "index.html"), join(folder, "dist", "index.html"));
    await checkPage(browser, await served(t, join(folder, "dist")), fromTextForMissingFile);
  });

  await t.test("by Vite dev", async (t) => {
    const folder = project(t, ["shared"], { vite: "bundlers" });
    await checkPage(browser, await viteServer(t, folder), fromFile);
  });

  await t.test("by Vite preview", async (t) => {
    const folder = join(await built(t, vite), "..");
    await checkPage(browser, await viteServer(t, folder, "preview"), fromFile);
  });

  const strict = { "content-security-policy": policy };

  await t.test(
    "by esbuild with workerUrl, when a Content-Security-Policy forbids workers from texts",
    async (t) => {
      const folder = await built(
        t,
        esbuild("worker-url.js", "--format=esm", "--outfile=dist/main.js"),
      );
      copyFileSync(
        join(folder, "../node_modules/skill-log/dist/skill-log-worker.js"),
        join(folder, "policy-worker.js"),
      );
      await checkPage(browser, await served(t, folder, strict), fromFile);
    },
  );

  await t.test(
    "names workerUrl in the error when a Content-Security-Policy forbids workers from texts",
    async (t) => {
      const folder = await built(t, esbuild("main.js", "--format=esm", "--outdir=dist"));
      const tab = await browser.open(await served(t, folder, strict));
      const error = await tab.evaluate(() =>
        globalThis.outcome.catch(({ code, message }) => ({ code, message })),
      );
      assert.equal(error.code, "STORAGE_UNAVAILABLE");
      assert.match(error.message, /pass workerUrl/);
      await tab.close();
    },
  );
});

test("runs in Firefox when Vite bundles it for a page", { skip: undrivable }, async (t) => {
  const browser = await launch.Firefox();
  t.after(browser.close);
  await checkPage(browser, await served(t, await built(t, vite)), fromFile);
});

for (const [program, format, outfile] of [
  ["import.js", "esm", "built.mjs"],
  ["require.cjs", "cjs", "built.cjs"],
]) {
  test(`runs in Node when esbuild bundles ${program}`, { skip: unrunnable }, async (t) => {
    const folder = project(t, ["node"]);
    await run(
      folder,
      tool,
      bundler("esbuild/bin/esbuild"),
      program,
      "--bundle",
      "--platform=node",
      `--format=${format}`,
      `--outfile=${outfile}`,
    );
    assert.deepEqual(JSON.parse(await run(folder, node(20), outfile)), expected.everything);
  });
}
