import * as skillLog from "./node_modules/skill-log/dist/browser.js";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = inBrowser(skillLog);
