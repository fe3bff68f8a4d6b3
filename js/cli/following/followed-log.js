// A log that is followed: held open while it grows, and else known only by what its file looked like.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { damageWarning } from "../terminal/damage-warnings.js";

/** @import { SessionLog } from "../../index.js" */
/** @import { Damage, Entry, LogRecord } from "../../types.js" */
/** @import { NamedLog } from "../selection/operands.js" */

/** What a file looks like from outside. @typedef {{ bytes: number, modified: number, identity: string }} Look */

/** @typedef {(log: NamedLog, entry: Entry) => Promise<void> | undefined} Show */

const input = "raw";

/** One log, and the byte up to which it was shown. */
export class TailedLog {
  log;
  /** @type {Look | null} null where there was no file */
  #look;
  /** What is complete before this byte was shown. */
  #shown;
  /** Damage before this byte was told. */
  #told;
  /** @type {AsyncGenerator<LogRecord, void, void> | null} */
  #records = null;
  #isBusy = false;
  #isReleased = false;

  /** Whether nothing more will come: then it is shown to its end once, and not followed again. */
  isComplete = false;

  /** When something came of it last, as `performance.now()` gives it. */
  active = 0;

  /**
   * @param {NamedLog} log
   * @param {number} [shown] absent: as much as there is
   */
  constructor(log, shown) {
    this.log = log;
    this.#look = lookAt(log.path);
    this.#shown = shown ?? this.#look?.bytes ?? 0;
    this.#told = this.#shown;
  }

  /** When its file was modified, in milliseconds since 1970; null where there is none. */
  get modified() {
    return this.#look?.modified ?? null;
  }

  get identity() {
    return this.#look?.identity;
  }

  /** The byte up to which it was shown. */
  get shown() {
    return this.#shown;
  }

  /** Takes note of where showing it ended before it is followed. @param {number} end */
  showedUpTo(end) {
    this.#shown = end;
    this.#told = Math.max(this.#told, end);
  }

  /** Whether nothing of it is waiting to be shown, so that it may be let go. */
  get isQuiet() {
    return !this.#isBusy;
  }

  /**
   * Tells whether there may be something to show that came while it was not followed.
   *
   * @param {{ bytes: number, modified: number } | null} look at its file
   */
  hasNews(look) {
    if (look === null || this.isComplete) return false;
    const { bytes, modified } = this.#look ?? {};
    return (
      look.bytes !== bytes ||
      look.modified !== modified ||
      look.bytes > Math.max(this.#shown, this.#told)
    );
  }

  /**
   * Shows what comes, until it is let go.
   *
   * @param {Show} show
   * @throws whatever stops it
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
      // At once before it is opened: what is there is what is followed.
      const look = lookAt(log.path);
      if (!look) {
        // A session's log is never a link, not even one that leads nowhere.
        if (this.log.id !== undefined && fs.lstatSync(this.log.path, { throwIfNoEntry: false }))
          throw new Failure(`${this.log.name}: not a regular file`);
        // It may come again, or under another name.
        return;
      }
      this.#look = look;
      const isSame = look.identity === before && look.bytes >= from;
      const told = isSame ? this.#told : 0;
      const onDamage = (/** @type {Damage} */ damage) => {
        const end = damage.offset + damage.length;
        if (isNew && end <= told) return;
        this.#told = end;
        void tell(log, damage);
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
   * Finds the byte to go on from: behind what was shown, or where that begins which was not complete then.
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
   * Keeps in mind how far it was shown in the file that is there now.
   *
   * @param {boolean} isNew whether nothing of it was shown since it was opened
   */
  #settle(isNew) {
    const look = lookAt(this.log.path);
    if (!look) return;
    // Where an entry was shown, its end is of this file: there was time enough to go over to it.
    if (isNew && look.identity !== this.#look?.identity) this.#shown = this.#told = 0;
    else this.#shown = Math.min(this.#shown, look.bytes);
    this.#look = look;
  }

  /** Lets it go: following it ends. */
  release() {
    this.#isReleased = true;
    void this.#records?.return();
  }

  /**
   * Shows what is left to the end, when nothing more will come.
   *
   * @param {Show} show
   */
  async finish(show) {
    const open = await this.log.open();
    const onDamage = (/** @type {Damage} */ damage) => {
      if (damage.offset + damage.length > this.#told) void tell(this.log, damage);
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
 * Tells of a damaged line: by its byte, for only who reads from the start can count lines.
 *
 * @param {NamedLog} log
 * @param {Damage} damage
 */
async function tell(log, { line, ...damage }) {
  const warning = damageWarning(log);
  warning.add(damage);
  await warning.reportNow();
}

/**
 * Looks at a file from outside.
 *
 * @param {string} path
 * @returns {Look | null} null where there is none
 */
export function lookAt(path) {
  try {
    const { size, mtime, dev, ino, birthtimeMs } = fs.statSync(path);
    return { bytes: size, modified: mtime.getTime(), identity: `${dev}:${ino}:${birthtimeMs}` };
  } catch {
    return null;
  }
}
