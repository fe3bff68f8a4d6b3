import * as skillLog from "skill-log";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = inBrowser(skillLog, {
  workerUrl: new URL("skill-log/worker", import.meta.url),
});
