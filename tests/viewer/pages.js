// Opens the built page in real browsers, for tests that use it as a person does.

import { after } from "node:test";

import { launch } from "../browser/browsers.js";
import { serve } from "../browser/server.js";

/** @import { Browser, Tab } from "../browser/browsers.js" */
/** @import { Handler, Routes, Server } from "../browser/server.js" */

/** The browsers that the page is tested in. */
export const browsers = /** @type {const} */ (["Chromium", "Firefox"]);

/** Where the tests' server has the page. */
export const PAGE = "/dist/viewer/index.html";

/** @type {Map<string, Promise<Browser>>} */
const started = new Map();

after(async () => {
  for (const browser of started.values()) await (await browser).close();
});

/**
 * Opens the page in a new tab, which is closed with its server when the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {typeof browsers[number]} name
 * @param {object} [options]
 * @param {string} [options.search] of the page's URL, with its `?` or `#`
 * @param {number} [options.width] of the page, in CSS pixels
 * @param {number} [options.height]
 * @param {number} [options.scale] device pixels for each CSS pixel
 * @param {"light" | "dark"} [options.theme]
 * @param {Routes} [options.routes] what else the server has
 * @param {Record<string, Handler>} [options.handlers] see `serve`
 * @param {number} [options.now] the time that the page's clock shows, in milliseconds since 1970
 * @returns {Promise<Tab & { server: Server }>}
 */
export async function openPage(
  t,
  name,
  { search = "", width = 1400, height = 900, scale = 1, theme, routes, handlers, now } = {},
) {
  const server = await serve(routes, handlers);
  t.after(() => server.close());
  let browser = started.get(name);
  if (!browser) started.set(name, (browser = launch[name]()));
  const tab = await (await browser).open("about:blank");
  t.after(() => tab.close());
  await tab.page.setViewport({ width, height, deviceScaleFactor: scale });
  if (theme && name === "Chromium")
    await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  if (now !== undefined) await tab.page.evaluateOnNewDocument(stopClock, now);
  await tab.page.goto(`${server.url}${PAGE}${search}`);
  return { ...tab, server };
}

/**
 * Has the page's clock show the same time always. Runs in the page.
 *
 * @param {number} now
 */
function stopClock(now) {
  globalThis.Date = new Proxy(Date, {
    construct: (own, given) => Reflect.construct(own, given.length === 0 ? [now] : given, own),
    get: (own, name) => (name === "now" ? () => now : Reflect.get(own, name)),
  });
}
