// Replaces parts of a browser, as tests need it.

/**
 * Loads a copy of the package, with no state yet.
 *
 * @returns {Promise<typeof import("skill-log")>}
 */
export const copyOfPackage = () => import(`/dist/browser.js?${crypto.randomUUID()}`);

/**
 * Replaces a part of the browser until the test has ended.
 *
 * @param {import("node:test").TestContext} t
 * @param {any} owner
 * @param {string} name
 * @param {unknown} value
 */
export function replace(t, owner, name, value) {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  t.after(() => Object.defineProperty(owner, name, /** @type {PropertyDescriptor} */ (own)));
}
