// Many logs that are followed at once: those that grow are held open, and the rest cost no more than a look now and then.

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

/** How many logs are held open, though they do not grow: what is renamed away is read to its end then. */
const MAX_QUIET = 64;

/** How long a log must have been quiet to be let go, in milliseconds: what follows a rename has come by then. */
const QUIET_TIME = 10_000;

/** How often all files are looked at, in milliseconds at least, and what part of the time that may take: where the system tells of changes. */
const TOLD = { interval: 1000, part: 1 / 100 };

/** The same where it does not. */
const UNTOLD = { interval: 100, part: 1 / 10 };

/** The part of the time that it may take when files were made. */
const BUSY_PART = 1 / 4;

/** Follows logs, and of a directory also those that are made later. */
export class FollowedLogs {
  #dir;
  /** @type {Map<string, TailedLog>} by absolute path; those that failed are not among them */
  #logs;
  /** @type {Map<TailedLog, Promise<void>>} those that are held open, until they are let go */
  #open = new Map();
  /** @type {Set<string>} absolute paths */
  #failed = new Set();
  #changes;
  /** @type {Show} */
  #show = () => undefined;

  /** Whether any failed. */
  hasFailed = false;

  /**
   * Begins: what is appended from now on will be shown, but for what `showedUpTo` is told of.
   *
   * @param {NamedLog[]} logs
   * @param {string | null} dir all sessions of it are wanted
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
   * Whether a log was there when this began.
   *
   * @param {NamedLog} log
   */
  has(log) {
    return (this.#logs.get(absolute(log))?.modified ?? null) !== null;
  }

  /**
   * Takes note of where showing a log ended, before it is followed.
   *
   * @param {NamedLog} log
   * @param {number} end
   */
  showedUpTo(log, end) {
    this.#logs.get(absolute(log))?.showedUpTo(end);
  }

  /**
   * Says why a log is not followed, or not any more; the others are.
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
   * Shows what comes, until there is nothing that it could come from.
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
      const { interval, part } = this.#changes.renew() && this.#changes.isTrusted ? TOLD : UNTOLD;
      const wait = isDue ? cost / BUSY_PART : Math.max(interval, cost / part);
      const now = performance.now();
      if (now >= last + wait) {
        isDue = false;
        await this.#lookAtAll(files);
        this.#freeBuffer();
        last = performance.now();
        cost = last - now;
        continue;
      }
      await this.#changes.sleep(last + wait - now);
    }
  }

  /**
   * @param {Set<string>} told files that were told of
   */
  async #lookAtAll(told) {
    let isUntold = false;
    const wake = (/** @type {TailedLog} */ followed) => {
      if (!told.has(absolute(followed.log))) isUntold = true;
      this.#wake(followed);
    };
    if (this.#dir === null) {
      for (const [file, followed] of this.#logs)
        if (!this.#open.has(followed) && followed.hasNews(lookAt(file))) wake(followed);
    } else {
      for (const followed of await this.#sessionsWithNews(this.#dir)) wake(followed);
    }
    if (isUntold) this.#changes.isTrusted = false;
  }

  /**
   * Finds the sessions of a directory that have something to show, or are new, and forgets those that are gone.
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
      // A link is as long as its text.
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
   * Takes up the sessions that were not there before: from their start, but for one that was there under another name.
   *
   * @param {string} dir
   * @param {SessionInfo[]} sessions
   * @param {Set<string>} gone paths where no file is any more
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
      const before = fresh.identity === undefined ? undefined : known.get(fresh.identity);
      this.#logs.set(
        file,
        before ? await this.#renamed(log, before, gone.has(absolute(before.log))) : fresh,
      );
    }
  }

  /**
   * Takes up a session that was there under another name: from where that was shown.
   *
   * @param {NamedLog} log
   * @param {TailedLog} before
   * @param {boolean} isGone whether no other file has taken the old name
   */
  async #renamed(log, before, isGone) {
    const open = this.#open.get(before);
    // Who follows the other file shows, for a while, also what comes to this one.
    if (open && !isGone) return new TailedLog(log);
    before.release();
    await open;
    return new TailedLog(log, before.shown);
  }

  /** Lets go logs that have been quiet for long, where more are held open than need be. */
  #freeBuffer() {
    const before = performance.now() - QUIET_TIME;
    const quiet = [...this.#open.keys()]
      .filter(({ isQuiet, active }) => isQuiet && active < before)
      .sort((a, b) => a.active - b.active);
    quiet
      .slice(0, Math.max(0, this.#open.size - MAX_QUIET))
      .forEach((followed) => followed.release());
  }

  /** @param {string} file */
  #isAsleep(file) {
    const followed = this.#logs.get(file);
    if (followed) return !this.#open.has(followed);
    return this.#dir !== null && file.endsWith(EXTENSION) && !this.#failed.has(file);
  }

  /** @param {TailedLog} followed */
  #wake(followed) {
    const task = followed
      .follow(this.#show)
      .catch((error) => this.#told(followed, error))
      .finally(() => this.#open.delete(followed));
    this.#open.set(followed, task);
  }

  /**
   * @param {TailedLog} followed
   * @param {SkillLogError} error
   */
  async #told({ log }, error) {
    // Gone before it was opened: it may come again.
    if (error.code !== "NOT_FOUND") await this.fail(log, error);
  }

  /**
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
