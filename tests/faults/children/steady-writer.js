// Appends numbered entries until its input ends, and prints the number of each that is acknowledged.
//
//   steady-writer.js DIR SESSION WRITER

import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, session, writer] = process.argv.slice(2);
let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

const log = await SessionLog.open(dir, session);
for (let number = 0; !isOver; number += 1) {
  await log.append(numberedEntry({ session, writer, number, length: 200 + (number % 7) * 300 }));
  writeSync(1, `${number}\n`);
  // Now in a run of appends, and now after a pause in which a file may be moved.
  await pause(number % 50 === 0 ? 600 : number % 3);
}
await log.close();
