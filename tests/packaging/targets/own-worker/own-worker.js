import * as skillLog from "skill-log";

import { inBrowser } from "./program/in-browser.js";

inBrowser(skillLog).then(
  (outcome) => postMessage({ outcome }),
  (error) => postMessage({ failure: String(error) }),
);
