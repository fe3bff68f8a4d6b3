// A process that follows a directory, and prints for each entry its session, its message, and the
// milliseconds since the time that its phase holds. Prints the number of open files at the end.

import fs from "node:fs";
import { Sessions } from "skill-log";

const [dir, from] = process.argv.slice(2);
const sessions = await Sessions.open(dir);
const records = sessions.follow({ from: /** @type {"start" | "end"} */ (from) });
process.stdin.resume().once("end", () => void sessions.close());
/** @type {string[]} */
let lines = ["ready"];
let most = 0;
const flush = () => {
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
  lines = [];
};
const timer = setInterval(flush, 20);
for await (const { session, entry } of records) {
  lines.push(`${session} ${entry.message} ${Date.now() - Number(entry.phase)}`);
  most = Math.max(most, fs.readdirSync("/proc/self/fd").length);
}
clearInterval(timer);
lines.push(`open ${most}`);
flush();
