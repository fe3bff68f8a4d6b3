// Repairs a session repeatedly until its standard input ends. Prints "ready" after the first
// repair, and what it found at the end. With TORN, appends that text before each repair, as a
// writer would leave a part of a line when it is killed within a write.
//
//   repairer.js DIR SESSION [TORN]

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog } from "skill-log";

const [dir, session, torn] = process.argv.slice(2);
let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

const log = await SessionLog.open(dir, session);
/** @type {{ rounds: number, repaired: number, damage: import("skill-log").Damage[] }} */
const found = { rounds: 0, repaired: 0, damage: [] };
while (!isOver) {
  if (torn) appendFileSync(join(dir, `${session}.jsonl`), torn);
  const { repaired, damage } = await log.repair();
  found.rounds++;
  found.repaired += repaired;
  // Keep the first few, because they suffice for a failure message.
  if (found.damage.length < 10) found.damage.push(...damage);
  if (found.rounds === 1) console.log("ready");
  await pause(1);
}
await log.close();
console.log(JSON.stringify(found));
