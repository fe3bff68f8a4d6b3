// Follows a log: gives its entries as they come, whatever becomes of the file behind its path.
//
// A file that is renamed away is kept open for a while, for writers notice it only later. Whatever such a
// writer wrote to the new file, it wrote to the old one before: so what is read from the new one is given
// only after the old one was read to its end once more.

import { onAbort } from "../waits.js";
import { DamageWarning } from "../damage/warning.js";
import { FollowedFile } from "./growing-file.js";
import { recordsOf } from "../reading/records.js";
import { damageOf } from "../damage/verify.js";

/** @import { Step } from "./growing-file.js" */
/** @import { Reading } from "../reading/batches.js" */
/** @import { Damage, LogRecord } from "../types.js" */
/** @import { FollowedLog, Source, Watch } from "../storage/storage.js" */

/** How often a log is looked at that tells of its changes, in milliseconds: in case it did not. */
const WATCHED_INTERVAL = 250;

/** How often one is looked at that does not tell. */
const UNWATCHED_INTERVAL = 50;

/** How long a file that is no longer there is kept after it was written to, in milliseconds: much longer than its writers need to notice. */
const KEPT_TIME = 5000;

/** How many files are held open for a caller that is busy while the log goes on in one after the other: no more are taken then. */
const MAX_FILES = 64;

/** @typedef {{ source: Source, file: FollowedFile, fileId: string, keptUntil: number, warning: DamageWarning }} Followed */

/** The iterator of a followed log. */
export class Follower {
  #log;
  #reading;
  #onDamage;
  #all;
  #records;
  /**
   * Oldest first. The last one is where the log is, or was when it was there last.
   *
   * @type {Followed[]}
   */
  #files = [];
  #alarm = new Alarm();
  /** @type {Watch | null} */
  #watch = null;
  #isEnded = false;
  #release;

  /**
   * Begins at once: what is appended from now on is behind the end.
   *
   * @param {FollowedLog} log
   * @param {"end" | number} from
   * @param {Omit<Reading, "from" | "to">} reading
   * @param {((damage: Damage) => void) | undefined} onDamage
   * @param {Set<Follower>} all has it as long as something is open
   */
  constructor(log, from, reading, onDamage, all) {
    this.#log = log;
    this.#reading = reading;
    this.#onDamage = onDamage;
    this.#all = all.add(this);
    this.#release = onAbort(reading.signal, this.close);
    const begun = this.#open(from);
    // Told by the first step.
    begun.catch(() => {});
    this.#records = this.#follow(begun);
    if (reading.signal?.aborted) this.close();
  }

  next() {
    return this.#records.next();
  }

  async return() {
    // First: a step that waits would wait on.
    this.close();
    return this.#records.return();
  }

  /** @param {unknown} error */
  async throw(error) {
    this.close();
    return this.#records.throw(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.return();
  }

  /** Ends quietly: closes what is open, at once. */
  close = () => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#release();
    this.#watch?.close();
    for (const { file } of this.#files) file.close();
    this.#alarm.ring();
    this.#all.delete(this);
  };

