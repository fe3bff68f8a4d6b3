// What tests see of the page: its elements through their shadow roots, and what they hold.

/** @import { Tab } from "../browser/browsers.js" */

/**
 * Returns a selector that leads through shadow roots.
 *
 * @param {...string} parts
 */
export function inside(...parts) {
  return ["skill-log-viewer", ...parts].join(" >>> ");
}

/** Where the list has its sessions. */
export const SESSION = inside("session-list", "virtual-list", ".session");

/** Where files are chosen, on the page that has nothing open. */
const FILES = inside(".welcome open-logs", "#files");

/**
 * Chooses files on the first page, and waits until the list has some.
 *
 * @param {Tab} tab
 * @param {...string} paths
 */
export async function choose(tab, ...paths) {
  await found(tab, FILES);
  await tab.setFiles(FILES, ...paths);
  await found(tab, SESSION);
}

/**
 * Waits until a selector finds an element. Puppeteer's own wait does not notice what changes in
 * shadow roots.
 *
 * @param {Tab} tab
 * @param {string} selector
 * @returns {Promise<import("puppeteer-core").ElementHandle>}
 */
export async function found({ page }, selector) {
  const end = Date.now() + 10_000;
  for (;;) {
    const element = await page.$(selector);
    if (element) return element;
    if (Date.now() > end) throw new Error(`nothing is at ${selector}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

/**
 * Returns the text of the elements that a selector finds, as people read it.
 *
 * @param {Tab} tab
 * @param {string} selector
 * @returns {Promise<string[]>}
 */
export function texts({ page }, selector) {
  return page.$$eval(selector, (/** @type {HTMLElement[]} */ elements) =>
    elements
      .filter((element) => element.checkVisibility())
      .map(({ innerText }) => innerText.replace(/\s+/g, " ").trim()),
  );
}

/**
 * Waits until a selector's texts are as wanted.
 *
 * @param {Tab} tab
 * @param {string} selector
 * @param {(texts: string[]) => boolean} isRight
 * @returns {Promise<string[]>}
 */
export async function until(tab, selector, isRight) {
  const end = Date.now() + 10_000;
  for (;;) {
    const shown = await texts(tab, selector);
    if (isRight(shown)) return shown;
    if (Date.now() > end) throw new Error(`${selector} shows ${JSON.stringify(shown)}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

/**
 * Returns the fragment of the page's URL.
 *
 * @param {Tab} tab
 * @returns {Promise<string>}
 */
export function fragment({ page }) {
  return page.evaluate(() => location.hash);
}
