// Follows many logs at once. Holds open the logs that grow, and only looks at the other logs from
// time to time.

import path from "node:path";

import { listSessions } from "../../index.js";
import { EXTENSION, NamedLog } from "../selection/operands.js";
import { reportError } from "../terminal/output.js";
import { ChangedFiles } from "./changed-files.js";
import { TailedLog, lookAt } from "./followed-log.js";
import { ComingInput } from "./followed-operands.js";

/** @import { SkillLogError } from "../../index.js" */
/** @import { SessionInfo } from "../../types.js" */
/** @import { Show } from "./followed-log.js" */

/**
 * The most quiet logs that are held open. A log that is held open is read to its end even after its
 * file was renamed.
 */
const MAX_QUIET = 64;

/**
 * How long a log must be quiet before it is released, in milliseconds. Writers notice a rename in
 * less time.
 */
const QUIET_TIME = 10_000;

/**
 * When to look at all files while the system reports changes: the shortest interval in
 * milliseconds, and the largest part of the time that the looks may take.
 */
const REPORTED = { interval: 1000, part: 1 / 100 };

/** The same, while the system does not report changes. */
const UNREPORTED = { interval: 100, part: 1 / 10 };

/** The largest part of the time that the looks may take after a new file was reported. */
const BUSY_PART = 1 / 4;

/** Follows logs. Of a directory, it also follows the logs that are made later. */
export class FollowedLogs {
  #dir;
  /** @type {Map<string, TailedLog>} by absolute path, without the logs that failed */
  #logs;
  /** @type {Map<TailedLog, Promise<void>>} the logs held open, with the end of following each */
  #open = new Map();
  /** @type {Set<string>} the absolute paths of the logs that failed */
  #failed = new Set();
  #changes;
  /** @type {Show} */
  #show = () => undefined;

  /** Whether a log failed. */
  hasFailed = false;

