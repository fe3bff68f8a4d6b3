// Projects as pages in a real browser.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { serve } from "../browser/server.js";
import * as expected from "./program/expected.js";

/** The strictest policy that the package can work under; the image is the page's icon, without which browsers ask for one. */
export const policy =
  "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/**
 * Serves a folder, and its index.html at `/`.
 *
 * @param {import("node:test").TestContext} t when it ends, so does the server
 * @param {string} folder
 * @param {Record<string, string>} [headers] of every answer
 * @returns {Promise<string>} the page's address
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
 * Checks that the worker came from a file. Where a machine is slow to start that, others may have been tried meanwhile.
 *
 * @param {Tried} tried
 */
export function fromFile([file]) {
  assert.ok(file, "no worker was started");
  assert.match(file.url, /\.js(\?.*)?$/);
  assert.ok(!file.isMissing, `there is no ${file.url}`);
}

/**
 * Checks that the worker came from a text, where nothing tells of a file.
 *
 * @param {Tried} tried
 */
export function fromText(tried) {
  assert.ok(tried.length > 0, "no worker was started");
  for (const { url } of tried) assert.match(url, /^blob:/);
}

/**
 * Checks that the worker came from a text, where there is no such file.
 *
 * @param {Tried} tried
 */
export function fromTextForMissingFile([file, ...texts]) {
  assert.match(file?.url ?? "", /\/skill-log-worker\.js$/);
  assert.ok(file.isMissing);
  fromText(texts);
}

/**
 * Checks that there was no worker but the one that the package is used in.
 *
 * @param {Tried} tried
 */
export function fromNothing(tried) {
  assert.deepEqual(tried, []);
}

/**
 * Opens a page, and checks what its program came to and what the package's worker was started from.
 *
 * @param {Browser} browser
 * @param {string} url
 * @param {(tried: Tried) => void} checkWorkers
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
    // A text that is tried because the file takes long may be forbidden.
    assert.deepEqual(
      errors.filter((error) => !error.includes("blob:")),
      [],
    );
  } finally {
    await tab.close();
  }
}
