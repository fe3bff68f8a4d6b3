// What a command is asked to look at: a directory and sessions in it, files, or standard input.

import fs from "node:fs";
import path from "node:path";

import { listSessions, SessionLog, SkillLogError } from "../../index.js";
import { Failure, UsageError } from "../failures.js";
import { complain, warn } from "../terminal/output.js";
import { compressionOf } from "./compression.js";
import { spoolStandardInput } from "./standard-input.js";

/** @import { Command } from "commander" */
/** @import { Entry } from "../../types.js" */

/** A log that was named. */
export class NamedLog {
  /**
   * @param {string} path
   * @param {{ dir?: string, id?: string, unsafe?: string | undefined, link?: string | undefined, name?: string, bytes: number, modified: Date }} facts
   */
  constructor(path, { dir, id, unsafe, link, name = path, bytes, modified }) {
    this.path = path;
    /** Where it is, and what its session is called, if it can be opened by that. */
    this.dir = dir;
    this.id = id;
    /** Why it cannot, in a directory. */
    this.unsafe = unsafe;
    /** Where it leads, if it is a link. */
    this.link = link;
    /** What people call it. */
    this.name = name;
    /** How long the file was when it was named, and when it was written to. */
    this.bytes = bytes;
    this.modified = modified;
  }

  /** What it is called beside others. */
  get label() {
    return this.id ?? (this.name === this.path ? path.basename(this.path, EXTENSION) : this.name);
  }

  /** Whether it may hold entries of several sessions, as logs that are joined on standard input do. */
  get isMixed() {
    return false;
  }

  /**
   * What an entry's session is called beside others.
   *
   * @param {Entry} entry of it
   */
  labelOf({ session_id: session }) {
    return this.isMixed ? session : this.label;
  }

  /** Opens it: to append and read where it can be, else to read. */
  async open() {
    this.refuseCompressed();
    const { dir, id } = this;
    return dir === undefined || id === undefined
      ? SessionLog.from(this.path)
      : SessionLog.open(dir, id);
  }

  /**
   * Says what is wrong with it, by the name that people gave it.
   *
   * @param {Error} error that came of opening or reading it
   */
  complaintOf({ message }) {
    const said = message.replaceAll(path.resolve(this.path), () => this.name);
    const named = said.includes(this.name) ? said : `${this.name}: ${said}`;
    return this.link === undefined ? named : `${named} (it is a link to ${this.link})`;
  }

  /** Refuses a file that was compressed: every byte of it would be taken for damage. */
  refuseCompressed() {
    const compression = compressionOf(this.path);
    if (!compression) return;
    const { program, format } = compression;
    throw new Failure(
      `${this.name} is compressed (${format}): ${program} ${this.name === this.path ? inShell(this.path) : "FILE"} | skill-log read -`,
    );
  }
}

/** Standard input, in the file that it is kept in. */
export class StandardInput extends NamedLog {
  /**
   * @param {string} path
   * @param {{ bytes: number, modified: Date }} facts
   */
  constructor(path, facts) {
    super(path, { name: "standard input", ...facts });
  }

  get isMixed() {
    return true;
  }
}

export const EXTENSION = ".jsonl";

/**
 * Says why a log cannot be read, and has the program fail; the others are read.
 *
 * @param {NamedLog} log
 * @param {unknown} error what nobody foresaw ends the program
 */
export async function passOver(log, error) {
  if (!(error instanceof Failure) && !(error instanceof SkillLogError)) throw error;
  process.exitCode = 1;
  await complain(log.complaintOf(error));
}

/**
 * Spells a path as a shell takes it.
 *
 * @param {string} path
 */
