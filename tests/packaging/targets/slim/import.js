import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as skillLog from "skill-log/slim";

import { inNode } from "./program/in-node.js";

await skillLog.init(readFileSync(fileURLToPath(import.meta.resolve("skill-log/skill_log.wasm"))));
await inNode(skillLog);
