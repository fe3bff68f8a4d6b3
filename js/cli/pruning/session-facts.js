// What is known of the sessions that may be removed.

import fs from "node:fs";

import { Sessions } from "../../index.js";
import { openRegular, statAt } from "../archiving/regular-file.js";
import { SeekTable } from "../archiving/seek-table.js";
import { idFault } from "../archiving/session-files.js";
import { Failure } from "../failures.js";
import { instantOf } from "../selection/times.js";
import { RemovedFile } from "./removed-files.js";

/** @import { LogContents } from "../../types.js" */
/** @import { SessionFiles } from "../archiving/session-files.js" */
/** @import { Progress } from "../terminal/progress.js" */

/** A session, its files, and what they hold. */
export class PrunedSession {
  /** When it was active last: of a session that was not read, when its files were changed. */
  active;
  /** @type {string | undefined} */
  fault;
  /** @type {string | undefined} */
  unsafe;
  /** @type {LogContents | null} */
  contents = null;
  /** @type {Set<string>} */
  statuses = new Set();

  #archive;
  /** Where it has no file. @type {string[]} */
  #free = [];

  /** @param {SessionFiles} files */
  constructor(files) {
    this.id = files.id;
    this.#archive = files.archive;
    /** The name in messages. */
    this.name = files.log;
    /** Its files, the log last: as long as that is there, the session is listed. @type {RemovedFile[]} */
    this.files = [];
    for (const path of [files.damaged, files.archive, files.log]) {
      const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (!stat) {
        this.#free.push(path);
        continue;
      }
      const what = path === files.log ? "it" : path;
      if (stat.isSymbolicLink()) this.fault = `${what} is a symbolic link`;
      else if (!stat.isFile()) this.fault = `${what} is not a regular file`;
      this.files.push(new RemovedFile(path, stat));
    }
    if (files.asides.size > 0) this.fault = "it is being archived: run skill-log archive first";
    this.active = Math.max(...this.files.map(({ stat }) => Number(stat.mtimeMs)));
  }

  /**
   * The bytes of text in its log and its archive.
   *
   * @returns {number}
   */
  get textBytes() {
    return this.files.reduce((sum, { path, bytes }) => {
      if (path === this.#archive) return sum + textBytesOf(path);
      return path === this.name ? sum + bytes : sum;
    }, 0);
  }

  /**
   * Returns why what was read is not what the files hold.
   *
   * @param {LogContents} contents
   */
  faultOf({ bytes }) {
    try {
      const expected = this.textBytes;
      // Readers take a line end between an archive and a log where it is missing.
      return bytes < expected || bytes > expected + 1
        ? `its files hold ${expected} bytes, and ${bytes} could be read`
        : undefined;
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }

  /** Throws when its files are not those that were looked at: then it is in use. */
  check() {
    for (const file of this.files) file.check();
    for (const path of this.#free)
      if (statAt(path))
        throw new Failure(`${path} was made since its session was looked at; the session was kept`);
  }

  /** The bytes of its files. */
  get bytes() {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/**
 * Reads the sessions that were not changed for so long. The others are not old.
 *
 * @param {string} dir
 * @param {SessionFiles[]} all
 * @param {{ since: number, cache: boolean, progress: Progress }} options `since`: milliseconds since
 *   1970
 * @returns {Promise<PrunedSession[]>}
 */
export async function factsOf(dir, all, { since, cache, progress }) {
  const sessions = all
    .map((files) => ({ files, session: new PrunedSession(files) }))
    // Its last file may be gone by now.
    .filter(({ session }) => session.files.length > 0);
  /** @type {Map<string, PrunedSession>} */
  const old = new Map();
  for (const { files, session } of sessions) {
    if (session.active >= since || session.fault !== undefined) continue;
    session.unsafe = await idFault(files);
    old.set(session.id, session);
  }
  if (old.size > 0) await addContents(dir, old, { cache, progress });
  return sessions.map(({ session }) => session);
}

/**
 * @param {string} dir
 * @param {Map<string, PrunedSession>} old
 * @param {{ cache: boolean, progress: Progress }} options
 */
async function addContents(dir, old, { cache, progress }) {
  const sessions = await Sessions.open(dir, { cache });
  try {
    const index = await sessions.index({
      ids: [...old.keys()],
      // What cannot be read has no contents, and is kept.
      onFailure: () => {},
      onProgress: progress.update,
    });
    for (const contents of index.logs()) {
      const session = old.get(String(contents.session));
      if (!session) continue;
      session.contents = contents;
      session.fault = session.faultOf(contents);
      if (contents.last !== undefined)
        session.active = Math.max(session.active, 1000 * instantOf(contents.last)[0]);
    }
    const { codes: logs, texts: ids } = index.column("session");
    const { codes: statuses, texts } = index.column("final_status");
    for (let row = 0; row < logs.length; row += 1)
      old.get(ids[logs[row]])?.statuses.add(texts[statuses[row]]);
  } finally {
    await sessions.close();
  }
}

/**
 * Returns how much text an archive holds.
 *
 * @param {string} path
 */
function textBytesOf(path) {
  const fd = openRegular(path);
  try {
    return SeekTable.read(path, fd).textBytes;
  } finally {
    fs.closeSync(fd);
  }
}
