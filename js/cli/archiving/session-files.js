// The files of the sessions in a directory: logs, archives, and logs that are being archived.

import fs from "node:fs";
import path from "node:path";

import { SessionLog, SkillLogError } from "../../index.js";
import { Failure } from "../failures.js";
import { globExpression, isGlob } from "../selection/glob.js";
import { statAt } from "./regular-file.js";

const LOG = ".jsonl";
const ARCHIVE = ".jsonl.zst";

/** The name of the file that is being archived: its session, and the number of parts before it. */
const ASIDE = /^(.+)\.jsonl\.(0|[1-9]\d{0,8})\.archiving$/su;

/** Matches most ids, and none with a fault: opening logs to ask takes memory that is freed late. */
const USUAL = /^[\w-]{7,64}$/;

/** The files of one session. Holds no path: a directory may have a hundred thousand sessions. */
export class SessionFiles {
  /** @type {Set<number> | undefined} */
  #asides;

  /**
   * @param {string} dir
   * @param {string} id
   * @param {string} [name] below the directory that was named
   */
  constructor(dir, id, name = id) {
    this.dir = dir;
    this.id = id;
    this.name = name;
  }

  /** The numbers of the files that are being archived: one at most, unless files were moved by hand. */
  get asides() {
    return (this.#asides ??= new Set());
  }

  get log() {
    return path.join(this.dir, this.id + LOG);
  }

  get archive() {
    return path.join(this.dir, this.id + ARCHIVE);
  }

  /** What a repair saved. */
  get damaged() {
    return path.join(this.dir, `${this.id}.damaged`);
  }

  /** What a killed process may leave: an archive that is not complete. */
  get newArchive() {
    return `${this.archive}.archiving`;
  }

  /** What a killed process may leave: a log that is not complete. */
  get newLog() {
    return `${this.log}.unarchiving`;
  }

  /**
   * Returns the path of the log while it is archived.
   *
   * @param {number} parts before it
   */
  aside(parts) {
    return `${this.log}.${parts}.archiving`;
  }

  /**
   * Looks at the log.
   *
   * @returns {fs.Stats | undefined} undefined when there is none
   * @throws {Failure} when something else has its name
   */
  lookAtLog() {
    return regularAt(this.log);
  }

  /** Looks at the archive as `lookAtLog`. */
  lookAtArchive() {
    return regularAt(this.archive);
  }

  /** Removes what a killed process left incomplete. */
  removeIncomplete() {
    for (const each of [this.newArchive, this.newLog]) if (regularAt(each)) fs.unlinkSync(each);
  }
}

/** @param {string} file */
function regularAt(file) {
  const stat = statAt(file);
  if (!stat || stat.isFile()) return stat;
  throw new Failure(
    `${file} is ${stat.isSymbolicLink() ? "a symbolic link" : "not a regular file"}`,
  );
}

/**
 * Finds the sessions of a directory. Leaves out names that no session has.
 *
 * @param {string} dir
 * @param {object} [below]
 * @param {boolean | undefined} [below.recursive] whether to look in subdirectories too, and through no
 *   links
 * @param {(dir: string, error: unknown) => void} [below.onFailure] gets the subdirectories that cannot
 *   be listed
 * @returns {Map<string, SessionFiles>} by session id, or by the path below the directory; sorted
 */
export function sessionsOf(dir, { recursive = false, onFailure } = {}) {
  /** @type {Map<string, SessionFiles>} */
  const found = new Map();
  const above = [""];
  for (const below of above) {
    const own = path.join(dir, below);
    let entries;
    try {
      entries = entriesIn(own);
    } catch (error) {
      if (below === "" || !onFailure) throw error;
      onFailure(own, error);
      continue;
    }
    const files = (/** @type {string} */ id) => {
      const name = below + id;
      const known = found.get(name) ?? new SessionFiles(own, id, name);
      found.set(name, known);
      return known;
    };
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      const [, id, parts] = ASIDE.exec(name) ?? [];
      if (recursive && entry.isDirectory()) above.push(`${below}${name}/`);
      if (id !== undefined) files(id).asides.add(Number(parts));
      else if (name.endsWith(LOG)) files(name.slice(0, -LOG.length));
      else if (name.endsWith(ARCHIVE)) files(name.slice(0, -ARCHIVE.length));
    }
  }
  return found;
}

/** @param {string} dir */
function entriesIn(dir) {
  try {
    return fs.readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const why = code === "ENOENT" ? "no such directory" : message.replace(/, \w+ '.*$/s, "");
    throw new Failure(`${dir}: ${code === "ENOTDIR" ? "not a directory" : why}`, { cause: error });
  }
}

/**
 * Returns the sessions that operands name.
 *
 * @param {Map<string, SessionFiles>} all
 * @param {string} dir
 * @param {string[]} operands ids or patterns; none: all sessions
 */
export function sessionsNamed(all, dir, operands) {
  if (operands.length === 0) return [...all.values()];
  /** @type {Set<SessionFiles>} */
  const named = new Set();
  for (const operand of operands) {
    const ids = isGlob(operand)
      ? [...all.keys()].filter((id) => globExpression(operand).test(id))
      : [operand].filter((id) => all.has(id));
    if (ids.length === 0)
      throw new Failure(
        `${operand}: no such session in ${dir}; to see its sessions: skill-log list ${dir}`,
      );
    for (const id of ids) named.add(/** @type {SessionFiles} */ (all.get(id)));
  }
  return [...named];
}

/**
 * Returns why a session cannot be one by its id; undefined when it can.
 *
 * @param {SessionFiles} files
 * @returns {Promise<string | undefined>}
 */
export async function idFault({ dir, id }) {
  if (USUAL.test(id)) return undefined;
  try {
    await (await SessionLog.open(dir, id)).close();
    return undefined;
  } catch (error) {
    if (error instanceof SkillLogError) return error.message;
    throw error;
  }
}
