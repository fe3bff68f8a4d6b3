// Chromium is killed while tabs append to a log. See browser-kills/killing.js.

import { killingRow } from "./browser-kills/killing.js";

export const row = killingRow("Chromium", { tabs: 8, short: 2, full: 1_000 });
