// Appends to a session and repairs it under a umask.
//
//   private-writer.js DIR SESSION UMASK OPTIONS

import { SessionLog } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, session, umask, options] = process.argv.slice(2);
process.umask(Number(umask));
const log = await SessionLog.open(dir, session, JSON.parse(options));
await log.append(numberedEntry({ session, writer: "private", number: 0 }));
await log.repair();
await log.close();
