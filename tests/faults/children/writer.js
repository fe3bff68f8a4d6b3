// Appends numbered entries of seeded lengths to a session, one after the other.
//
//   writer.js DIR SESSION WRITER SEED COUNT LEAST MOST

import { SessionLog } from "skill-log";

import { logUniformLengths, numberedEntry } from "../numbered-entry.js";

const [dir, session, writer, ...numbers] = process.argv.slice(2);
const [seed, count, least, most] = numbers.map(Number);

const log = await SessionLog.open(dir, session);
for (const [number, length] of logUniformLengths({ seed, count, least, most }).entries()) {
  await log.append(numberedEntry({ session, writer, number, length }));
}
await log.close();
