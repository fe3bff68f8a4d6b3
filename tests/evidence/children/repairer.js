// Repairs logs, as messages of its parent ask it to. Prints "repairing" before each repair, and
// answers each message after it.

import { writeSync } from "node:fs";

import { SessionLog } from "skill-log";

/** @typedef {{ dir: string, session: string, options?: import("skill-log").RepairOptions }} Repair */

process.on("message", async (/** @type {Repair} */ { dir, session, options }) => {
  const log = await SessionLog.open(dir, session);
  // Written synchronously, so that a kill after it falls into the repair.
  writeSync(1, "repairing\n");
  await log.repair(options);
  await log.close();
  process.send?.("done");
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
