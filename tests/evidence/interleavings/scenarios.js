// What several processes do at the same time.

import { encode } from "skill-log";

import { ROOT } from "../disk-states/virtual-disk.js";
import { SESSION, STARTS } from "../disk-states/starts.js";
import { DIRECTORY, LOG, ROTATED } from "../disk-states/workload.js";

const dir = `${ROOT}/${DIRECTORY}`;

export const CACHE = `${ROOT}/cache`;

/**
 * What a process does. With `isCut`, its writes end half done.
 *
 * @typedef {{ kind: string, entries?: object[], isCut?: boolean } & Record<string, any>} Job
 */

/**
 * @typedef {object} Scenario
 * @property {string | null} start the log at first
 * @property {(Job | null)[]} [before] what each process does before, one after the other
 * @property {Job[]} jobs what each process does, at the same time
 * @property {number} [cut] the process whose write ends half done, as on a full disk
 * @property {boolean} [isDoubted] whether entries may be there that only reading with `doubtful`
 *   returns
 * @property {number} [limit] of preemptions in the orders that are enumerated; default: all orders
 */

/**
 * @param {number} process
 * @param {string} round
 * @param {number} [count]
 * @returns {Job & { entries: object[] }}
 */
function append(process, round, count = 1) {
  const entries = Array.from({ length: count }, (_, at) => ({
    session_id: SESSION,
    timestamp: "2026-01-02T03:04:05Z",
    skill: `${round} ${process}-${at}`,
    final_status: "ok",
    message: "m".repeat(40 + 17 * process),
  }));
  return { kind: "append", dir, session: SESSION, entries };
}

const later = (/** @type {number} */ process, count = 1) => append(process, "entry", count);
const first = (/** @type {number} */ process) => append(process, "first", 1);
/** An append whose half ends in a list, so that an entry after it may be taken for a value there. */
const doubted = (/** @type {number} */ process) => {
  const { entries, ...rest } = first(process);
  return { ...rest, entries: [{ ...entries[0], message: "", input: new Array(60).fill(1) }] };
};
const job = (/** @type {string} */ kind, more = {}) => ({ kind, dir, session: SESSION, ...more });
/** Moves the log away, as log rotation does. @type {Job} */
const rename = { kind: "rename", from: `${ROOT}/${LOG}`, to: `${ROOT}/${ROTATED}` };

const whole = STARTS["a whole log"];
const torn = STARTS["a cut entry at the end"];
const damaged = STARTS["a damaged log"];
const short = `${(whole ?? "").split("\n")[0]}\n`;

/** By name. @type {Record<string, Scenario>} */
export const SCENARIOS = {
  "two appends to an open log": {
    start: whole,
    before: [first(0), first(1)],
    jobs: [later(0), later(1)],
  },
  "three appends to an open log": {
    start: short,
    before: [first(0), first(1), first(2)],
    jobs: [later(0), later(1), later(2)],
  },
  "two appends to an open log, and one that is cut": {
    start: short,
    before: [first(0), first(1), first(2)],
    jobs: [later(0), later(1), later(2)],
    cut: 1,
  },
  // Where the cut falls between the look and the write of another append, no guard ends the cut line.
  "two appends to an open log, and one that is cut before a value": {
    start: short,
    before: [first(0), first(1), first(2)],
    jobs: [later(0), doubted(1), later(2)],
    cut: 1,
    isDoubted: true,
  },
  "an append after another writer's cut entry": {
    start: short,
    before: [first(0), { ...doubted(1), isCut: true }],
    jobs: [later(0), later(1)],
  },
  "two appends after a cut entry": { start: torn, jobs: [later(0), later(1)] },
  "three appends after a cut entry": {
    start: torn,
    jobs: [later(0), later(1), later(2)],
    limit: 3,
  },
  "two appends that make the log": { start: null, jobs: [later(0), later(1)], limit: 4 },
  "three appends that make the log": {
    start: null,
    jobs: [later(0), later(1), later(2)],
    limit: 2,
  },
  "an append and a repair": {
    start: damaged,
    before: [first(0), null],
    jobs: [later(0), job("repair")],
    limit: 3,
  },
  "an append and a repair that ends the last line": {
    start: torn,
    jobs: [later(0), job("repair")],
    limit: 3,
  },
  "two repairs": { start: damaged, jobs: [job("repair"), job("repair")], limit: 2 },
  "an append, a cut append and a repair": {
    start: damaged,
    before: [first(0), first(1), null],
    jobs: [later(0), later(1), job("repair")],
    cut: 1,
    limit: 2,
  },
  "an append, a removal and an append": {
    start: short,
    before: [first(0), null, first(2)],
    jobs: [later(0), job("remove"), later(2)],
    limit: 3,
  },
  "an append and a follower": {
    start: short,
    before: [first(0), null],
    jobs: [later(0), job("follow")],
    limit: 3,
  },
  "two appends and a follower": {
    start: short,
    before: [first(0), first(1), null],
    jobs: [later(0), later(1), job("follow")],
    limit: 2,
  },
  "a cut append, an append and a follower": {
    start: torn,
    jobs: [later(0), later(1), job("follow")],
    cut: 0,
    limit: 2,
  },
  "a follower of a log that is made": {
    start: null,
    jobs: [later(0), later(1), job("follow")],
    limit: 1,
  },
  "an append, a renaming and a follower": {
    start: short,
    before: [first(0), null, null],
    jobs: [later(0), rename, job("follow")],
    limit: 2,
  },
  "a repair and a follower": {
    start: damaged,
    jobs: [job("repair"), job("follow")],
    limit: 2,
  },
  "an append and a list with a cache": {
    start: short,
    before: [first(0), job("list", { cache: CACHE })],
    jobs: [later(0), job("list", { cache: CACHE })],
    limit: 3,
  },
  "an append and two lists with a cache": {
    start: short,
    before: [first(0), null, null],
    jobs: [later(0), job("list", { cache: CACHE }), job("list", { cache: CACHE })],
    limit: 1,
  },
  "an append and an index with a cache": {
    start: short,
    before: [first(0), job("index", { cache: CACHE })],
    jobs: [later(0), job("index", { cache: CACHE })],
    limit: 3,
  },
  "a repair and an index with a cache": {
    start: damaged,
    jobs: [job("repair"), job("index", { cache: CACHE })],
    limit: 1,
  },
};

/**
 * Returns the lines of a job's entries.
 *
 * @param {Job | null} given
 */
export function linesOfJob(given) {
  return (given?.entries ?? []).map((entry) =>
    Buffer.from(encode(/** @type {any} */ (entry)))
      .toString("latin1")
      .trimEnd(),
  );
}
