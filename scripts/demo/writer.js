// One of the demo's two writing processes: appends each entry that its parent sends, and acknowledges it.
//
//   fork("writer.js", [directory, sessionId])

import { SessionLog } from "skill-log";

const [directory, sessionId] = process.argv.slice(2);
const log = await SessionLog.open(directory, sessionId);

process.on("message", async (entry) => {
  await log.append(entry);
  process.send({ acknowledged: entry.timestamp });
});
process.on("disconnect", () => log.close());
process.send("ready");
