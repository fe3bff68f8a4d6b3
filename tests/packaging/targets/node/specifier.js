import * as skillLog from "npm:skill-log";

import { inNode } from "./program/in-node.js";

await inNode(skillLog);
