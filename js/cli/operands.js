// What a command is asked to look at: a directory and sessions in it, files, or standard input.

import fs from "node:fs";
import path from "node:path";

import { listSessions, SessionLog } from "../index.js";
import { Failure, UsageError } from "./failures.js";
import { warn } from "./output.js";
import { beginSpool, spoolStandardInput } from "./standard-input.js";

/** @import { Command } from "commander" */

/** A log that was named. */
export class NamedLog {
  /**
   * @param {string} path
   * @param {{ dir?: string, id?: string, name?: string, bytes: number, complete?: Promise<void> }} facts
   */
  constructor(path, { dir, id, name = path, bytes, complete }) {
    this.path = path;
    /** Where it is, and what its session is called, if it can be opened by that. */
    this.dir = dir;
    this.id = id;
    /** What people call it. */
    this.name = name;
    /** How long the file was when it was named. */
    this.bytes = bytes;
    /** When all of it has come; absent where that is not known. */
    this.complete = complete;
  }

  /** What it is called beside others. */
  get label() {
    return this.id ?? path.basename(this.path, EXTENSION);
  }

  /** Opens it: to append and read where it can be, else to read. */
  open() {
    const { dir, id } = this;
    return dir === undefined || id === undefined ? SessionLog.from(this.path) : SessionLog.open(dir, id);
  }
}

const EXTENSION = ".jsonl";

/**
 * Gives a command its operands.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addOperands(command) {
  return /** @type {C} */ (command
    .usage("[options] DIRECTORY [SESSION...] | FILE.jsonl... | -")
    .argument("<logs...>", "a directory, and sessions in it (none: all); or files; or - for standard input"));
}

/**
 * Finds what was named.
 *
 * @param {string[]} operands
 * @param {{ toCome?: boolean }} [options] `toCome`: whether logs are named too that do not exist yet, and standard input that goes on
 * @returns {Promise<NamedLog[]>} of a directory's sessions those that were written to last come last
 */
export async function findLogs(operands, { toCome = false } = {}) {
  const [first, ...rest] = operands;
  if (isDirectory(first, toCome)) return rest.length > 0 ? Promise.all(rest.map((id) => sessionIn(first, id, toCome))) : sessionsIn(first);
  if (operands.filter((operand) => operand === "-").length > 1) throw new UsageError("standard input (-) can be read once");
  return Promise.all(operands.map((operand) => (operand === "-" ? standardInput(toCome) : fileAt(operand, toCome))));
}

/**
 * Gives the directory, where the operands are one and nothing else.
 *
 * @param {string[]} operands
 * @param {{ toCome?: boolean }} [options]
 */
export function wholeDirectory(operands, { toCome = false } = {}) {
  return operands.length === 1 && isDirectory(operands[0], toCome) ? operands[0] : null;
}

/**
 * Tells whether an operand is a directory; what is not there yet is taken for one unless it is called as a log is.
 *
 * @param {string} operand
 * @param {boolean} toCome
 */
function isDirectory(operand, toCome) {
  if (operand === "-") return false;
  return fs.statSync(operand, { throwIfNoEntry: false })?.isDirectory() ?? (toCome && !operand.endsWith(EXTENSION));
}

/**
 * Finds every session of a directory.
 *
 * @param {string} dir
 */
export async function sessionsIn(dir) {
  const sessions = await listSessions(dir);
  if (sessions.length === 0) await warn(`${dir}: no sessions in it`);
  return sessions.reverse().map(({ id, bytes, unsafe }) => new NamedLog(path.join(dir, id + EXTENSION), { bytes, ...(unsafe === undefined && { dir, id }) }));
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {boolean} toCome
 */
async function sessionIn(dir, id, toCome) {
  if (id === "-") throw new UsageError("standard input (-) is no session in a directory");
  const file = path.join(dir, id + EXTENSION);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  // Not every file that is there has a name that is a session's: those are read by their path.
  if (stat && path.dirname(file) === path.normalize(dir)) return new NamedLog(file, { dir, id, bytes: stat.size });
  if (toCome) {
    // Fails where no log can be called so.
    await (await SessionLog.open(dir, id)).close();
    return new NamedLog(file, { dir, id, bytes: 0 });
  }
  const isFile = fs.statSync(id, { throwIfNoEntry: false })?.isFile();
  throw new Failure(`${dir} has no session ${id}${isFile ? "; to read the file of that name, give no directory before it" : ""}`);
}

/**
 * @param {string} file
 * @param {boolean} toCome
 */
function fileAt(file, toCome) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat && toCome) return new NamedLog(file, { bytes: 0 });
  if (!stat) throw new Failure(`${file}: no such file or directory`);
  if (stat.isDirectory()) throw new UsageError(`${file} is a directory: it comes first, and alone or with sessions in it`);
  return new NamedLog(file, { bytes: stat.size });
}

/** @param {boolean} toCome */
async function standardInput(toCome) {
  if (process.stdin.isTTY) throw new UsageError("standard input (-) is this terminal: pipe a log into it");
  if (toCome) {
    const { path, done } = beginSpool();
    return new NamedLog(path, { name: "standard input", bytes: 0, complete: done });
  }
  const { path, bytes } = await spoolStandardInput();
  return new NamedLog(path, { name: "standard input", bytes });
}
