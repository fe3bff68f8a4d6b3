// Instead of app/package.js: a shared page has the wasm in its program.

/** @returns {Promise<void>} */
export function started() {
  return Promise.resolve();
}
