// A pause, in which the page answers and draws.

/**
 * Lets the page answer, and draw what has changed.
 *
 * @param {number} [milliseconds]
 * @returns {Promise<void>}
 */
export function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
