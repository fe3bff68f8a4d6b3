// Stands for `node:path` in a browser.

/** @param {string} path absolute */
export function dirname(path) {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
