// Appends numbered entries until it is killed, and prints the number of each acknowledged entry.
//
//   endless-writer.js DIR SESSION SEED LEAST MOST

import { writeSync } from "node:fs";

import { SessionLog } from "skill-log";

import { logUniformLengths, numberedEntry } from "../numbered-entry.js";

const [dir, session, ...numbers] = process.argv.slice(2);
const [seed, least, most] = numbers.map(Number);
const lengths = logUniformLengths({ seed, count: 500, least, most });

const log = await SessionLog.open(dir, session);
for (let number = 0; ; number++) {
  const entry = numberedEntry({
    session,
    writer: "killed",
    number,
    length: lengths[number % lengths.length],
  });
  await log.append(entry);
  // Written synchronously, so that each printed number is acknowledged whenever the kill comes.
  writeSync(1, `${number}\n`);
}
