// Firefox is killed while tabs append to a log. See browser-kills/killing.js.

import { killingRow } from "./browser-kills/killing.js";

export const row = killingRow("Firefox", { tabs: 4, short: 1, full: 300 });
