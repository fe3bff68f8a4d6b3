// Follows a session until its standard input ends. Prints a line per entry: the milliseconds since
// its timestamp, and its brief name. Prints the code of an error when following fails.
//
//   follower.js DIR SESSION FROM [SEED]
//
// With a seed, stops after random numbers of entries, and resumes from the end of the last entry.

import { SessionLog, SkillLogError } from "skill-log";

import { Random } from "../../conformance/random.js";
import { briefly } from "../numbered-entry.js";

const [dir, session, start, seed] = process.argv.slice(2);
const controller = new AbortController();
process.stdin.on("end", () => controller.abort()).resume();

const random = seed === undefined ? null : new Random(Number(seed));
const log = await SessionLog.open(dir, session);
/** @type {number | "start" | "end"} */
let from = start === "start" || start === "end" ? start : Number(start);
console.log("ready");
try {
  for (;;) {
    let left = random ? 1 + random.below(200) : Infinity;
    for await (const { entry, end } of log.follow({
      from,
      onDamage() {},
      signal: controller.signal,
    })) {
      console.log(`${Date.now() - Date.parse(entry.timestamp)} ${briefly([entry])[0]}`);
      from = end;
      left -= 1;
      if (left === 0) break;
    }
  }
} catch (error) {
  if (!controller.signal.aborted) {
    if (!(error instanceof SkillLogError)) throw error;
    console.log(error.code);
  }
}
process.stdin.destroy();
await log.close();
