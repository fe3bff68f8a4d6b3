// Decides when to look at followed logs, so that looks take little time and changes are soon seen.

/**
 * The pause between looks at all logs while the system reports changes: the shortest one in
 * milliseconds, and the largest part of the time that the looks may take.
 */
const WATCHED = { interval: 1000, part: 1 / 100 };

/** The same for logs whose changes the system does not report. */
const UNWATCHED = { interval: 50, part: 1 / 10 };

/** The same when one of them changed within BUSY_TIME, or when new directories were reported. */
const BUSY = { interval: 50, part: 1 / 3 };

/** In milliseconds. */
const BUSY_TIME = 10_000;

/**
 * The longest pause between looks at logs whose changes the system does not report, in milliseconds,
 * where BUSY allows it. So an entry comes within half a second.
 */
const SOON = 300;

/**
 * The longest pause between looks, in milliseconds. On a busy machine a look takes long, and the
 * system may drop reports of changes.
 */
const LONGEST_PAUSE = 5000;

/** The times of looks, by `performance.now()`. */
export class LookTimes {
  /** Whether the system reports changes, as far as is known. */
  #isTrusted = true;
  /** Whether directories may have changed. */
  #isDue = false;
  /** When to look at all logs, and at those whose changes are not reported. */
  #all = 0;
  #unwatched = 0;
  /** When to look at all logs if directories have changed. */
  #soon = 0;
  #busyTo = 0;

  /** When the next look is due. */
  get next() {
    return Math.min(this.#all, this.#unwatched, this.#isDue ? this.#soon : Infinity);
  }

  /**
   * Returns which logs to look at now; null when none are due.
   *
   * @param {number} now
   * @returns {"all" | "unwatched" | null}
   */
  dueAt(now) {
    if (now >= this.#all || (this.#isDue && now >= this.#soon)) return "all";
    return now >= this.#unwatched ? "unwatched" : null;
  }

  /** Notes that the system reported a change: of a log, or of anything else. @param {boolean} isElse */
  reported(isElse) {
    this.#isTrusted = true;
    if (isElse) this.#isDue = true;
  }

  /** Notes that a look showed a change that the system had not reported. */
  missed() {
    this.#isTrusted = false;
  }

  /** Notes that a look showed a change. */
  found() {
    this.#busyTo = performance.now() + BUSY_TIME;
  }

  /** Notes that a look starts. */
  start() {
    this.#isDue = false;
  }

  /**
   * Notes that a look has ended.
   *
   * @param {boolean} isAll
   * @param {number} cost the work that it took, in milliseconds
   * @param {boolean} isWatched whether the system reports the changes of all logs
   */
  end(isAll, cost, isWatched) {
    const now = performance.now();
    const pause = (/** @type {typeof WATCHED} */ { interval, part }) =>
      Math.min(Math.max(interval, cost / part), LONGEST_PAUSE);
    const often = pause(now < this.#busyTo ? BUSY : UNWATCHED);
    const unwatched = cost / BUSY.part <= SOON ? Math.min(often, SOON) : often;
    if (isAll) this.#all = now + (this.#isTrusted ? pause(WATCHED) : unwatched);
    this.#unwatched = isWatched ? Infinity : now + unwatched;
    this.#soon = now + cost / BUSY.part;
  }
}
