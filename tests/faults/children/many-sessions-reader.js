// Lists, indexes or follows many sessions again and again until its standard input ends, then once
// more. Prints how many entries it saw in the end, and the damage that it found.
//
//   many-sessions-reader.js DIR CACHE WAY ENTRIES
//
// ENTRIES is the final number of entries: a follower waits for the last one.

import { Sessions } from "skill-log";

const [dir, cache, way, expected] = process.argv.slice(2);
let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

/** @type {string[]} */
const seen = [];
let rounds = 0;
let damaged = 0;
const sessions = await Sessions.open(dir, { cache, threads: 2 });
const index = await sessions.index();
console.log("ready");
/** @type {Record<string, () => Promise<number>>} each returns the number of entries */
const ways = {
  async list() {
    let count = 0;
    for await (const summary of sessions.list()) {
      count += summary.entries;
      damaged += summary.damaged;
    }
    return count;
  },
  async index() {
    const again = await Sessions.open(dir, { cache, threads: 2 });
    const all = await again.index();
    await again.close();
    damaged += all.damaged;
    return all.length - all.removed;
  },
  async refresh() {
    await index.refresh();
    damaged += index.damaged;
    return index.length - index.removed;
  },
};
let count = 0;
if (way === "follow") {
  for await (const { entry } of sessions.follow({ onDamage: () => (damaged += 1) })) {
    seen.push(`${entry.skill} ${entry.phase}`);
    if (seen.length === Number(expected)) break;
  }
  count = new Set(seen).size;
} else {
  for (let isLast = false; !isLast; rounds += 1) {
    isLast = isOver;
    const now = await ways[way]();
    if (now < count) throw new Error(`${now} entries after ${count}`);
    count = now;
    await new Promise((done) => setImmediate(done));
  }
}
console.log(JSON.stringify({ count, damaged, rounds }));
process.stdin.destroy();
await sessions.close();
