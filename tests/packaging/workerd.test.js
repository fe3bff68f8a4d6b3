// Runs the package in workerd, which imports wasm as a module and has no files.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";

import * as expected from "./program/expected.js";
import { project, run } from "./project.js";
import { node, unrunnable, workerd } from "./runtimes.js";

/** @import { Readable } from "node:stream" */
/** @import { TestContext } from "node:test" */

/**
 * Starts workerd, which chooses a port and ends with the test.
 *
 * @param {TestContext} t
 * @param {string} folder
 * @param {string} config file in the folder
 * @returns {Promise<string>} its address
 */
function started(t, folder, config) {
  const server = spawn(workerd, ["serve", config, "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [, stdout, stderr, control] = /** @type {Readable[]} */ (server.stdio);
  const ended = new Promise((done) => server.once("exit", done));
  t.after(() => {
    server.kill();
    return ended;
  });
  return new Promise((done, fail) => {
    let said = "";
    for (const stream of [stdout, stderr])
      stream.setEncoding("utf8").on("data", (/** @type {string} */ part) => (said += part));
    let events = "";
    control.setEncoding("utf8").on("data", (/** @type {string} */ part) => {
      events += part;
      const port = /"event":"listen".*?"port":(\d+)/.exec(events)?.[1];
      if (port) done(`http://127.0.0.1:${port}/`);
    });
    ended.then((status) => fail(new Error(`workerd ended with status ${status}\n${said}`)));
  });
}

/**
 * Runs the program in workerd, and checks its results.
 *
 * @param {TestContext} t
 * @param {string} folder
 * @param {string} config file in the folder
 */
async function check(t, folder, config) {
  const response = await fetch(await started(t, folder, config));
  const body = await response.text();
  assert.equal(response.status, 200, body);
  assert.deepEqual(JSON.parse(body), {
    codec: expected.codec,
    files: expected.files,
    noStorage: expected.noStorage,
  });
}

test("runs in workerd when its files are modules", { skip: unrunnable }, (t) =>
  check(t, project(t, ["workerd"]), "modules.capnp"),
);

test("runs in workerd when esbuild bundles it as wrangler does", {
  skip: unrunnable,
}, async (t) => {
  const folder = project(t, ["workerd"]);
  const esbuild = fileURLToPath(
    new URL("bundlers/node_modules/esbuild/bin/esbuild", import.meta.url),
  );
  const options = [
    "--bundle",
    "--format=esm",
    "--conditions=workerd,worker,browser",
    "--loader:.wasm=copy",
    "--asset-names=[name]",
    "--outdir=dist",
  ];
  await run(folder, node(24), esbuild, "main.js", ...options, "--log-level=warning");
  await check(t, folder, "bundled.capnp");
});
