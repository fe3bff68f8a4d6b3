// Repairs logs, as messages of its parent ask it to, and answers each message after the repair.

import { SessionLog } from "skill-log";

/** @typedef {{ dir: string, session: string, options?: import("skill-log").RepairOptions }} Repair */

process.on("message", async (/** @type {Repair} */ { dir, session, options }) => {
  const log = await SessionLog.open(dir, session);
  await log.repair(options);
  await log.close();
  process.send?.("done");
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
