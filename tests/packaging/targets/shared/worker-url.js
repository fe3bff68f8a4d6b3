import * as skillLog from "skill-log";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = inBrowser(skillLog, { workerUrl: "policy-worker.js" });
