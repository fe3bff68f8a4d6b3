// Follows the logs that a command names: those of a directory, files, and standard input.

import fs from "node:fs";
import path from "node:path";

import { Sessions } from "../../index.js";
import { EXTENSION, logBelow } from "../selection/operands.js";
import { reportError } from "../terminal/output.js";
import { ComingInput } from "./followed-operands.js";
import { reportDamage, SingleLog } from "./single-log.js";

/** @import { Damage } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */
/** @import { Show } from "./single-log.js" */

/** @typedef {Map<string, NamedLog>} ById logs by their ids in a `Sessions` */

/** Follows logs. Of a directory, it also follows the logs that are made later. */
export class FollowedLogs {
  #dir;
  #recursive;
  /** The logs from which entries may come, if no directory is followed. @type {Set<NamedLog>} */
  #left;
  /** The byte up to which each log was shown. @type {Map<NamedLog, number>} */
  #shown;
  /** @type {Set<NamedLog>} */
  #failed = new Set();
  /** Ends following. */
  #end = () => {};

  /** Whether a log failed. */
  hasFailed = false;

  /**
   * Starts at the end that each log has by its facts. `showedUpTo` changes where a log starts.
   *
   * @param {NamedLog[]} logs
   * @param {string | null} dir a directory of which all sessions are followed
   * @param {boolean} recursive whether those of its subdirectories are followed too
   */
  constructor(logs, dir, recursive) {
    this.#dir = dir;
    this.#recursive = recursive;
    this.#left = new Set(logs);
    const isThere = (/** @type {NamedLog} */ { path, archived }) =>
      archived === true || fs.existsSync(path);
    const there = logs.filter((log) => !(log instanceof ComingInput) && isThere(log));
    this.#shown = new Map(there.map((log) => [log, log.bytes]));
  }

  /**
   * Returns whether a log existed when following started.
   *
   * @param {NamedLog} log
   */
  has(log) {
    return this.#shown.has(log);
  }

  /**
   * Notes up to which byte a log was shown before it is followed.
   *
   * @param {NamedLog} log
   * @param {number} end
   */
  showedUpTo(log, end) {
    // What was there before was shown, or is damage that was reported.
    this.#shown.set(log, Math.max(end, this.#shown.get(log) ?? 0));
  }

  /**
   * Reports why a log is not followed, or no longer followed. The other logs are still followed.
   *
   * @param {NamedLog} log
   * @param {unknown} error
   */
  fail = async (/** @type {NamedLog} */ log, /** @type {unknown} */ error) => {
    const isNew = !this.#failed.has(log);
    this.#failed.add(log);
    this.hasFailed = true;
    this.#leave(log);
    if (isNew) await reportError(log.errorMessageOf(/** @type {Error} */ (error)));
  };

  /** @param {NamedLog} log from which no more entries will come */
  #leave(log) {
    this.#left.delete(log);
    if (this.#left.size === 0 && this.#dir === null) this.#end();
  }

  /**
   * Shows new entries until no log is left from which entries may come.
   *
   * @param {Show} show
   */
  async follow(show) {
    const ended = new Promise((end) => (this.#end = () => end(undefined)));
    if (this.#dir !== null) {
      const dir = this.#dir;
      const options = { links: true, recursive: this.#recursive };
      const known = new Map([...this.#left].map((log) => [idIn(dir, log), log]));
      await this.#followAll(await Sessions.open(dir, options), known, dir, show);
      return;
    }
    if (this.#left.size === 0) return;
    /** @type {Sessions[]} */
    const opened = [];
    const tasks = [];
    /** @type {Map<string, { root: string, links: boolean, known: ById }>} */
    const groups = new Map();
    for (const log of this.#left) {
      const file = path.resolve(log.path);
      if (log instanceof ComingInput || !file.endsWith(EXTENSION)) {
        tasks.push(this.#followAlone(log, show));
        continue;
      }
      const { root } = path.parse(file);
      const links = log.id === undefined;
      const group = groups.get(`${links} ${root}`) ?? { root, links, known: new Map() };
      group.known.set(idIn(root, log), log);
      groups.set(`${links} ${root}`, group);
    }
    for (const { root, links, known } of groups.values()) {
      const sessions = await Sessions.open(root, { recursive: true, links });
      opened.push(sessions);
      tasks.push(this.#followAll(sessions, known, null, show));
    }
    // Rejects when showing fails.
    await Promise.race([ended, Promise.all(tasks).then(() => ended)]);
    for (const sessions of opened) await sessions.close();
  }

  /**
   * Follows the known sessions of a directory, or with a directory also those that are new.
   *
   * @param {Sessions} sessions
   * @param {ById} known
   * @param {string | null} dir
   * @param {Show} show
   */
  async #followAll(sessions, known, dir, show) {
    const from = new Map();
    for (const [id, log] of known) {
      const shown = this.#shown.get(log);
      if (shown !== undefined) from.set(id, shown);
    }
    const logOf = (/** @type {string} */ id) => {
      let log = known.get(id);
      if (!log) {
        log = logBelow(/** @type {string} */ (dir), id, { bytes: 0, modified: new Date(0) });
        known.set(id, log);
      }
      return log;
    };
    const isDone = (/** @type {NamedLog} */ log) => dir === null && !this.#left.has(log);
    const records = sessions.follow({
      from,
      ...(dir === null && { ids: [...known.keys()] }),
      input: "raw",
      onDamage: ({ session = "", ...damage }) => this.#reportDamage(logOf(session), damage),
      onFailure: (error, id) => void this.fail(logOf(id), error),
    });
    for await (const { session, entry } of records) {
      const log = logOf(session);
      if (!isDone(log)) await show(log, entry);
    }
  }

  /**
   * @param {NamedLog} log
   * @param {Damage} damage
   */
  #reportDamage(log, damage) {
    if (this.#failed.has(log)) return;
    try {
      log.refuseCompressed();
      void reportDamage(log, damage);
    } catch (error) {
      void this.fail(log, error);
    }
  }

  /**
   * Follows a log that is not in a directory of sessions: standard input to its end.
   *
   * @param {NamedLog} log
   * @param {Show} show
   */
  async #followAlone(log, show) {
    const single = new SingleLog(log, this.#shown.get(log) ?? 0, show);
    try {
      if (log instanceof ComingInput) {
        const complete = log.complete.finally(() => single.end());
        await Promise.all([single.follow(), complete]);
        await single.finish();
      } else await single.follow();
      this.#leave(log);
    } catch (error) {
      await this.fail(log, error);
    }
  }
}

/**
 * Returns the id that a log has in a directory, or below it.
 *
 * @param {string} dir
 * @param {NamedLog} log
 */
function idIn(dir, { path: file }) {
  const below = path.relative(path.resolve(dir), path.resolve(file));
  return below.split(path.sep).join("/").slice(0, -EXTENSION.length);
}
