// Makes the steps of a run: writers that append to a log, of which some are killed.

import fs from "node:fs";

import { encode } from "skill-log";

import { SkillLogError } from "../js/errors.js";
import { AppendedFile } from "../js/storage/node/append.js";
import { openToAppend } from "../js/storage/node/regular-file.js";
import { Random } from "../tests/conformance/random.js";
import { replaceFs, ROOT, VirtualDisk } from "../tests/evidence/disk-states/virtual-disk.js";

/** The names of the writers: processes that append to the same log. */
export const WRITERS = ["A", "B", "C"];

/** How many appends a run has. */
const APPENDS = 16;

const SESSION = "build-1";
const LOG = `${SESSION}.jsonl`;
const LINE_END = 10;

const skills = ["plan", "edit", "test", "review"];
const statuses = ["pass", "fail"];

/**
 * What ends an append: nothing, or a kill or a full disk after so many bytes.
 *
 * @typedef {"whole" | "killed" | "full"} End
 */

/**
 * Bytes of a file, and who wrote them.
 *
 * @typedef {object} Piece
 * @property {number} number of the append
 * @property {number} from
 * @property {number} to
 */

/**
 * A file after a step.
 *
 * @typedef {object} FileState
 * @property {Uint8Array} bytes
 * @property {Piece[]} pieces what each append wrote, in order
 * @property {boolean} isGuarded whether this step wrote a line end first
 */

/**
 * An append, and both files after it.
 *
 * @typedef {object} Step
 * @property {number} number from 0
 * @property {number} writer its number in `WRITERS`
 * @property {string} phase the name of its entry, such as A1
 * @property {End} end
 * @property {number} written how many bytes of its line reached the files
 * @property {number} length of its line
 * @property {FileState} guarded the file that the package writes
 * @property {FileState} plain the file that is written without a guard
 * @property {string[]} acknowledged the names of the entries that were acknowledged so far
 */

/** Ends the process that writes. */
class Killed extends Error {}

/** A disk whose next write may end early. */
class CrashingDisk extends VirtualDisk {
  /** How many bytes the next write leaves out, and how it ends. @type {{ left: number, end: End }} */
  next = { left: 0, end: "whole" };

  /**
   * @param {number} fd
   * @param {Uint8Array} bytes
   * @param {number} [from]
   * @param {number} [length]
   * @param {number | null} [position]
   */
  writeSync(fd, bytes, from = 0, length = bytes.length - from, position = null) {
    const { left, end } = this.next;
    const written = super.writeSync(fd, bytes, from, Math.max(0, length - left), position);
    if (end === "killed") throw new Killed();
    return written;
  }
}

/** A file of a run. */
class SimulatedFile {
  disk = new CrashingDisk();
  /** @type {Piece[]} */
  #pieces = [];

  get bytes() {
    return this.disk.bytesOf(LOG) ?? new Uint8Array(0);
  }

  /**
   * @param {number} number
   * @param {number} before the size of the file
   * @returns {FileState}
   */
  stateAfter(number, before) {
    const bytes = Uint8Array.from(this.bytes);
    if (bytes.length > before) this.#pieces.push({ number, from: before, to: bytes.length });
    return { bytes, pieces: [...this.#pieces], isGuarded: bytes[before] === LINE_END };
  }
}

/**
 * Runs writers, and returns what happened.
 *
 * @param {number} seed
 * @returns {Step[]}
 */
export function simulate(seed) {
  const random = new Random(seed);
  const guarded = new SimulatedFile();
  const plain = new SimulatedFile();
  let disk = guarded.disk;
  const restore = replaceFs(() => disk);
  try {
    /** @type {(AppendedFile | null)[]} null for a process that is not running */
    const processes = WRITERS.map(() => null);
    /** @type {string[]} */
    const acknowledged = [];
    return Array.from({ length: APPENDS }, (_, number) => {
      const writer = random.below(WRITERS.length);
      const phase = `${WRITERS[writer]}${number + 1}`;
      const line = encode(entryOf(random, phase, number));
      const end = endOf(random);
      // Often the line is whole but for its line end.
      const left =
        end === "whole" ? 0 : random.chance(0.2) ? 1 : random.between(1, line.length - 1);
      guarded.disk.next = plain.disk.next = { left, end };
      const sizes = [guarded.bytes.length, plain.bytes.length];
      disk = guarded.disk;
      processes[writer] ??= started();
      if (!appended(processes[writer], line)) {
        // After a full disk the process goes on. Its next append checks the end of the file.
        if (end === "killed") processes[writer] = null;
      } else acknowledged.push(phase);
      disk = plain.disk;
      appendPlainly(line);
      return {
        number,
        writer,
        phase,
        end,
        written: line.length - left,
        length: line.length,
        guarded: guarded.stateAfter(number, sizes[0]),
        plain: plain.stateAfter(number, sizes[1]),
        acknowledged: [...acknowledged],
      };
    });
  } finally {
    restore();
  }
}

/** @param {Random} random @returns {End} */
function endOf(random) {
  if (random.chance(0.6)) return "whole";
  return random.chance(0.8) ? "killed" : "full";
}

/**
 * @param {Random} random
 * @param {string} phase
 * @param {number} number
 */
function entryOf(random, phase, number) {
  return {
    session_id: SESSION,
    timestamp: new Date(Date.UTC(2026, 0, 1, 12, 0, number)),
    skill: random.pick(skills),
    phase,
    final_status: random.pick(statuses),
  };
}

/** Opens the log as a process does that just started. */
function started() {
  const unsynced = new Set();
  const path = `${ROOT}/${LOG}`;
  return new AppendedFile(
    path,
    openToAppend(path, { mode: 0o600, dirMode: 0o700 }, unsynced),
    unsynced,
  );
}

/**
 * Appends a line as the package does.
 *
 * @param {AppendedFile} file
 * @param {Uint8Array} line
 * @returns {boolean} whether the append is acknowledged
 */
function appended(file, line) {
  const lines = new Uint8Array(line.length + 1);
  lines[0] = LINE_END;
  lines.set(line, 1);
  file.look();
  try {
    file.append(lines);
    return true;
  } catch (error) {
    // A killed process gets no error, but what wrote for it does.
    if (error instanceof SkillLogError && error.code === "WRITE_FAILED") return false;
    throw error;
  }
}

/**
 * Appends a line as programs do that have no guard.
 *
 * @param {Uint8Array} line
 */
function appendPlainly(line) {
  const path = `${ROOT}/${LOG}`;
  const fd = openToAppend(path, { mode: 0o600, dirMode: 0o700 }, new Set());
  try {
    fs.writeSync(fd, line);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}
