import * as skillLog from "skill-log/slim";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = skillLog
  .init(new URL("skill-log/skill_log.wasm", import.meta.url))
  .then(() => inBrowser(skillLog));
