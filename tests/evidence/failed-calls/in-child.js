// Has calls of the command line fail: a module for `node --import`. FAILED_CALL says which, and in
// which folder. Writes what was counted when the process ends.

import fs from "node:fs";
import { join } from "node:path";

import { FailingFs } from "./failing-fs.js";

const { base, report, fault, nth } = JSON.parse(/** @type {string} */ (process.env.FAILED_CALL));
const calls = new FailingFs(base);
calls.fail(fault, nth);
process.on("exit", () => {
  const { counts, fired } = calls;
  calls.lift();
  calls.aside(() => fs.writeFileSync(join(report), JSON.stringify({ counts: [...counts], fired })));
});
