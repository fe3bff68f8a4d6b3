// Power is cut while processes append and repair. What was not synced is lost, torn or reordered.

import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../scripts/command.js";
import { withoutFuse } from "../../scripts/setup.js";
import { damagedLog, touchingLog } from "../faults/damaged-log.js";
import { checkRepaired, checkUnrepaired, putDamaged } from "../faults/repaired-log.js";
import { caseRandom, caseSeed } from "./case-random.js";
import { Disks } from "./power-cuts/disks.js";
import { startWorker } from "./workers.js";
import { checkWritten, Writing } from "./written-log.js";

/** @import { Random } from "../conformance/random.js" */
/** @import { Worker } from "./workers.js" */

/** Moments of a run at which the power is cut, and what each cut may leave. */
const MOMENTS = 8;
const CUTS = 3;

/**
 * The milliseconds that a sync may take once it has started: writes that follow each other in a
 * process come to the disk in their order, so this is for a busy machine alone.
 */
const SLACK = 100;

/** How long after the cut the log is read, in seconds: repair seals a last line after a minute. */
const AGES = [20, 3600];

/** @type {import("./row.js").Row} */
export const row = {
  name: "power-cuts",
  about:
    "Cuts the power of a FUSE file system, which loses, tears and reorders unsynced writes, while processes append at all levels, or repair",
  counts: "cuts",
  short: 100,
  full: 2_000,
  code: ["tests/evidence/children", "tests/fuse"],
  skip: withoutFuse,
  async open(seed) {
    const disks = await Disks.mount();
    const appenders = await Promise.all([1, 2, 3].map(() => startWorker("appender.js")));
    const repairer = await startWorker("repairer.js");
    const run = { seed, disks, appenders, repairer };
    return {
      run: async (number) =>
        number % 4 === 3 ? await cutRepair(run, number) : await cutAppends(run, number),
      async close() {
        await Promise.all([...appenders, repairer].map((worker) => worker.end()));
        await disks.close();
      },
    };
  },
};

/**
 * What cases share.
 *
 * @typedef {{ seed: number, disks: Disks, appenders: Worker[], repairer: Worker }} Run
 */

/**
 * Cuts the power while three processes append to two logs.
 *
 * @param {Run} run
 * @param {number} number
 */
async function cutAppends({ seed, disks, appenders }, number) {
  const random = caseRandom(seed, number);
  const disk = `appends-${number}`;
  await disks.ask("new", disk);
  const place = random.pick(["logs", "deep/er/logs", "."]);
  const count = random.between(5, 40);
  const isLate = number % 4 === 1;
  const percent = random.pick(isLate ? [0, 0, 20] : [0, 20, 50, 100]);
  const late = isLate
    ? { within: random.pick([1, 10, 50]), slack: SLACK, most: Math.ceil(600 / count) }
    : undefined;
  const [least, most] = random.pick([
    [150, 400],
    [150, 9000],
    [3000, 30_000],
  ]);
  const writings = ["first", "second"].map(
    (session) => new Writing({ session, seed: caseSeed(seed, number), least, most }),
  );
  const jobs = appenders.map((_, index) => ({
    dir: join(disks.directory, disk, place),
    session: random.pick(writings).session,
    seed: caseSeed(seed, number),
    least,
    most,
    writer: `writer${index}`,
    count,
    percent,
    ...(late && { late }),
    atOnce: random.pick([1, 1, 4, 16]),
    acknowledged: join(disks.directory, disk, "acknowledged"),
  }));
  for (const writing of writings)
    for (const { writer, session } of jobs)
      writing.begin(writer, session === writing.session ? count : 0);
  // Each append makes two or three changes: its write, its sync, and the line of its
  // acknowledgement. A late sync serves several, but there is another line when it is due.
  const changes = jobs.length * count * (isLate ? 3 : 2 + percent / 100);
  const moments = Array.from({ length: MOMENTS }, () => random.between(1, changes));
  await disks.ask("plan", disk, ...moments);
  await Promise.all(jobs.map((job, index) => appenders[index].run(job)));

  // A sync keeps everything before its entry in the log, of other writers too.
  const orders = writings.map((writing) => {
    const path = join(disks.directory, disk, place, `${writing.session}.jsonl`);
    return { writing, order: existsSync(path) ? writing.namesIn(readFileSync(path)) : [] };
  });
  let units = 0;
  const met = {
    "synced entries": 0,
    ...(isLate && { "entries synced in time": 0 }),
    "entries kept": 0,
    "damaged lines": 0,
  };
  await eachCut({ disks, disk, random }, async (left, age) => {
    const dir = join(disks.directory, left, place);
    const path = join(disks.directory, left, "acknowledged");
    const acknowledged = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
    const synced = new Set(
      acknowledged
        .map((line) => line.split(" "))
        .filter(([, , level]) => level === "sync" || level === "due")
        .map(([writer, number]) => `${writer} ${number}`),
    );
    for (const { writing, order } of orders) {
      const last = order.findLastIndex((name) => synced.has(name));
      const required = order.slice(0, last + 1);
      const { names, kinds, isPending } = await checkWritten({
        writing,
        dir,
        required,
        age,
        repairsFirst: random.chance(0.5),
      });
      met["entries kept"] += names.length;
      met[isLate ? "entries synced in time" : "synced entries"] += required.length;
      met["damaged lines"] += kinds.length + (isPending ? 1 : 0);
    }
    units += 1;
  });
  return { units, met };
}

