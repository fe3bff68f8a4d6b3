// Serves projects as pages, opens them in a browser and checks the results of their programs.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { serve } from "../browser/server.js";
import * as expected from "./program/expected.js";

/**
 * The strictest policy under which the package works. The page's icon is an image, because browsers
 * request an icon from a page that has none.
 */
export const policy =
  "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/**
 * Serves the files of a folder until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} folder
 * @param {Record<string, string>} [headers] of each response
 * @returns {Promise<string>} the URL of the folder's index.html
 */
export async function served(t, folder, headers) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const routes = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [`/${relative(folder, path)}`, { body: readFileSync(path), headers }];
  });
  const server = await serve(Object.fromEntries(routes));
  t.after(server.close);
  return `${server.url}/index.html`;
}

/**
 * Returns the results of a page's program. Rejects as the program does, or after 30 seconds.
 *
 * @param {Tab} tab
 */
export function outcomeOf(tab) {
  return tab.evaluate(() => {
    const late = new Promise((_, fail) => {
      setTimeout(fail, 30_000, new Error("the page's program did not end in 30 s"));
    });
    return Promise.race([globalThis.outcome, late]);
  });
}

/** @import { Browser, Tab } from "../browser/browsers.js" */

/**
 * What the package tried to start workers from, in order.
 *
 * @typedef {{ url: string, isMissing: boolean }[]} Tried
 */

/**
 * Checks that the worker started from a file. On a slow machine the package may also have tried to
 * start a worker from a text.
 *
 * @param {Tried} tried
 */
export function fromFile([file]) {
  assert.ok(file, "no worker was started");
  assert.match(file.url, /\.js(\?.*)?$/);
  assert.ok(!file.isMissing, `${file.url} is missing`);
}

/**
 * Checks that the worker started from a text, and that the package tried no file.
 *
 * @param {Tried} tried
 */
export function fromText(tried) {
  assert.ok(tried.length > 0, "no worker was started");
  for (const { url } of tried) assert.match(url, /^blob:/);
}

/**
 * Checks that the worker started from a text, after the package found no file.
 *
 * @param {Tried} tried
 */
export function fromTextForMissingFile([file, ...texts]) {
  assert.match(file?.url ?? "", /\/skill-log-worker\.js$/);
  assert.ok(file.isMissing);
  fromText(texts);
}

/**
 * Checks that the package started no worker, because it runs in a worker of the page.
 *
 * @param {Tried} tried
 */
export function fromNothing(tried) {
  assert.deepEqual(tried, []);
}

/**
 * Opens a page. Checks the results of its program and what the package started its worker from.
 *
 * @param {Browser} browser
 * @param {string} url
 * @param {(tried: Tried) => void} checkWorkers fails when the worker started from something else
 */
export async function checkPage(browser, url, checkWorkers) {
  const tab = await browser.open(url);
  try {
    const outcome = await outcomeOf(tab).catch((error) => ({ error: error.message }));
    const errors = await tab.takeErrors();
    assert.ok(
      outcome && !outcome.error,
      `${outcome?.error ?? "the page's program did not run"}\n${errors.join("\n")}`,
    );
    const { workers, ...rest } = outcome;
    assert.deepEqual(rest, expected.everything);
    checkWorkers(workers);
    // When the file takes long, the package also tries a text, which the policy may forbid.
    assert.deepEqual(
      errors.filter((error) => !error.includes("blob:")),
      [],
    );
  } finally {
    await tab.close();
  }
}
