// The row of a modelled disk: what a crash may leave of any workload, and whether that is recovered.

import { createHash } from "node:crypto";

import { caseRandom } from "./case-random.js";
import { CLASSES, powerCut, processCrash } from "./disk-states/crash-states.js";
import { checkRecovery, checkSaved } from "./disk-states/recovery.js";
import { DAMAGED, STARTS } from "./disk-states/starts.js";
import { replaceFs } from "./disk-states/virtual-disk.js";
import { LOG, OPERATIONS, SAVED, Workload } from "./disk-states/workload.js";

/** @import { Random } from "../conformance/random.js" */
/** @import { CrashClass } from "./disk-states/crash-states.js" */
/** @import { Operation } from "./disk-states/workload.js" */

/** The states of a crash point that are all checked; of more states, so many are chosen. */
const ALL_STATES = 12;
const CHOSEN_STATES = 6;

/** Operations of a long workload. */
const MOST_OPERATIONS = 12;

/**
 * Whether states are repaired, in turn, before or after the next append. A repair takes as long as
 * five states without it.
 */
const REPAIRS = /** @type {const} */ (["none", "before", "none", "none", "after", "none"]);

/** Steps through the small workloads that visit each, and neighbours seldom one after the other. */
const STRIDE = 1009;

/** Lengths of the lines that workloads append: within a sector, over its end, and over a page's. */
const LENGTHS = [
  [300, 700],
  [700, 300, 5000],
  [512, 4096, 400],
];

/** @type {Operation[][]} */
const small = [];
for (let length = 1; length <= 3; length += 1)
  for (let number = 0; number < OPERATIONS.length ** length; number += 1)
    small.push(
      Array.from(
        { length },
        (_, at) => OPERATIONS[Math.floor(number / OPERATIONS.length ** at) % OPERATIONS.length],
      ),
    );

/**
 * What is run. `isLastOnly`: whether only crashes within the last operation are checked, because
 * another workload is the others.
 *
 * @typedef {{ start: string | null, operations: Operation[], isLastOnly?: boolean }} Plan
 */

/** @type {Plan[]} */
const workloads = [
  ...Object.values(STARTS).flatMap((start) =>
    small.map((operations) => ({ start, operations, isLastOnly: operations.length > 1 })),
  ),
  ...Object.values(DAMAGED).flatMap((start) =>
    /** @type {Operation[][]} */ ([
      ["repair that drops doubt"],
      ["exclusive repair"],
      ["append", "repair that drops doubt"],
      ["repair", "append and sync", "repair that drops doubt"],
    ]).map((operations) => ({ start, operations })),
  ),
];

/** @type {import("./row.js").Row} */
export const row = {
  name: "disk-states",
  about:
    "Records what appends, repairs and removals write to a modelled disk, and recovers states that a kill or power cut may leave",
  counts: "states",
  short: 1500,
  full: 1_000_000,
  async open(seed) {
    /** @type {Workload["disk"] | null} */
    let disk = null;
    const restore = replaceFs(() => /** @type {Workload["disk"]} */ (disk));
    return {
      async run(number) {
        const random = caseRandom(seed, number);
        const plan =
          number < workloads.length
            ? workloads[(number * STRIDE) % workloads.length]
            : longWorkload(random);
        const { start, operations, isLastOnly = false } = plan;
        const workload = new Workload(start, random.pick(LENGTHS));
        disk = workload.disk;
        await workload.open();
        let first = 0;
        try {
          for (const operation of operations) {
            // After the note of the operation and the first thing that it does.
            if (isLastOnly) first = workload.disk.events.length + 2;
            await workload.run(operation);
          }
        } finally {
          await workload.close();
        }
        return checkStates(workload, { operations, first }, random, (state) => (disk = state));
      },
      close: async () => restore(),
    };
  },
};

/**
 * @param {Random} random
 * @returns {Plan}
 */
function longWorkload(random) {
  const start = random.pick([...Object.values(STARTS), ...Object.values(DAMAGED)]);
  const length = random.between(3, MOST_OPERATIONS);
  const operations = Array.from({ length }, () => random.pick(OPERATIONS));
  return { start, operations };
}

/**
 * Checks what crashes may leave of a workload.
 *
 * @param {Workload} workload
 * @param {{ operations: Operation[], first: number }} of `first`: how many events happened at least
 * @param {Random} random
 * @param {(disk: Workload["disk"]) => void} mount
 * @returns {Promise<import("./row.js").Outcome>} how many states were checked, which all differ, and
 *   how many of each class
 */
async function checkStates(workload, { operations, first }, random, mount) {
  const states = new Set();
  /** States with what was promised at them: a state may be left at points that promise more. */
  const seen = new Set();
  const known = new Map();
  /** @type {Record<string, number>} */
  const met = {};
  for (let point = first; point <= workload.disk.events.length; point += 1) {
    for (const kind of CLASSES) {
      const cut =
        kind === "process crash"
          ? processCrash(workload.disk, point)
          : powerCut(workload.disk, point, kind);
      const isSmall = cut.states <= ALL_STATES;
      const promised = promisedAt(workload, point, kind);
      for (let at = 0; at < (isSmall ? cut.states : CHOSEN_STATES); at += 1) {
        const state = isSmall ? cut.numbered(at) : cut.chosen(random);
        const key = keyOf(state);
        const checked = `${key} ${promised.must.size} ${promised.may.size}`;
        if (seen.has(checked)) continue;
        seen.add(checked);
        if (!states.has(key)) met[kind] = (met[kind] ?? 0) + 1;
        states.add(key);
        mount(state);
        try {
          const left = workload.start && state.bytesOf(LOG);
          if (workload.start && left)
            checkSaved(workload.start, left, state.bytesOf(SAVED)?.toString("latin1") ?? "");
          await checkRecovery(state, promised, known, REPAIRS[seen.size % REPAIRS.length]);
        } catch (error) {
          if (error instanceof Error)
            error.message += `\n${kind} after event ${point} of: ${operations.join(", ")}`;
          throw error;
        }
      }
    }
  }
  return { units: states.size, met };
}

/**
 * @param {Workload} workload
 * @param {number} point
 * @param {CrashClass} kind
 */
function promisedAt({ entries }, point, kind) {
  const may = new Map();
  const must = new Set();
  for (const [at, { line, started, appended, synced, removed }] of entries.entries()) {
    if (started < point || started === 0) may.set(line, at);
    const promised = kind === "process crash" ? appended : synced;
    if (promised <= point && removed >= point) must.add(line);
  }
  return { may, must };
}

/**
 * Returns what differs between any two states.
 *
 * @param {Workload["disk"]} disk
 */
function keyOf(disk) {
  const hash = createHash("sha1");
  const add = (/** @type {Workload["disk"]["root"]} */ node) => {
    for (const [name, each] of node.names ?? []) {
      hash.update(`/${name}\0${each.size}\0`);
      if (each.names) add(each);
      else hash.update(each.bytes.subarray(0, each.size));
    }
    hash.update("..");
  };
  add(disk.root);
  return hash.digest("base64");
}
