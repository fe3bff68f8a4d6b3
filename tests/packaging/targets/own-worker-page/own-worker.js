import * as skillLog from "./node_modules/skill-log/dist/browser.js";

import { inBrowser } from "./program/in-browser.js";

inBrowser(skillLog).then(
  (outcome) => postMessage({ outcome }),
  (error) => postMessage({ failure: String(error) }),
);
