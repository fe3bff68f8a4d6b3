// Reads a growing session repeatedly in one way until its standard input ends, then once more.
// Prints the number of rounds, the number of entries at the end, and the damage that was reported.
//
//   looping-reader.js DIR SESSION WAY ENTRIES
//
// ENTRIES is the final number of entries: a follower waits for the last entry.

import { SessionLog } from "skill-log";

const [dir, session, way, expected] = process.argv.slice(2);
/** @type {import("skill-log").Damage[]} */
const damage = [];
const onDamage = (/** @type {import("skill-log").Damage} */ each) => damage.push(each);
const log = await SessionLog.open(dir, session);
let isOver = false;
let rounds = 0;
let entries = 0;

/** @type {Record<string, () => Promise<number>>} each returns the number of entries */
const ways = {
  /** Reads from the end of the last entry, so that most reads meet a line that is being written. */
  async read() {
    for await (const { end } of log.records({ from, onDamage })) {
      from = end;
      entries += 1;
    }
    return entries;
  },
  async reverse() {
    let count = 0;
    for await (const entry of log.entries({ reverse: true, onDamage })) {
      count += Number(entry.session_id === session);
      if (!isOver && count === 5) break;
    }
    return count;
  },
  async verify() {
    const report = await log.verify({ onDamage });
    return report.entries;
  },
  async index() {
    if (rounds % 50 === 0) index = await log.index();
    else await index.refresh();
    index.damage.forEach(onDamage);
    return index.length - index.removed;
  },
};
let from = 0;
let index = await log.index();

process.stdin.on("end", () => (isOver = true)).resume();
console.log("ready");
if (way === "follow") {
  for await (const { entry } of log.follow({ onDamage })) {
    entries += Number(entry.session_id === session);
    rounds += 1;
    if (entries === Number(expected)) break;
  }
} else {
  for (let isLast = false; !isLast; rounds += 1) {
    isLast = isOver;
    entries = await ways[way]();
    // Let the event loop see that the standard input has ended.
    await new Promise((done) => setImmediate(done));
  }
}
console.log(JSON.stringify({ rounds, entries, damage: damage.slice(0, 10) }));
process.stdin.destroy();
await log.close();
