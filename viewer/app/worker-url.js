// The URLs of the page's workers. The page requires trusted types, which a Worker's URL needs.

/** @type {{ createScriptURL(url: string): { toJSON(): string } } | undefined} */
let policy;

/**
 * Returns the URL of a worker beside the page's own script.
 *
 * @param {`${string}-worker.js`} file its name in dist/viewer/
 * @returns {{ toJSON(): string }} a TrustedScriptURL where the browser has them, else a URL
 */
export function workerUrl(file) {
  const url = new URL(file, import.meta.url);
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (!trustedTypes) return url;
  policy ??= /** @type {NonNullable<typeof policy>} */ (
    trustedTypes.createPolicy("skill-log-viewer", {
      createScriptURL(/** @type {string} */ given) {
        if (new URL(given).origin !== location.origin)
          throw new TypeError(`a worker of another origin: ${given}`);
        return given;
      },
    })
  );
  return policy.createScriptURL(url.href);
}
