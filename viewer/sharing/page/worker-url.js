// Instead of app/worker-url.js: a shared page has no other files.

/** The fragment of the URL of the package's worker. */
export const PACKAGE_WORKER = "#skill-log-worker";

/** Makes the URL of a worker from its fragment. @type {((fragment: string) => any) | undefined} */
let trusted;

/**
 * Returns the URL of a worker: of a copy of the page's program.
 *
 * @param {string} file
 * @returns {any} a TrustedScriptURL where the browser has them, else a URL
 */
export function workerUrl(file) {
  trusted ??= urls();
  return trusted(file === "skill-log-worker.js" ? PACKAGE_WORKER : "");
}

/** @returns {(fragment: string) => any} */
function urls() {
  const script = document.querySelector('script[type="module"]');
  const blob = new Blob([script?.textContent ?? ""], { type: "text/javascript" });
  const href = URL.createObjectURL(blob);
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (!trustedTypes) return (fragment) => new URL(href + fragment);
  const policy = trustedTypes.createPolicy("skill-log-viewer", {
    createScriptURL: (/** @type {string} */ fragment) => href + fragment,
  });
  return (fragment) => policy.createScriptURL(fragment);
}
