// Appends numbered entries of seeded lengths to a session, one after the other. With REST, pauses
// REST milliseconds after each EVERY entries (10 by default).
//
//   writer.js DIR SESSION WRITER SEED COUNT LEAST MOST [REST [EVERY]]

import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { logUniformLengths, numberedEntry } from "../numbered-entry.js";

const [dir, session, writer, ...numbers] = process.argv.slice(2);
const [seed, count, least, most, rest = 0, every = 10] = numbers.map(Number);

const log = await SessionLog.open(dir, session);
for (const [number, length] of logUniformLengths({ seed, count, least, most }).entries()) {
  await log.append(numberedEntry({ session, writer, number, length }));
  if (rest > 0 && number % every === every - 1) await pause(rest);
}
await log.close();
