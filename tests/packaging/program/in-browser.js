import { useCodec, useFiles, useStorage } from "./parts.js";

/**
 * Runs all parts in the origin private file system, in a page or in a worker.
 *
 * @param {typeof import("skill-log")} skillLog
 * @param {{ workerUrl?: string | URL }} [options]
 * @returns {Promise<Record<string, unknown>>} the results of the parts, and what the package tried
 *   to start workers from
 */
export async function inBrowser(skillLog, options) {
  const workers = [];
  globalThis.Worker = class extends Worker {
    constructor(url, how) {
      super(url, how);
      const worker = { url: String(url), isMissing: false };
      workers.push(worker);
      this.addEventListener("error", () => (worker.isMissing = true));
    }
  };
  const storage = await useStorage(skillLog, { dir: "logs", tear, options });
  return { codec: useCodec(skillLog), files: await useFiles(skillLog, options), storage, workers };
}

async function tear(name, text) {
  const root = await navigator.storage.getDirectory();
  const file = await (await root.getDirectoryHandle("logs")).getFileHandle(name);
  const copy = await file.createWritable({ keepExistingData: true });
  await copy.write({ type: "write", position: (await file.getFile()).size, data: text });
  await copy.close();
}
