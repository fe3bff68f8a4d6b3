import * as skillLog from "skill-log/slim";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = skillLog
  .init(fetch("node_modules/skill-log/dist/skill_log_bg.wasm"))
  .then(() => inBrowser(skillLog));
