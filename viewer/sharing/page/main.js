// The program of a shared page, which is both of its workers, too: such a page has no other file.
// `scripts/bundle-viewer.js` says which modules of the viewer have others of this folder instead.

import { PACKAGE_WORKER } from "./worker-url.js";

if (typeof document === "object") {
  // Chromium starts no module as a worker of a page from a disk. The program is a script, too.
  globalThis.Worker = class extends Worker {
    /** @param {string | URL} url */
    constructor(url) {
      super(url);
    }
  };
  void import("../../main.js");
} else if (location.hash === PACKAGE_WORKER) void import("skill-log/worker");
else void import("../../entry/entry-worker.js");
