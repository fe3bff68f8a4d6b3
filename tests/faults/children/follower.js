// Follows a session until its standard input ends. Prints a line for each entry: milliseconds since its timestamp, and what names
// it; in the end, the code of an error if there was one.
//
//   follower.js DIR SESSION FROM [SEED]
//
// With a seed it stops at random places, and follows again from the end of what it was given last.

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
