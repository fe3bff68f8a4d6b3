import * as skillLog from "skill-log";
import workerUrl from "skill-log/worker?url";

import { inBrowser } from "./program/in-browser.js";

globalThis.outcome = inBrowser(skillLog, { workerUrl });
