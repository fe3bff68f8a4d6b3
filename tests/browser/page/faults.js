// What tests put in the place of parts of a browser.

/** Loads a copy of the package, which has not kept anything yet. @returns {Promise<import("skill-log")>} */
export const copyOfPackage = () => import(`/dist/browser.js?${crypto.randomUUID()}`);

/**
 * Puts something in the place of a part of the browser until the test has ended.
 *
 * @param {import("node:test").TestContext} t
 * @param {any} owner
 * @param {string} name
 * @param {unknown} value
 */
export function replace(t, owner, name, value) {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  t.after(() => Object.defineProperty(owner, name, own));
}
