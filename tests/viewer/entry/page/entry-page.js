// A page that shows one entry, for the tests of viewer/entry/. It stands alone, so that the tests say
// what the element does, and not how the page around it chooses entries.

import { SessionLog } from "skill-log/slim";

import { started } from "../../../../viewer/app/package.js";
import { tokens } from "../../../../viewer/app/tokens.js";
import { workerUrl } from "../../../../viewer/app/worker-url.js";

import "../../../../viewer/entry/entry-view.js";

if (tokens.styleSheet) document.adoptedStyleSheets.push(tokens.styleSheet);

/** @type {string[]} */
const violations = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
  violations.push([effectiveDirective, blockedURI, sample].join(" ")),
);

const view = /** @type {any} */ (document.createElement("entry-view"));
document.body.append(view);

const entryPage = {
  view,
  violations,
  /**
   * Shows a row of a log.
   *
   * @param {Uint8Array} log
   * @param {number | null} row
   * @param {object | null} search
   */
  async open(log, row, search) {
    await started();
    const source = new Blob([/** @type {any} */ (log)]);
    const index = await (
      await SessionLog.from(source, { workerUrl: workerUrl("skill-log-worker.js") })
    ).index();
    Object.assign(view, { index, row, search });
    await entryPage.shown();
    return index.length;
  },
  /** Resolves when the view has read its entry, and what it shows has settled. */
  async shown() {
    for (let left = 400; left > 0; left -= 1) {
      await new Promise((done) => setTimeout(done, 15));
      if (view.row === null || view.entry || view.large || view.problem) break;
    }
    await view.updateComplete;
    await new Promise((done) => setTimeout(done, 60));
  },
};
Object.assign(globalThis, { entryPage });
