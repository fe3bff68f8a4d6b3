// Follows a log: holds it open while it grows, and otherwise remembers only how its file looked.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { damageWarning } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { Damage, Entry, LogRecord } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/**
 * The facts of a file that are known without opening it.
 *
 * @typedef {{ bytes: number, modified: number, identity: string }} Look `identity` differs between
 *   any two files
 */

/** @typedef {(log: NamedLog, entry: Entry) => Promise<void> | undefined} Show shows an entry */

const input = "raw";

/** One log, and the byte up to which it was shown. */
export class TailedLog {
  log;
  /** @type {Look | null} the file at the last look; null when there was no file */
  #look;
  /** The complete entries before this byte were shown. */
  #shown;
  /** Damage before this byte was reported. */
  #reported;
  /** @type {AsyncGenerator<LogRecord, void, void> | null} */
  #records = null;
  #isBusy = false;
  #isReleased = false;

  /** Whether no more entries will come. The log is then shown to its end, and followed no more. */
  isComplete = false;

  /** When its last entry was shown, or following started, by `performance.now()`. */
  active = 0;

  /**
   * @param {NamedLog} log
   * @param {number} [shown] up to which byte the log was shown; default: its size
   */
  constructor(log, shown) {
    this.log = log;
    this.#look = lookAt(log.path);
    this.#shown = shown ?? this.#look?.bytes ?? 0;
    this.#reported = this.#shown;
  }

  /** When its file was modified, in milliseconds since 1970; null when there was no file. */
  get modified() {
    return this.#look?.modified ?? null;
  }

  get identity() {
    return this.#look?.identity;
  }

  /** The byte up to which the log was shown. */
  get shown() {
    return this.#shown;
  }

  /**
   * Notes up to which byte the log was shown before it is followed.
   *
   * @param {number} end
   */
  showedUpTo(end) {
    this.#shown = end;
    this.#reported = Math.max(this.#reported, end);
  }

  /** Whether the log may be released: it is not being opened, and no entry is being shown. */
  get isQuiet() {
    return !this.#isBusy;
  }

  /**
   * Returns whether there may be something to show that came while the log was not held open.
   *
   * @param {{ bytes: number, modified: number } | null} look the file as it is now
   */
  hasNews(look) {
    if (look === null || this.isComplete) return false;
    const { bytes, modified } = this.#look ?? {};
    return (
      look.bytes !== bytes ||
      look.modified !== modified ||
      look.bytes > Math.max(this.#shown, this.#reported)
    );
  }

  /**
   * Shows new entries until `release` is called.
   *
   * @param {Show} show
   * @throws {unknown} what opening, reading or showing throws
   */
  async follow(show) {
    this.active = performance.now();
    this.#isReleased = false;
    this.#isBusy = true;
    const { log } = this;
    const open = await log.open();
    let isNew = true;
    try {
      const before = this.#look?.identity;
      const from = await this.#resume(open);
      // Looked at just before following starts, so that both find the same file.
      const look = lookAt(log.path);
      if (!look) {
        // A session's log must not be a link, not even a link that leads nowhere.
        if (this.log.id !== undefined && fs.lstatSync(this.log.path, { throwIfNoEntry: false }))
          throw new Failure(`${this.log.name}: not a regular file`);
        // The file may come again, or under another name.
        return;
      }
      this.#look = look;
      const isSame = look.identity === before && look.bytes >= from;
      const reported = isSame ? this.#reported : 0;
      const onDamage = (/** @type {Damage} */ damage) => {
        const end = damage.offset + damage.length;
        if (isNew && end <= reported) return;
        this.#reported = end;
        void report(log, damage);
      };
      this.#records = open.follow({ from: isSame ? from : 0, input, onDamage });
      if (!isSame) this.#shown = 0;
      this.#isBusy = false;
      if (this.#isReleased) return;
      for await (const { entry, end } of this.#records) {
        isNew = false;
        this.#shown = end;
        this.active = performance.now();
        this.#isBusy = true;
        await show(log, entry);
        this.#isBusy = false;
      }
    } finally {
      this.#records = null;
      this.#isBusy = false;
      await open.close();
      this.#settle(isNew);
    }
  }

  /**
   * Finds the byte at which to continue: after the last entry that was shown, or at the start of an
   * entry that was not complete then.
   *
   * @param {SessionLog} open
   */
  async #resume(open) {
    const shown = this.#shown;
    if (shown === 0) return 0;
    const records = open.records({ to: shown, reverse: true, input, onDamage: () => {} });
    const { value: last } = await records.next();
    await records.return();
    return !last ? 0 : last.end <= shown ? last.end : last.offset;
  }

  /**
   * Notes up to which byte the file that is there now was shown.
   *
   * @param {boolean} isNew whether no entry was shown since the log was opened
   */
  #settle(isNew) {
    const look = lookAt(this.log.path);
    if (!look) return;
    // If an entry was shown, its end is an offset of this file: the follower has changed to it.
    if (isNew && look.identity !== this.#look?.identity) this.#shown = this.#reported = 0;
    else this.#shown = Math.min(this.#shown, look.bytes);
    this.#look = look;
  }

  /** Ends following. */
  release() {
    this.#isReleased = true;
    void this.#records?.return();
  }

  /**
   * Shows the entries that were not shown, when no more will come.
   *
   * @param {Show} show
   */
  async finish(show) {
    const open = await this.log.open();
    const onDamage = (/** @type {Damage} */ damage) => {
      if (damage.offset + damage.length > this.#reported) void report(this.log, damage);
    };
    try {
      for await (const { entry } of open.records({ from: this.#shown, input, onDamage }))
        await show(this.log, entry);
    } finally {
      await open.close();
    }
  }
}

/**
 * Reports a damaged line by its offset. Only a reader that starts at the start can count lines.
 *
 * @param {NamedLog} log
 * @param {Damage} damage
 */
async function report(log, { line, ...damage }) {
  const warning = damageWarning(log);
  warning.add(damage);
  await warning.reportNow();
}

/**
 * Looks at a file without opening it.
 *
 * @param {string} path
 * @returns {Look | null} null when there is no file
 */
export function lookAt(path) {
  try {
    const { size, mtime, dev, ino, birthtimeMs } = fs.statSync(path);
    return { bytes: size, modified: mtime.getTime(), identity: `${dev}:${ino}:${birthtimeMs}` };
  } catch {
    return null;
  }
}
