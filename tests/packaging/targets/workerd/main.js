import * as skillLog from "skill-log";

import { inWorkerd } from "./program/in-workerd.js";

export default inWorkerd(skillLog);