  /**
   * @param {Promise<void>} begun
   * @returns {AsyncGenerator<LogRecord, void, void>}
   */
  async *#follow(begun) {
    const { signal } = this.#reading;
    try {
      await begun;
      if (!this.#isEnded) this.#watch = this.#log.watch((isMove) => this.#wake(isMove));
      let isTold = true;
      let isWatchTrusted = true;
      while (!this.#isEnded) {
        const isWatched = this.#watch?.renew();
        for await (const records of this.#news()) {
          // What was found untold: events do not come from where it was written.
          isWatchTrusted = isTold;
          for (const record of records) {
            yield record;
            if (this.#isEnded) break;
          }
        }
        const isSlow = isWatched && isWatchTrusted && (await this.#isInPlace());
        isTold = await this.#alarm.sleep(isSlow ? WATCHED_INTERVAL : UNWATCHED_INTERVAL);
      }
      signal?.throwIfAborted();
    } finally {
      this.close();
    }
  }

  /** @param {boolean} isMove */
  #wake(isMove) {
    this.#alarm.ring();
    // At once: while the caller is busy with an entry, one file after the other may come. What is wrong with one is told when
    // it is to be read.
    if (isMove) this.#takeOver().catch(() => {});
  }

  /** Opens the file that has taken the place of the last one, if there is one. */
  async #takeOver() {
    if (this.#files.length >= MAX_FILES) return;
    const fileId = await this.#log.fileId();
    if (fileId !== null && fileId !== this.#files.at(-1)?.fileId) await this.#open(0);
  }

  /** Tells whether there is one file alone, where it belongs. */
  async #isInPlace() {
    return (
      this.#files.length === 0 ||
      (this.#files.length === 1 && (await this.#log.fileId()) === this.#files[0].fileId)
    );
  }

  /**
   * Gives what has come since, a batch at a time.
   *
   * @returns {AsyncGenerator<Iterable<LogRecord>, void, void>}
   */
  async *#news() {
    while (!this.#isEnded) {
      const files = this.#files;
      const current = files.at(-1);
      const step = await current?.file.read();
      // Asked for when it was read: where following goes on then is known.
      const fileId = await this.#log.fileId();
      const isThere = fileId === current?.fileId;
      yield* this.#stragglers(files.slice(0, -1), isThere && current ? current.file.end : 0);
      if (this.#isEnded) return;
      if (current && step) yield this.#recordsOf(current, step, isThere ? undefined : 0);
      else if (fileId === null || isThere) return;
      else await this.#takeOver();
    }
  }

  /**
   * Gives what came to files that are no longer where the log is; of each, after what came to those before it.
   *
   * @param {Followed[]} files
   * @param {number} end where following goes on in the file that is there
   * @returns {AsyncGenerator<Iterable<LogRecord>, void, void>}
   */
  async *#stragglers(files, end) {
    const last = files.at(-1);
    if (!last) return;
    const now = performance.now();
    // Up to what there is now: one that is written to without end must not hold up the others.
    for (const size = await last.file.size(); ; ) {
      const step = await last.file.read();
      yield* this.#stragglers(files.slice(0, -1), end);
      if (this.#isEnded) return;
      if (!step) break;
      last.keptUntil = now + KEPT_TIME;
      yield this.#recordsOf(last, step, end);
      if (last.file.position >= size) return;
    }
    if (now < last.keptUntil) return;
    last.file.close();
    this.#files = this.#files.filter((each) => each !== last);
  }

  /**
   * Gives the records of a step, and throws what stopped it.
   *
   * @param {Followed} followed
   * @param {Step} step
   * @param {number} [end] where following goes on, if that is in another file
   * @returns {Generator<LogRecord, void, void>}
   */
  *#recordsOf({ source, file, warning }, { batch, refused }, end) {
    // Closed since it was read: the damage is no longer there to be asked for.
    if (this.#isEnded) return;
    for (const line of batch.damage) {
      const damage = damageOf(line);
      if (this.#onDamage) this.#onDamage(damage);
      else warning.add(damage);
      if (this.#isEnded) return;
    }
    warning.give(source);
    for (const record of recordsOf(batch, Infinity)) {
      file.end = record.end;
      yield end === undefined ? record : { ...record, end };
    }
    if (refused) throw refused;
  }

  /**
   * Opens the file that is there, or takes it up again.
   *
   * @param {"end" | number} from
   */
  async #open(from) {
    const opened = await this.#log.open();
    if (!opened) return;
    const { source, fileId, size, tail } = opened;
    const known = this.#files.find((each) => each.fileId === fileId);
    if (known || this.#isEnded) await source.close();
    if (this.#isEnded) return;
    const followed = known ?? {
      source,
      file: new FollowedFile(source, this.#reading),
      fileId,
      keptUntil: 0,
      warning: new DamageWarning(),
    };
    const left = this.#files.filter((each) => each !== followed);
    for (const each of left.slice(-1)) each.keptUntil = performance.now() + KEPT_TIME;
    this.#files = [...left, followed];
    if (from === "end") await followed.file.skipToEnd(size, tail);
    else if (from > 0) await followed.file.skipTo(from);
  }
}

/** Ends a sleep. */
class Alarm {
  #isRung = false;
  #wake = () => {};

  /** Ends the sleep that goes on, or else the next one. */
  ring() {
    this.#isRung = true;
    this.#wake();
  }

  /**
   * @param {number} time in milliseconds
   * @returns {Promise<boolean>} whether it was ended by a ring
   */
  async sleep(time) {
    let timer;
    if (!this.#isRung) {
      await new Promise((wake) => {
        timer = setTimeout(wake, time);
        this.#wake = () => wake(undefined);
      });
    }
    clearTimeout(timer);
    const isRung = this.#isRung;
    this.#isRung = false;
    return isRung;
  }
}
