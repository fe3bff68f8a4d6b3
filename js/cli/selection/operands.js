// The logs that a command names: a directory and sessions in it, files, or standard input.

import fs from "node:fs";
import path from "node:path";

import { listSessions, SessionLog, Sessions, SkillLogError } from "../../index.js";
import { Failure, UsageError } from "../failures.js";
import { reportError, warn } from "../terminal/output.js";
import { compressionOf } from "./compressed-file.js";
import { globExpression, isGlob } from "./glob.js";
import { spoolStandardInput } from "./standard-input.js";

/** @import { Command } from "commander" */
/** @import { Entry } from "../../types.js" */

/** A log that the command line names. */
export class NamedLog {
  #label;

  /**
   * @param {string} path
   * @param
   *   {{ dir?: string, id?: string, label?: string, unsafe?: string | undefined,
   *   link?: string | undefined, archived?: true | undefined, name?: string, bytes: number,
   *   modified: Date }}
   *   facts `label` is the name below the directory that was named; default: the id
   */
  constructor(path, { dir, id, label = id, unsafe, link, archived, name = path, bytes, modified }) {
    this.path = path;
    this.#label = label;
    /** The directory and session id, when `SessionLog.open` can open the log by them. */
    this.dir = dir;
    this.id = id;
    /** Why a log in a directory cannot be opened by its session id. */
    this.unsafe = unsafe;
    /** The target, when the log is a link. */
    this.link = link;
    /** Whether the session has an archive. */
    this.archived = archived;
    /** The name in messages. */
    this.name = name;
    /** The length and time of the file when the command started. */
    this.bytes = bytes;
    this.modified = modified;
  }

  /** The name in a list of logs. */
  get label() {
    if (this.#label !== undefined) return this.#label;
    return this.name === this.path ? path.basename(this.path, EXTENSION) : this.name;
  }

  /** The name that a command can be given: the session id, or the path. */
  get operand() {
    return this.id === undefined ? this.name : this.label;
  }

  /** Whether the log may have entries of several sessions, like logs joined on standard input. */
  get mayHoldManySessions() {
    return false;
  }

  /**
   * Returns the name of an entry's session in a list of entries.
   *
   * @param {Entry} entry of this log
   */
  labelOf({ session_id: session }) {
    return this.mayHoldManySessions ? session : this.label;
  }

  /** Opens the log by its session id when it has one, otherwise by its path. */
  async open() {
    this.refuseCompressed();
    const { dir, id } = this;
    return dir === undefined || id === undefined
      ? SessionLog.from(this.path)
      : SessionLog.open(dir, id);
  }

  /**
   * Returns the message of an error, with the name that the user gave the log.
   *
   * @param {Error} error from opening or reading the log
   */
  errorMessageOf({ message }) {
    const text = message.replaceAll(path.resolve(this.path), () => this.name);
    const named = text.includes(this.name) ? text : `${this.name}: ${text}`;
    return this.link === undefined ? named : `${named} (it is a link to ${this.link})`;
  }

  /** Refuses a log that is not there, or a link that leads nowhere. */
  refuseMissing() {
    if (!fs.existsSync(this.path) && !this.archived)
      throw new Failure(`${this.name}: no such file`);
  }

  /**
   * Refuses a compressed file that has the name of a log of a directory, because every byte of it
   * would be reported as damage.
   */
  refuseCompressed() {
    const format = this.id === undefined ? undefined : compressionOf(this.path);
    if (format === undefined) return;
    throw new Failure(
      `${this.name} is compressed (${format}), and its name is that of a log that is not; read the file by its path, without its DIRECTORY before it: skill-log read ${shellQuoted(this.path)}`,
    );
  }

  /** Refuses to change a compressed file. */
  refuseToChangeCompressed() {
    const format = compressionOf(this.path);
    if (format !== undefined)
      throw new Failure(
        `${this.name} is compressed (${format}), and cannot be changed; skill-log read FILE --format jsonl writes what can be read`,
      );
  }
}

/** Standard input, copied to a file. */
export class StandardInput extends NamedLog {
  /**
   * @param {string} path
   * @param {{ bytes: number, modified: Date }} facts
   */
  constructor(path, facts) {
    super(path, { name: "standard input", ...facts });
  }

