// Runs operations of the package on a virtual disk, and notes what was promised when.

import { encode, removeSession, SessionLog } from "skill-log";

import { SESSION } from "./starts.js";
import { ROOT, VirtualDisk } from "./virtual-disk.js";

/** Where the logs are: in a directory that the first append makes, with its parent. */
export const DIRECTORY = "data/logs";

export const LOG = `${DIRECTORY}/${SESSION}.jsonl`;
export const SAVED = `${DIRECTORY}/${SESSION}.damaged`;
export const ROTATED = `${DIRECTORY}/${SESSION}.1.jsonl`;

/** The logs whose entries count. */
export const LOGS = [ROTATED, LOG];

/** The operations, of which every workload of up to three is run. */
export const OPERATIONS = /** @type {const} */ ([
  "append",
  "append and sync",
  "repair",
  "exclusive repair",
  "remove",
  "append of another",
  "append and sync of another",
  "group commit",
  "append several",
  "open again",
  "rename away",
  "repair that drops doubt",
]);

/** @typedef {(typeof OPERATIONS)[number]} Operation */

/** Operations after which another file may be at the path. @type {Set<Operation>} */
const REPLACING = new Set(["exclusive repair", "remove", "rename away"]);

/**
 * An entry and its promises. Times are counts of events.
 *
 * @typedef {object} Written
 * @property {string} line without its line end
 * @property {number} started when its append was called: it may be read after this
 * @property {number} appended when its append was acknowledged: it survives the process
 * @property {number} synced when a sync of its log was acknowledged: it survives a loss of power
 * @property {number} removed when the removal of its log started: it may be lost
 */

/** A disk on which operations run, and the promises that they make. */
export class Workload {
  disk = new VirtualDisk();
  /** In the order in which they were appended. @type {Written[]} */
  entries = [];
  /** The bytes of the log at first, which only a repair in place changes; null when others may. */
  start;
  #lengths;
  /** @type {SessionLog | null} */
  #own = null;
  /** @type {SessionLog | null} */
  #other = null;
  #number = 100;

  /**
   * @param {string | null} start the log on the disk
   * @param {readonly number[]} lengths of the lines that are appended, in turn
   */
  constructor(start, lengths) {
    this.#lengths = lengths;
    this.start = start === null ? null : Buffer.from(start, "latin1");
    if (this.start) this.disk.put(LOG, this.start);
  }

  /** Where the directory of the logs is. */
  get #dir() {
    return `${ROOT}/${DIRECTORY}`;
  }

  /** Reads the log that is there at first. Its entries are on the disk. */
  async open() {
    this.#own = await SessionLog.open(this.#dir, SESSION);
    this.#other = await SessionLog.open(this.#dir, SESSION);
    for (const line of await linesOf(this.#own))
      this.entries.push({ line, started: 0, appended: 0, synced: 0, removed: Infinity });
  }

  get #now() {
    return this.disk.events.length;
  }

  #entry() {
    const number = this.#number++;
    const length = this.#lengths[number % this.#lengths.length];
    // Where the input is cut, it must not be taken for an entry.
    const inner = {
      session_id: SESSION,
      timestamp: "2026-01-02T03:04:05Z",
      skill: `inner ${number}`,
      final_status: "ok",
    };
    const entry = {
      session_id: SESSION,
      timestamp: "2026-01-02T03:04:05Z",
      skill: `entry ${number}`,
      input: [inner],
      final_status: "ok",
      message: "",
    };
    const room = length - encode(entry).length;
    return { ...entry, message: "m".repeat(Math.max(0, room)) };
  }

  /**
   * @param {SessionLog | null} log
   * @param {{ sync?: boolean, count?: number }} [options]
   */
  async #append(log, { sync = false, count = 1 } = {}) {
    const entries = Array.from({ length: count }, () => this.#entry());
    const started = this.#now;
    const written = entries.map((entry) => ({
      line: Buffer.from(encode(entry)).toString("latin1").trimEnd(),
      started,
      appended: Infinity,
      synced: Infinity,
      removed: Infinity,
    }));
    this.entries.push(...written);
    const appending = /** @type {SessionLog} */ (log).append(entries, { sync });
    // In Node the entry is in the file when the call returns. A crash after this event is no crash
    // within the write.
    this.disk.note("written");
    for (const each of written) each.appended = this.#now;
    const before = this.entries.filter(({ appended }) => appended <= this.#now);
    const file = LOGS.map((path) => this.disk.bytesOf(path)).find((bytes) =>
      bytes?.includes(written[0].line),
    );
    const covered = before.filter(({ line }) => file?.includes(line));
    await appending;
    if (sync)
      for (const each of covered)
        if (each.removed > this.#now) each.synced = Math.min(each.synced, this.#now);
  }

  /** @param {Operation} operation */
  async run(operation) {
    this.disk.note(operation);
    if (REPLACING.has(operation)) this.start = null;
    if (operation === "append") await this.#append(this.#own);
    else if (operation === "append and sync") await this.#append(this.#own, { sync: true });
    else if (operation === "append of another") await this.#append(this.#other);
    else if (operation === "append and sync of another")
      await this.#append(this.#other, { sync: true });
    else if (operation === "append several") await this.#append(this.#own, { count: 3 });
    else if (operation === "group commit")
      await Promise.all([
        this.#append(this.#own, { sync: true }),
        this.#append(this.#own),
        this.#append(this.#own, { sync: true }),
        this.#append(this.#other, { sync: true }),
      ]);
    else if (operation === "repair") await this.#own?.repair();
    else if (operation === "repair that drops doubt") await this.#own?.repair({ doubtful: "drop" });
    else if (operation === "exclusive repair") await this.#own?.repair({ exclusive: true });
    else if (operation === "open again") {
      await this.close();
      this.#own = await SessionLog.open(this.#dir, SESSION);
      this.#other = await SessionLog.open(this.#dir, SESSION);
    } else if (operation === "rename away") {
      if (this.disk.bytesOf(LOG)) {
        this.#removed(ROTATED);
        this.disk.renameSync(`${ROOT}/${LOG}`, `${ROOT}/${ROTATED}`);
      }
    } else {
      this.#removed(LOG);
      await removeSession(this.#dir, SESSION);
    }
    this.disk.note(`${operation}: done`);
  }

  /** @param {string} path of a log that is about to go */
  #removed(path) {
    const bytes = this.disk.bytesOf(path);
    for (const entry of this.entries)
      if (bytes?.includes(entry.line)) entry.removed = Math.min(entry.removed, this.#now);
  }

  async close() {
    await this.#own?.close();
    await this.#other?.close();
  }
}

/**
 * Reads the canonical lines of a log.
 *
 * @param {SessionLog} log
 * @param {boolean} [doubtful] whether to return entries that may be part of another one's input
 */
export async function linesOf(log, doubtful = false) {
  const chunks = [];
  for await (const chunk of log.lines({ doubtful, onDamage() {} }))
    chunks.push(Buffer.from(chunk).toString("latin1"));
  return chunks.join("").split("\n").slice(0, -1);
}
