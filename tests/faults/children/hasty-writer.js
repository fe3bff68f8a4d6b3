// Appends entries, awaits none of them, and ends at once.
//
//   hasty-writer.js DIR SESSION HOW

import { SessionLog, append } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, session, how] = process.argv.slice(2);
const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "hasty", number, length: 5000 });

const log = await SessionLog.open(dir, session);
for (let number = 0; number < 100; number++) log.append(entry(number));
log.append([entry(100), entry(101), entry(102)]);
append(dir, session, entry(103));
log.append(entry(104), { sync: true });
// The later entries do not wait for this sync, because each call has its own.
append(dir, session, entry(105), { sync: true });
log.append(entry(106));

switch (how) {
  case "process.exit()":
    process.exit();
    break;
  case "SIGKILL":
    process.kill(process.pid, "SIGKILL");
    break;
  case "an exception":
    throw new Error("intended");
  case "an unhandled rejection":
    Promise.reject(new Error("intended"));
    break;
  case "its last line":
    break;
}