  get mayHoldManySessions() {
    return true;
  }
}

export const EXTENSION = ".jsonl";

/**
 * Reports a log that cannot be read, and sets the exit status to 1, so that the other logs can be
 * read.
 *
 * @param {NamedLog} log
 * @param {unknown} error an unexpected error is thrown again
 */
export async function skipUnreadable(log, error) {
  if (!(error instanceof Failure) && !(error instanceof SkillLogError)) throw error;
  process.exitCode = 1;
  await reportError(log.errorMessageOf(error));
}

/**
 * Quotes a path for a shell.
 *
 * @param {string} path
 */
function shellQuoted(path) {
  return /^[\w./][\w./-]*$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * Adds the operands that name logs, and the options that say how they are found.
 *
 * @template {Command} C
 * @param {C} command
 * @param {{ hasCache?: boolean }} [options] `hasCache`: whether the command uses the cache
 * @returns {C}
 */
export function addOperands(command, { hasCache = false } = {}) {
  command
    .usage("[options] DIRECTORY [SESSION...] | FILE.jsonl... | -")
    .argument(
      "<DIRECTORY...>",
      "a directory of logs, and ids of sessions in it, or patterns such as 'build-*' (none: all sessions); or .jsonl files; or - for standard input",
    )
    .option("-r, --recursive", "read the logs in subdirectories too; their ids are paths");
  if (hasCache) command.option("--no-cache", "read the logs without the cache, and write none");
  return command;
}

/** How logs are found. @typedef {{ recursive?: boolean, cache?: boolean }} OperandOptions */

/**
 * With more sessions of a directory, the cache of the directory is read: it saves more than reading
 * it takes.
 */
const FEW_SESSIONS = 100;

/** The logs that the operands of a command name. */
export class Operands {
  /** The directory, if all of its sessions are meant; else null. */
  dir;
  #words;
  #options;
  /** @type {Promise<NamedLog[]> | null} */
  #logs = null;
  /** @type {Map<string, NamedLog> | null} by the ids of `open` */
  #named = null;
  /** Whether `open` gave each log its label. */
  #areLabels = false;
  /** @type {Promise<Sessions> | null} those of the directory */
  #sessions = null;

  /**
   * @param {string[]} words
   * @param {OperandOptions} [options]
   */
  constructor(words, options = {}) {
    refuseEmpty(words);
    const [first, ...rest] = words;
    this.dir = rest.length === 0 && first !== "-" && isDirectory(first, true) ? first : null;
    this.#words = words;
    this.#options = options;
  }

  /**
   * Returns operands that name logs that were found before.
   *
   * @param {Operands | NamedLog[]} logs
   */
  static of(logs) {
    if (logs instanceof Operands) return logs;
    const operands = new Operands(["-"], {});
    operands.#logs = Promise.resolve(logs);
    return operands;
  }

  /** Whether the operands may name several logs. Counts those of a directory, and looks at none. */
  get mayBeMany() {
    if (this.dir === null) return this.#words.length !== 1 && !this.#isSingle();
    if (this.#options.recursive) return true;
    const names = fs
      .readdirSync(this.dir)
      .flatMap((name) => /^.+\.jsonl(?=$|\.zst$)/s.exec(name) ?? []);
    return new Set(names).size !== 1;
  }

  /** Whether the operands are a directory and one session in it. */
  #isSingle() {
    const [first, session, ...rest] = this.#words;
    return rest.length === 0 && isDirectory(first, false) && !isGlob(session);
  }

  /**
   * Finds the logs: the sessions of a directory in the order of the last write, others as they are
   * named.
   */
  logs() {
    return (this.#logs ??= findLogs(this.#words, this.#options));
  }

  /**
   * Opens the logs as one. Looks at no session of a directory before it is indexed.
   *
   * @returns {Promise<{ sessions: Sessions, ids?: string[], order?: NamedLog[] }>} `ids`: those that
   *   are wanted, if not all are; `order`: the logs as they are named, if they are not those of a
   *   directory
   */
  async open() {
    const { recursive = false, cache = false } = this.#options;
    const { dir } = this;
    if (dir !== null) {
      this.#sessions ??= Sessions.open(dir, { recursive, links: true, cache });
      return { sessions: await this.#sessions };
    }
    const order = await this.logs();
    const first = order[0]?.dir;
    const isIn =
      order.length > FEW_SESSIONS &&
      order.every(({ dir, id }) => dir === first && id !== undefined);
    if (first !== undefined && isIn) {
      const ids = order.map(({ id }) => /** @type {string} */ (id));
      this.#named = new Map(order.map((log) => [/** @type {string} */ (log.id), log]));
      return { sessions: await Sessions.open(first, { links: true, cache }), ids, order };
    }
    if (order.some(({ archived }) => archived)) {
      // Only a directory has archives, and all of these logs are in it.
      const ids = order.map(({ label }) => label);
      this.#named = new Map(order.map((log) => [log.label, log]));
      this.#areLabels = true;
      const [dir] = this.#words;
      return { sessions: await Sessions.open(dir, { recursive, links: true, cache }), ids, order };
    }
    this.#named = new Map(order.map((log) => [log.path, log]));
    return { sessions: await Sessions.open([...this.#named.keys()]), order };
  }

  /**
   * Returns the id that `open` gave a log.
   *
   * @param {NamedLog} log
   */
  idOf({ id, path, label }) {
    if (this.#areLabels) return label;
    return id !== undefined && this.#named?.has(id) ? id : path;
  }

  /**
   * Returns the log with an id that `open` gave it.
   *
   * @param {string} id
   */
  logOf(id) {
    const known = this.#named?.get(id);
    if (known) return known;
    const dir = /** @type {string} */ (this.dir);
    return logBelow(dir, id, { bytes: 0, modified: new Date(0) });
  }

  /**
   * Returns the same for a message, which names the target of a link.
   *
   * @param {string} id
   */
  failedLogOf(id) {
    const log = this.logOf(id);
    return new NamedLog(log.path, { ...log, name: log.name, link: linkAt(log.path) });
  }
}

/**
 * Returns a log of a directory.
 *
 * @param {string} dir
 * @param {string} id below the directory
 * @param {{ bytes: number, modified: Date, unsafe?: string | undefined, link?: string | undefined,
 *   archived?: true | undefined }} facts
 */
export function logBelow(dir, id, { bytes, modified, unsafe, link, archived }) {
  // A subdirectory that cannot be listed, whose id ends in a slash, is as a log that cannot be read.
  if (unsafe !== undefined && id.endsWith("/"))
    return new NamedLog(prefixOf(dir) + id, { label: id, bytes, modified, unsafe });
  const file = prefixOf(dir) + id + EXTENSION;
  if (unsafe !== undefined) return new NamedLog(file, { bytes, modified, unsafe, link });
  const isNested = id.includes("/");
  return new NamedLog(file, {
    dir: isNested ? path.dirname(file) : dir,
    id: isNested ? path.basename(id) : id,
    label: id,
    link,
    archived,
    bytes,
    modified,
  });
}

/** The directory of the last log, and the start of the paths in it. Thousands of logs share it. */
let lastPrefix = { dir: "", prefix: "" };

/** @param {string} dir */
function prefixOf(dir) {
  if (lastPrefix.dir !== dir) lastPrefix = { dir, prefix: path.join(dir, "x").slice(0, -1) };
  return lastPrefix.prefix;
}

/**
 * Finds the named logs.
 *
 * @param {string[]} operands
 * @param {OperandOptions & { onUnreadable?: (error: Error) => unknown }} [options] `onUnreadable` gets
 *   the error of a log that cannot be found or read, and that is left out; without it, the error is
 *   thrown
 * @returns {Promise<NamedLog[]>} the sessions of a directory are sorted by the time of the last
 *   write
 */
export async function findLogs(operands, { recursive = false, onUnreadable } = {}) {
  refuseEmpty(operands);
  const [first, ...rest] = operands;
  const isIn = first !== "-" && isDirectory(first, rest.length === 0);
  if (isIn && rest.length === 0) return sessionsIn(first, recursive);
  if (operands.filter((operand) => operand === "-").length > 1)
    throw new UsageError("standard input (-) can be named only once");
  /** @type {NamedLog[]} */
  const logs = [];
  for (const operand of isIn ? rest : operands) {
    try {
      const found = isIn
        ? await sessionsNamed(first, operand, recursive)
        : [operand === "-" ? await standardInput() : fileAt(operand)];
      for (const log of found) log.refuseCompressed();
      for (const log of found) logs.push(log);
    } catch (error) {
      if (!onUnreadable || error instanceof UsageError || !(error instanceof Error)) throw error;
      await onUnreadable(error);
    }
  }
  return logs;
}

/**
 * Refuses empty operands, which mostly come from a shell variable that is not set.
 *
 * @param {string[]} operands
 */
export function refuseEmpty(operands) {
  if (operands.includes(""))
    throw new UsageError("an operand is empty; name a DIRECTORY, a SESSION or a FILE");
}

/** What is wrong with a path itself, and not with one look at it. */
const PATH_ERRORS = ["EACCES", "ELOOP", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"];

/**
 * @param {string} operand
 * @param {boolean} isAlone whether it is the only operand
 */
function isDirectory(operand, isAlone) {
  try {
    return fs.statSync(operand, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // The later look-up says it, and the other operands are read. After another failure, a directory
    // would be taken for a file.
    if (!isAlone && PATH_ERRORS.includes(/** @type {any} */ (error).code)) return false;
    throw lookFailure(operand, error);
  }
}

/**
 * Returns the status of a path.
 *
 * @param {string} path
 * @returns {fs.Stats | undefined} undefined when nothing is there
 */
export function statOf(path) {
  try {
    return fs.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw lookFailure(path, error);
  }
}

/** @param {string} path @param {unknown} error */
function lookFailure(path, error) {
  return new Failure(`${path}: ${/** @type {Error} */ (error).message.replace(/, \w+ '.*$/s, "")}`);
}

/**
 * Returns the facts of a file; of a link whose target does not exist, the facts of the link.
 *
 * @param {string} path
 * @returns {{ bytes: number, modified: Date, link?: string, isDirectory: boolean } | undefined}
 *   undefined when nothing is there
 */
function fileFacts(path) {
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
 * Refuses a session id that ends in .jsonl, because the log would be SESSION.jsonl.jsonl. When that
 * file exists, the id is accepted.
 *
 * @param {string} dir
 * @param {string} id
 */
export function refuseFileName(dir, id) {
  const meant = /^(.+)\.jsonl$/i.exec(path.basename(id))?.[1];
  if (meant === undefined || fs.existsSync(path.join(dir, id + EXTENSION))) return;
  const name = JSON.stringify(id);
  // The file exists outside the directory: it may be the one that the user wanted.
  const file =
    !fs.existsSync(path.join(dir, id)) && fs.existsSync(id)
      ? `, or the file ${name} without a DIRECTORY before it`
      : "";
  throw new UsageError(
    `session id ${name}: session ids do not end in ${EXTENSION}; did you mean ${JSON.stringify(meant)}${file}?`,
  );
}

/**
 * Returns all sessions of a directory, in the order of the last write.
 *
 * @param {string} dir
 * @param {boolean} recursive
 */
export async function sessionsIn(dir, recursive = false) {
  const sessions = await listSessions(dir, { recursive });
  if (sessions.length === 0) await warnOfNoSessions(dir);
  return sessions.reverse().map(({ id, ...facts }) => logBelow(dir, id, facts));
}

/** @param {string} dir */
export async function warnOfNoSessions(dir) {
  await warn(`${dir}: the directory has no sessions`);
}

/**
 * Finds the session that an operand names, or those that match it.
 *
 * @param {string} dir
 * @param {string} operand
 * @param {boolean} recursive
 */
async function sessionsNamed(dir, operand, recursive) {
  if (operand === "-")
    throw new UsageError(
      "standard input (-) cannot follow a DIRECTORY; name sessions, or give - alone",
    );
  const file = path.join(dir, operand + EXTENSION);
  if (!isGlob(operand) || fs.existsSync(file) || fs.existsSync(`${file}.zst`))
    return [await sessionIn(dir, operand, recursive)];
  const expression = globExpression(operand);
  const all = (await listSessions(dir, { recursive })).reverse();
  const found = all.filter(({ id }) => expression.test(id));
  if (found.length === 0)
    throw new Failure(
      `${dir} has no session that matches ${operand}; ${missingHint(dir, operand)}`,
    );
  return found.map(({ id, ...facts }) => logBelow(dir, id, facts));
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {boolean} recursive
 */
async function sessionIn(dir, id, recursive) {
  refuseFileName(dir, id);
  const file = path.join(dir, id + EXTENSION);
  const facts = await sessionFacts(dir, id, file);
  const isBelow = recursive
    ? path.relative(dir, file) === id + EXTENSION
    : path.basename(file) === id + EXTENSION;
  if (facts && isBelow) {
    const unsafe =
      "archived" in facts
        ? undefined
        : await whyUnsafe(path.dirname(file), path.basename(id), file);
    if (unsafe !== undefined) return new NamedLog(file, { ...facts, unsafe });
    return logBelow(dir, id, facts);
  }
  throw new Failure(`${dir} has no session ${id}; ${missingHint(dir, id)}`);
}

/**
 * Returns whether a session has an archive, or is being archived.
 *
 * @param {string} file its log
 */
export function isArchived(file) {
  return [".zst", ".0.archiving"].some((end) => statOf(file + end));
}

/**
 * Returns the facts of a session, also of one that is archived.
 *
 * @param {string} dir
 * @param {string} id
 * @param {string} file its log
 */
async function sessionFacts(dir, id, file) {
  if (!isArchived(file)) return fileFacts(file);
  const found = await listSessions(path.dirname(file));
  return found.find((each) => each.id === path.basename(id)) ?? fileFacts(file);
}

/**
 * Returns why a file of a directory cannot be opened as a session; such a file is read by its path.
 *
 * @param {string} dir
 * @param {string} id
 * @param {string} file
 */
async function whyUnsafe(dir, id, file) {
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
 * Returns what to do when a session is missing.
 *
 * @param {string} dir
 * @param {string} id
 */
function missingHint(dir, id) {
  return statOf(id)?.isFile()
    ? "to read the file of that name, leave out the DIRECTORY"
    : `to see its sessions: skill-log list ${shellQuoted(dir)}`;
}

/** @param {string} file */
function fileAt(file) {
  const facts = fileFacts(file);
  if (!facts) throw new Failure(`${file}: no such file or directory`);
  if (facts.isDirectory)
    throw new UsageError(
      `${file} is a directory; name it first, alone or followed by sessions in it`,
    );
  return new NamedLog(file, facts);
}

async function standardInput() {
  if (process.stdin.isTTY)
    throw new UsageError("standard input (-) is a terminal; pipe a log into it");
  const { path, bytes } = await spoolStandardInput();
  return new StandardInput(path, { bytes, modified: new Date() });
}