function inShell(path) {
  return /^[\w./][\w./-]*$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * Gives a command its operands.
 *
 * @template {Command} C
 * @param {C} command
 * @returns {C}
 */
export function addOperands(command) {
  return /** @type {C} */ (
    command
      .usage("[options] DIRECTORY [SESSION...] | FILE.jsonl... | -")
      .argument(
        "<DIRECTORY...>",
        "a directory, and sessions in it (none: all); or files; or - for standard input",
      )
  );
}

/**
 * Finds what was named.
 *
 * @param {string[]} operands
 * @param {(error: Error) => unknown} [passOver] is told of what cannot be found or read, which is left out then; without it, that fails
 * @returns {Promise<NamedLog[]>} of a directory's sessions those that were written to last come last
 */
export async function findLogs(operands, passOver) {
  refuseEmpty(operands);
  const [first, ...rest] = operands;
  const isIn = first !== "-" && isDirectory(first);
  if (isIn && rest.length === 0) return sessionsIn(first);
  if (operands.filter((operand) => operand === "-").length > 1)
    throw new UsageError("standard input (-) can be read once");
  /** @type {NamedLog[]} */
  const logs = [];
  for (const operand of isIn ? rest : operands) {
    try {
      const log = isIn
        ? await sessionIn(first, operand)
        : operand === "-"
          ? await standardInput()
          : fileAt(operand);
      log.refuseCompressed();
      logs.push(log);
    } catch (error) {
      if (!passOver || error instanceof UsageError || !(error instanceof Error)) throw error;
      await passOver(error);
    }
  }
  return logs;
}

/**
 * Refuses operands that are nothing: mostly those of a script whose variable is not set.
 *
 * @param {string[]} operands
 */
export function refuseEmpty(operands) {
  if (operands.includes(""))
    throw new UsageError("an operand is empty: it names no DIRECTORY, SESSION or FILE");
}

/**
 * Gives the directory, where the operands are one and nothing else.
 *
 * @param {string[]} operands
 */
export function wholeDirectory(operands) {
  return operands.length === 1 && operands[0] !== "-" && isDirectory(operands[0])
    ? operands[0]
    : null;
}

/** @param {string} operand */
function isDirectory(operand) {
  try {
    return fs.statSync(operand, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // What is wrong with it is told where it is looked for.
    return false;
  }
}

/**
 * Looks at a path.
 *
 * @param {string} path
 * @returns {fs.Stats | undefined} nothing where there is nothing
 */
export function statOf(path) {
  try {
    return fs.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new Failure(
      `${path}: ${/** @type {Error} */ (error).message.replace(/, \w+ '.*$/s, "")}`,
    );
  }
}

/**
 * Looks at a path as `statOf` does; of a link that leads to nothing, at the link itself.
 *
 * @param {string} path
 * @returns {{ bytes: number, modified: Date, link?: string, isDirectory: boolean } | undefined} nothing where there is nothing
 */
function lookAt(path) {
  const link = linkAt(path);
  const stat = link === undefined || fs.existsSync(path) ? statOf(path) : fs.lstatSync(path);
  return (
    stat && {
      bytes: stat.size,
      modified: stat.mtime,
      ...(link !== undefined && { link }),
      isDirectory: stat.isDirectory(),
    }
  );
}

/** @param {string} path */
function linkAt(path) {
  try {
    return fs.readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a session id that ends as the log's name does: the log would be called SESSION.jsonl.jsonl. Where one is, that is meant.
 *
 * @param {string} dir
 * @param {string} id
 */
export function refuseFileName(dir, id) {
  const meant = /^(.+)\.jsonl$/i.exec(path.basename(id))?.[1];
  if (meant === undefined || fs.existsSync(path.join(dir, id + EXTENSION))) return;
  const name = JSON.stringify(id);
  // A file that is there, and not in the directory, is named as a file is.
  const file =
    !fs.existsSync(path.join(dir, id)) && fs.existsSync(id)
      ? `, or the file ${name}, with no DIRECTORY before it`
      : "";
  throw new UsageError(
    `session id ${name}: ids are without ${EXTENSION}; did you mean ${JSON.stringify(meant)}${file}?`,
  );
}

/**
 * Finds every session of a directory.
 *
 * @param {string} dir
 */
export async function sessionsIn(dir) {
  const sessions = await listSessions(dir);
  if (sessions.length === 0) await warn(`${dir}: no sessions in it`);
  return sessions.reverse().map(
    ({ id, unsafe, ...facts }) =>
      new NamedLog(path.join(dir, id + EXTENSION), {
        ...facts,
        ...(unsafe === undefined ? { dir, id } : { unsafe }),
      }),
  );
}

/**
 * @param {string} dir
 * @param {string} id
 */
async function sessionIn(dir, id) {
  if (id === "-") throw new UsageError("standard input (-) is no SESSION in a DIRECTORY");
  refuseFileName(dir, id);
  const file = path.join(dir, id + EXTENSION);
  const facts = lookAt(file);
  if (facts && path.basename(file) === id + EXTENSION) {
    const unsafe = await unsafeName(dir, id, file);
    return new NamedLog(file, { ...facts, ...(unsafe === undefined ? { dir, id } : { unsafe }) });
  }
  throw new Failure(`${dir} has no session ${id}${otherName(id)}`);
}

/**
 * Tells why a file of a directory is no session: as where all are listed, those are read by their path.
 *
 * @param {string} dir
 * @param {string} id
 * @param {string} file
 */
async function unsafeName(dir, id, file) {
  const stat = fs.lstatSync(file);
  if (!stat.isFile())
    return stat.isSymbolicLink() ? "a symbolic link, and not a regular file" : "not a regular file";
  try {
    await (await SessionLog.open(dir, id)).close();
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/**
 * Says what was meant, perhaps, by a session that is not there.
 *
 * @param {string} id
 */
function otherName(id) {
  return statOf(id)?.isFile() ? "; to read the file of that name, give no DIRECTORY before it" : "";
}

/** @param {string} file */
function fileAt(file) {
  const facts = lookAt(file);
  if (!facts) throw new Failure(`${file}: no such file or directory`);
  if (facts.isDirectory)
    throw new UsageError(
      `${file} is a DIRECTORY: it comes first, and alone or with sessions in it`,
    );
  return new NamedLog(file, facts);
}

async function standardInput() {
  if (process.stdin.isTTY)
    throw new UsageError("standard input (-) is this terminal: pipe a log into it");
  const { path, bytes } = await spoolStandardInput();
  return new StandardInput(path, { bytes, modified: new Date() });
}
