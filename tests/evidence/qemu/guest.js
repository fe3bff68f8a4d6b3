// Runs in a virtual machine, on a file system at /disk. Appends until the power is cut, or checks
// what a cut left.
//
//   guest.js write SEED   prints "WRITER NUMBER LEVEL SESSION" per acknowledged entry
//   guest.js check SEED   reads such lines from /dev/vdb, up to a NUL, and prints "checked …"

import { readFileSync, writeSync } from "node:fs";

import { SessionLog } from "skill-log";

import { Random } from "../../conformance/random.js";
import { checkWritten, Writing } from "../written-log.js";

const [phase, seedText] = process.argv.slice(2);
const seed = Number(seedText);
const WRITERS = [0, 1, 2, 3];
const dir = "/disk/deep/er/logs";
const writings = ["first", "second"].map(
  (session) => new Writing({ session, seed, least: 150, most: 20_000 }),
);

if (phase === "write") await Promise.all(WRITERS.map(write));
else await check();

/** Appends to the logs in turn, at both levels. @param {number} index */
async function write(index) {
  const random = new Random(seed + index);
  const writer = `writer${index}`;
  const logs = await Promise.all(writings.map(({ session }) => SessionLog.open(dir, session)));
  for (let number = 0; ; number++) {
    const which = random.below(logs.length);
    const sync = random.chance(0.5);
    await logs[which].append(writings[which].entry(writer, number), { sync });
    const level = sync ? "sync" : "none";
    writeSync(1, `${writer} ${number} ${level} ${writings[which].session}\n`);
    // Lets the others append too, where nothing is synced.
    await new Promise((done) => setImmediate(done));
  }
}

async function check() {
  try {
    const bytes = readFileSync("/dev/vdb");
    const lines = bytes.subarray(0, bytes.indexOf(0)).toString().split("\n");
    const acknowledged = lines.map((line) => line.split(" ")).filter(([, , level]) => level);
    const met = { synced: 0, kept: 0, damaged: 0 };
    for (const writing of writings) {
      // The cut may have lost acknowledgements.
      for (const index of WRITERS) writing.begin(`writer${index}`, Infinity);
      const ofLog = acknowledged.filter(([, , , session]) => session === writing.session);
      // A sync keeps everything before it in the log. Of other writers' entries, nobody knows here
      // which these are.
      const isKept = (/** @type {string[]} */ [writer, number]) =>
        ofLog.some(
          ([other, last, level]) =>
            other === writer && level === "sync" && Number(number) <= Number(last),
        );
      const required = ofLog.filter(isKept).map(([writer, number]) => `${writer} ${number}`);
      const { names, kinds, isPending } = await checkWritten({ writing, dir, required, age: 3600 });
      met.synced += required.length;
      met.kept += names.length;
      met.damaged += kinds.length + (isPending ? 1 : 0);
    }
    writeSync(1, `checked ${JSON.stringify(met)}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.stack : error;
    writeSync(1, `failed ${JSON.stringify(text)}\n`);
  }
}
