// Pages that do steps on demand, in the page or in a worker of their own.

import { fileURLToPath } from "node:url";

import { bundle } from "./bundle.js";
import { serve } from "./server.js";

/** @import { Tab } from "./browsers.js" */

export const page =
  '<!doctype html><title>page</title><script type="module" src="/steps.js"></script>';

/** A page that passes each step to its worker, and can end the worker. */
const workerPage = `<!doctype html><title>worker</title><script type="module">
  const worker = new Worker("/steps.js", { type: "module" });
  const ask = (name, ...args) => new Promise((done, fail) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { result, error } }) => (error ? fail(new Error(error)) : done(result));
    worker.postMessage({ name, args }, [port2]);
  });
  globalThis.steps = new Proxy({}, { get: (_, name) => (...args) => ask(name, ...args) });
  globalThis.endWorker = () => worker.terminate();
</script>`;

/**
 * Serves the pages.
 *
 * @param {import("node:test").TestContext} t whose end ends the server
 * @param {Parameters<typeof serve>[0]} [others] further routes
 */
export async function serveSteps(t, others = {}) {
  const { code } = await bundle(fileURLToPath(new URL("page/steps.js", import.meta.url)));
  // "no-cache" and not "no-store", because browsers load a page anew that they may not store.
  const kept = (/** @type {string} */ body) => ({
    body,
    headers: { "cache-control": "no-cache" },
  });
  const away = "<!doctype html><title>away</title>";
  const server = await serve({
    "/steps.js": code,
    "/page": kept(page),
    "/worker": kept(workerPage),
    "/away": kept(away),
    ...others,
  });
  t.after(server.close);
  return server.url;
}

/**
 * Does a step in a tab, and returns its result.
 *
 * @param {Tab} tab
 * @param {string} name
 * @param {...unknown} args
 */
export function step(tab, name, ...args) {
  return tab.evaluate((name, args) => globalThis.steps[name](...args), name, args);
}

/**
 * Starts a step in a tab without waiting for its end.
 *
 * @param {Tab} tab
 * @param {string} name
 * @param {...unknown} args
 */
export function begin(tab, name, ...args) {
  return tab.evaluate((name, args) => void globalThis.steps[name](...args), name, args);
}
