// One of the demo's two writers. Appends each entry that its parent sends, and acknowledges it.
//
//   fork("writer.js", [directory, sessionId])

import { SessionLog } from "skill-log";

/** @import { EntryInput } from "skill-log" */

const [directory, sessionId] = process.argv.slice(2);
const log = await SessionLog.open(directory, sessionId);

process.on("message", async (/** @type {EntryInput} */ entry) => {
  await log.append(entry);
  send({ acknowledged: entry.timestamp });
});
process.on("disconnect", () => log.close());
send("ready");

/** @param {unknown} message */
function send(message) {
  if (!process.send)
    throw new Error("the demo's writer must be started by fork(), as scripts/demo.js does");
  process.send(message);
}
