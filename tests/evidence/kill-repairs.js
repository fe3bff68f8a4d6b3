// A process is killed (SIGKILL) within a repair, and the next one within the repair of what is left.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { longDamagedLogs } from "../faults/damaged-log.js";
import { checkRepaired, checkUnrepaired, putDamaged } from "../faults/repaired-log.js";
import { caseRandom } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";
import { momentOf } from "./moments.js";
import { WarmWorkers } from "./workers.js";

/** Half a megabyte, so that the steps of a repair take some time each. */
const logs = longDamagedLogs(8);

/** The most kills until a log is repaired to the end. */
const KILLS = 5;

/** About how many changes a repair makes: it saves twice, and then overwrites in four steps. */
const CHANGES = 12;

/** @type {import("./row.js").Row} */
export const row = {
  name: "kill-repairs",
  about: "Kills processes within a repair, and within the repair of what a killed repair left",
  counts: "kills",
  short: 12,
  full: 1_000,
  code: ["tests/evidence/children"],
  async open(seed) {
    const warm = new WarmWorkers("repairer.js", 2);
    const base = mkdtempSync(join(tmpdir(), "skill-log-kills-"));
    const duration = await durationOf(warm, join(base, "measured"));
    return {
      run: (number) => killRepairs({ seed, warm, base, duration }, number),
      async close(isFailed) {
        await warm.close();
        removeOrKeep(row.name, base, isFailed);
      },
    };
  },
};

/**
 * Returns how many milliseconds a repair takes in a new process.
 *
 * @param {WarmWorkers} warm
 * @param {string} dir
 */
async function durationOf(warm, dir) {
  const { damaged } = logs;
  putDamaged(dir, damaged);
  const worker = await warm.take();
  const start = performance.now();
  await worker.run({ dir, session: damaged.session });
  const duration = performance.now() - start;
  await worker.end();
  return duration;
}

/**
 * Kills repairs of one log, one after the other, until one ends or enough were killed.
 *
 * @param {{ seed: number, warm: WarmWorkers, base: string, duration: number }} run
 * @param {number} number
 */
async function killRepairs({ seed, warm, base, duration }, number) {
  const random = caseRandom(seed, number);
  const exclusive = number % 4 === 3;
  const damaged = exclusive ? logs.touching : logs.damaged;
  const dir = join(base, `repair-${number}`);
  putDamaged(dir, damaged);
  const met = { "before anything was saved": 0, "while it saved": 0, "while it overwrote": 0 };
  let units = 0;
  for (let kills = 0; kills < KILLS; kills++) {
    const before = stateOf(dir, damaged);
    const worker = await warm.take();
    const job = { dir, session: damaged.session, options: { exclusive } };
    const begin = () => worker.begin(job);
    await momentOf(random, { dir, changes: CHANGES, duration, begin });
    const isDone = worker.isDone;
    await worker.kill();
    await checkUnrepaired(dir, damaged, { isRewritten: exclusive });
    if (isDone) break;
    const after = stateOf(dir, damaged);
    units += 1;
    if (!after.log.equals(before.log)) met["while it overwrote"] += 1;
    else met[after.saved > before.saved ? "while it saved" : "before anything was saved"] += 1;
  }
  await checkRepaired(dir, damaged, { exclusive });
  rmSync(dir, { recursive: true });
  return { units, met };
}

/** @param {string} dir @param {{ session: string }} log */
function stateOf(dir, { session }) {
  const saved = join(dir, `${session}.damaged`);
  return {
    log: readFileSync(join(dir, `${session}.jsonl`)),
    saved: existsSync(saved) ? readFileSync(saved).length : 0,
  };
}
