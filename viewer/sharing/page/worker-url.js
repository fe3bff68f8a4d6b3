// Instead of app/worker-url.js: a shared page has no other files.

/** @type {{ toJSON(): string } | undefined} */
let url;

/**
 * Returns the URL of a worker.
 *
 * @param {string} file
 * @returns {any} a TrustedScriptURL where the browser has them; absent for the package's worker, which
 *   the package has as a text
 */
export function workerUrl(file) {
  return file === "skill-log-worker.js" ? undefined : (url ??= ownUrl());
}

/** Returns the URL of a copy of the page's program. */
function ownUrl() {
  const script = document.querySelector('script[type="module"]');
  const blob = new Blob([script?.textContent ?? ""], { type: "text/javascript" });
  const href = URL.createObjectURL(blob);
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (!trustedTypes) return new URL(href);
  const policy = trustedTypes.createPolicy("skill-log-viewer", {
    createScriptURL(/** @type {string} */ given) {
      if (given !== href) throw new TypeError(`${given} is not the page's own program`);
      return given;
    },
  });
  return policy.createScriptURL(href);
}
