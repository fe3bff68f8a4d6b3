// Replaces node:timers/promises.

/** @param {number} milliseconds */
export function setTimeout(milliseconds) {
  return new Promise((done) => globalThis.setTimeout(done, milliseconds));
}
