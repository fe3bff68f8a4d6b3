import * as skillLog from "skill-log/slim";
import wasm from "skill-log/skill_log.wasm?url";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = skillLog.init(wasm).then(() => inBrowser(skillLog));
