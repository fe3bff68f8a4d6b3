import * as skillLog from "skill-log";

import { inNode } from "./program/in-node.js";

await inNode(skillLog);