  /**
   * Starts at the present end of each log. `showedUpTo` changes where a log starts.
   *
   * @param {NamedLog[]} logs
   * @param {string | null} dir a directory of which all sessions are followed
   */
  constructor(logs, dir) {
    this.#dir = dir === null ? null : path.resolve(dir);
    const dirs = this.#dir === null ? logs.map((log) => path.dirname(absolute(log))) : [this.#dir];
    this.#changes = new ChangedFiles(new Set(dirs), (file) => this.#isAsleep(file));
    this.#logs = new Map(
      logs.map((log) => [
        absolute(log),
        new TailedLog(log, log instanceof ComingInput ? 0 : undefined),
      ]),
    );
  }

  /**
   * Returns whether a log existed when following started.
   *
   * @param {NamedLog} log
   */
  has(log) {
    return (this.#logs.get(absolute(log))?.modified ?? null) !== null;
  }

  /**
   * Notes up to which byte a log was shown before it is followed.
   *
   * @param {NamedLog} log
   * @param {number} end
   */
  showedUpTo(log, end) {
    this.#logs.get(absolute(log))?.showedUpTo(end);
  }

  /**
   * Reports why a log is not followed, or no longer followed. The other logs are still followed.
   *
   * @param {NamedLog} log
   * @param {unknown} error
   */
  fail = async (/** @type {NamedLog} */ log, /** @type {unknown} */ error) => {
    this.#logs.delete(absolute(log));
    this.#failed.add(absolute(log));
    this.hasFailed = true;
    this.#changes.ring();
    await reportError(log.errorMessageOf(/** @type {Error} */ (error)));
  };

  /**
   * Shows new entries until no log is left from which entries may come.
   *
   * @param {Show} show
   */
  async follow(show) {
    this.#show = show;
    const known = [...this.#logs.values()];
    const latest = known
      .filter(({ modified }) => modified !== null)
      .sort((a, b) => Number(b.modified) - Number(a.modified));
    for (const followed of latest.slice(0, MAX_QUIET)) this.#wake(followed);
    for (const followed of known)
      if (followed.log instanceof ComingInput) this.#finish(followed, followed.log.complete);
    try {
      await this.#watch();
    } finally {
      this.#changes.close();
      for (const followed of this.#open.keys()) followed.release();
    }
  }

  async #watch() {
    let isDue = true;
    let cost = 0;
    for (let last = -Infinity; this.#dir !== null || this.#logs.size > 0; ) {
      const files = this.#changes.take();
      for (const file of files) {
        const followed = this.#logs.get(file);
        if (!followed) isDue = true;
        else if (!this.#open.has(followed) && followed.hasNews(lookAt(file))) this.#wake(followed);
      }
      const { interval, part } =
        this.#changes.renew() && this.#changes.isTrusted ? REPORTED : UNREPORTED;
      const wait = isDue ? cost / BUSY_PART : Math.max(interval, cost / part);
      const now = performance.now();
      if (now >= last + wait) {
        isDue = false;
        await this.#lookAtAll(files);
        this.#releaseQuiet();
        last = performance.now();
        cost = last - now;
        continue;
      }
      await this.#changes.sleep(last + wait - now);
    }
  }

  /**
   * Looks at all files, and opens the logs that have something to show.
   *
   * @param {Set<string>} reported the files whose changes the system reported
   */
  async #lookAtAll(reported) {
    let isMissed = false;
    const wake = (/** @type {TailedLog} */ followed) => {
      if (!reported.has(absolute(followed.log))) isMissed = true;
      this.#wake(followed);
    };
    if (this.#dir === null) {
      for (const [file, followed] of this.#logs)
        if (!this.#open.has(followed) && followed.hasNews(lookAt(file))) wake(followed);
    } else {
      for (const followed of await this.#sessionsWithNews(this.#dir)) wake(followed);
    }
    if (isMissed) this.#changes.isTrusted = false;
  }

  /**
   * Finds the sessions of a directory that are new or have something to show. Forgets sessions
   * whose files are gone.
   *
   * @param {string} dir
   */
  async #sessionsWithNews(dir) {
    const found = [];
    const sessions = await listSessions(dir);
    const gone = new Set([...this.#logs.keys(), ...this.#failed]);
    for (const { id } of sessions) gone.delete(path.join(dir, id + EXTENSION));
    await this.#addNew(dir, sessions, gone);
    for (const { id, bytes, modified, unsafe } of sessions) {
      const file = path.join(dir, id + EXTENSION);
      const followed = this.#logs.get(file);
      if (!followed || this.#open.has(followed)) continue;
      // The listed size of a link is the length of its text, so look at its target.
      if (
        followed.hasNews(
          unsafe === undefined ? { bytes, modified: modified.getTime() } : lookAt(file),
        )
      )
        found.push(followed);
    }
    for (const file of gone) {
      this.#failed.delete(file);
      const followed = this.#logs.get(file);
      if (followed && !this.#open.has(followed)) this.#logs.delete(file);
    }
    return found;
  }

  /**
   * Adds the new sessions. A new session is shown from its start, but a renamed session from where
   * it was shown.
   *
   * @param {string} dir
   * @param {SessionInfo[]} sessions
   * @param {Set<string>} gone the paths at which there is no longer a file
   */
  async #addNew(dir, sessions, gone) {
    /** @type {Map<string | undefined, TailedLog> | null} */
    let known = null;
    for (const { id, bytes, modified, unsafe, link } of sessions) {
      const file = path.join(dir, id + EXTENSION);
      if (this.#logs.has(file) || this.#failed.has(file)) continue;
      const log = new NamedLog(file, {
        bytes,
        modified,
        unsafe,
        link,
        ...(unsafe === undefined && { dir, id }),
      });
      const fresh = new TailedLog(log, 0);
      known ??= new Map([...this.#logs.values()].map((followed) => [followed.identity, followed]));
      const renamed = fresh.identity === undefined ? undefined : known.get(fresh.identity);
      this.#logs.set(
        file,
        renamed ? await this.#renamed(log, renamed, gone.has(absolute(renamed.log))) : fresh,
      );
    }
  }

  /**
   * Returns the log of a renamed session, which continues where the session was shown.
   *
   * @param {NamedLog} log
   * @param {TailedLog} before the log under its old name
   * @param {boolean} isGone whether no other file has the old name now
   */
  async #renamed(log, before, isGone) {
    const open = this.#open.get(before);
    // The follower of the old name still reads this file for a while.
    if (open && !isGone) return new TailedLog(log);
    before.release();
    await open;
    return new TailedLog(log, before.shown);
  }

  /** Releases the logs that were quiet for longest, if more than MAX_QUIET logs are held open. */
  #releaseQuiet() {
    const before = performance.now() - QUIET_TIME;
    const quiet = [...this.#open.keys()]
      .filter(({ isQuiet, active }) => isQuiet && active < before)
      .sort((a, b) => a.active - b.active);
    quiet
      .slice(0, Math.max(0, this.#open.size - MAX_QUIET))
      .forEach((followed) => followed.release());
  }

  /**
   * Returns whether a file is of a log that is followed but not held open.
   *
   * @param {string} file
   */
  #isAsleep(file) {
    const followed = this.#logs.get(file);
    if (followed) return !this.#open.has(followed);
    return this.#dir !== null && file.endsWith(EXTENSION) && !this.#failed.has(file);
  }

  /**
   * Holds a log open, and follows it until it is released.
   *
   * @param {TailedLog} followed
   */
  #wake(followed) {
    const task = followed
      .follow(this.#show)
      .catch((error) => this.#reportUnlessGone(followed, error))
      .finally(() => this.#open.delete(followed));
    this.#open.set(followed, task);
  }

  /**
   * Reports an error, unless the log's file was removed before it was opened. It may come again.
   *
   * @param {TailedLog} followed
   * @param {SkillLogError} error
   */
  async #reportUnlessGone({ log }, error) {
    if (error.code !== "NOT_FOUND") await this.fail(log, error);
  }

  /**
   * Shows a log to its end after it is complete, and no longer follows it.
   *
   * @param {TailedLog} followed
   * @param {Promise<void>} complete
   */
  async #finish(followed, complete) {
    try {
      await complete;
      followed.isComplete = true;
      followed.release();
      await this.#open.get(followed);
      await followed.finish(this.#show);
      this.#logs.delete(absolute(followed.log));
      this.#changes.ring();
    } catch (error) {
      await this.fail(followed.log, error);
    }
  }
}

/** @param {NamedLog} log */
function absolute({ path: file }) {
  return path.resolve(file);
}