/**
 * Cuts the power within a repair, and again within the repair of what that left.
 *
 * @param {Run} run
 * @param {number} number
 */
async function cutRepair({ seed, disks, repairer }, number) {
  const random = caseRandom(seed, number);
  const isExclusive = random.chance(0.3);
  const damaged = isExclusive ? touchingLog : damagedLog;
  const disk = `repair-${number}`;
  await disks.ask("new", disk);
  putDamaged(join(disks.directory, disk), damaged, { isSynced: true });
  let units = 0;
  const met = { "repairs cut": 0, "repairs of cut repairs cut": 0 };
  const repairAndCut = async (/** @type {string} */ cutDisk, /** @type {number} */ depth) => {
    const moments = Array.from({ length: MOMENTS }, () => random.between(1, 40));
    await disks.ask("plan", cutDisk, ...moments);
    const { session } = damaged;
    const dir = join(disks.directory, cutDisk);
    await repairer.run({ dir, session, options: { exclusive: isExclusive } });
    await eachCut({ disks, disk: cutDisk, random, most: depth > 0 ? 1 : CUTS }, async (left) => {
      const dirLeft = join(disks.directory, left);
      await checkUnrepaired(dirLeft, damaged, { isRewritten: isExclusive });
      units += 1;
      met[depth === 0 ? "repairs cut" : "repairs of cut repairs cut"] += 1;
      // Cut the repair of some of them too. The others are repaired to the end.
      if (depth === 0 && random.chance(0.1)) await repairAndCut(left, 1);
      else await checkRepaired(dirLeft, damaged, { exclusive: isExclusive });
    });
  };
  await repairAndCut(disk, 0);
  return { units, met };
}

/**
 * Calls `check` with disks that cuts of a disk may leave: at each planned moment that came, and at
 * the end. What another cut left too is left out.
 *
 * @param {{ disks: Disks, disk: string, random: Random, most?: number }} of
 * @param {(left: string, age: number) => Promise<void>} check
 */
async function eachCut({ disks, disk, random, most = CUTS }, check) {
  const seen = new Set();
  const captures = Number((await disks.ask("capture", disk)).split(" ")[0]);
  for (let capture = 0; capture < captures; capture++) {
    for (let index = 0; index < most; index++) {
      const left = `${disk}-${capture}-${index}`;
      const age = random.pick(AGES);
      const cut = ["cut", disk, capture, random.below(2 ** 32), age];
      const how = await disks.ask(...cut, left);
      try {
        const bytes = hashOf(join(disks.directory, left));
        if (!seen.has(bytes)) await check(left, age);
        seen.add(bytes);
      } catch (error) {
        throw new Error(`${how}; ${await keptCopy(disks, cut)}`, { cause: error });
      }
      await disks.ask("forget", left);
      await disks.ask("drop", left);
    }
  }
  await disks.ask("forget", disk);
  if (most === CUTS) await disks.ask("drop", disk);
}

/**
 * Returns a hash of the names and bytes of all files below a folder.
 *
 * @param {string} folder
 */
function hashOf(folder) {
  const hash = createHash("sha1");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    const bytes = statSync(path).isFile() ? readFileSync(path) : "";
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("base64");
}

/**
 * Copies a disk as a cut left it, because processes never take the same time again, so that the
 * case alone may not fail twice.
 *
 * @param {Disks} disks
 * @param {(string | number)[]} cut
 * @returns {Promise<string>} where the copy is
 */
async function keptCopy(disks, cut) {
  const to = join(root, "target", "evidence", "power-cuts-failed");
  await disks.ask(...cut, "again");
  rmSync(to, { recursive: true, force: true });
  cpSync(join(disks.directory, "again"), to, { recursive: true });
  return `what the cut left is in ${to}`;
}
