// Follows a log: returns its entries as they come, whatever happens to the file at its path.
//
// A file that is renamed away stays open for a while, because its writers notice the rename late. A
// writer may write to the old file first and to the new file later. So entries of the new file are
// returned only after the old file was read to its end once more.

import { onAbort } from "../waits.js";
import { DamageWarning } from "../damage/warning.js";
import { FollowedFile } from "./followed-file.js";
import { recordsOf } from "../reading/records.js";
import { damageOf } from "../damage/verify.js";

/** @import { Step } from "./followed-file.js" */
/** @import { Reading } from "../reading/batches.js" */
/** @import { Damage, LogRecord } from "../types.js" */
/** @import { FollowedLog, Source, Watch } from "../storage/storage.js" */

/** The pause between looks at a watched log, in milliseconds. A watch may miss a change. */
const WATCHED_INTERVAL = 250;

/** The pause between looks at a log that is not watched, in milliseconds. */
const UNWATCHED_INTERVAL = 50;

/**
 * How long a file that is no longer at the path stays open after its last new bytes, in
 * milliseconds. Its writers need much less time to notice.
 */
const KEPT_TIME = 5000;

/** The most files that are open at once. A caller may be busy while files replace each other. */
const MAX_FILES = 64;

/**
 * A file that is followed.
 *
 * @typedef {object} Followed
 * @property {Source} source
 * @property {FollowedFile} file
 * @property {string} fileId
 * @property {number} keptUntil when to close the file after it left the path, by
 *   `performance.now()`
 * @property {DamageWarning} warning
 */

/** The iterator of a followed log. */
export class Follower {
  #log;
  #reading;
  #onDamage;
  #all;
  #records;
  /**
   * Oldest first. The last one is the file at the path, or the last file that was there.
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
   * Starts at once: `"end"` is the end of the log as it is now.
   *
   * @param {FollowedLog} log
   * @param {"end" | number} from
   * @param {Omit<Reading, "from" | "to">} reading
   * @param {((damage: Damage) => void) | undefined} onDamage
   * @param {Set<Follower>} all contains the follower until it ends
   */
  constructor(log, from, reading, onDamage, all) {
    this.#log = log;
    this.#reading = reading;
    this.#onDamage = onDamage;
    this.#all = all.add(this);
    this.#release = onAbort(reading.signal, this.close);
    const opening = this.#open(from);
    // The first `next` throws the error.
    opening.catch(() => {});
    this.#records = this.#follow(opening);
    if (reading.signal?.aborted) this.close();
  }

  next() {
    return this.#records.next();
  }

  async return() {
    // Called first, because the records' `return` waits for a `next` that waits for entries.
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

  /** Ends following, without an error, and closes every file at once. */
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
   * @param {Promise<void>} opening
   * @returns {AsyncGenerator<LogRecord, void, void>}
   */
  async *#follow(opening) {
    const { signal } = this.#reading;
    try {
      await opening;
      if (!this.#isEnded) this.#watch = this.#log.watch((isMove) => this.#wake(isMove));
      let isRung = true;
      let isWatchTrusted = true;
      while (!this.#isEnded) {
        const isWatched = this.#watch?.renew();
        for await (const records of this.#news()) {
          // Entries without a ring show that the watch does not see their writer.
          isWatchTrusted = isRung;
          for (const record of records) {
            yield record;
            if (this.#isEnded) break;
          }
        }
        const isSlow = isWatched && isWatchTrusted && (await this.#isInPlace());
        isRung = await this.#alarm.sleep(isSlow ? WATCHED_INTERVAL : UNWATCHED_INTERVAL);
      }
      signal?.throwIfAborted();
    } finally {
      this.close();
    }
  }

  /** @param {boolean} isMove */
  #wake(isMove) {
    this.#alarm.ring();
    // Opened at once, because several files may come while the caller is busy with an entry. An
    // error occurs again when the file is read.
    if (isMove) this.#takeOver().catch(() => {});
  }

  /** Opens the file that replaced the last one, if there is one. */
  async #takeOver() {
    if (this.#files.length >= MAX_FILES) return;
    const fileId = await this.#log.fileId();
    if (fileId !== null && fileId !== this.#files.at(-1)?.fileId) await this.#open(0);
  }

  /** Returns whether at most one file is open, and it is the one at the path. */
  async #isInPlace() {
    return (
      this.#files.length === 0 ||
      (this.#files.length === 1 && (await this.#log.fileId()) === this.#files[0].fileId)
    );
  }

  /**
   * Yields the new records, a batch at a time.
   *
   * @returns {AsyncGenerator<Iterable<LogRecord>, void, void>}
   */
  async *#news() {
    while (!this.#isEnded) {
      const files = this.#files;
      const current = files.at(-1);
      const step = await current?.file.read();
      // Asked after the read, because the log may continue in another file once the read is done.
      const fileId = await this.#log.fileId();
      const isThere = fileId === current?.fileId;
      yield* this.#stragglers(
        files.slice(0, -1),
        isThere && current ? current.file.returnedEnd : 0,
      );
      if (this.#isEnded) return;
      if (current && step) yield this.#recordsOf(current, step, isThere ? undefined : 0);
      else if (fileId === null || isThere) return;
      else await this.#takeOver();
    }
  }

  /**
   * Yields the new records of files that are no longer at the path, oldest file first.
   *
   * @param {Followed[]} files
   * @param {number} end where following continues in the file at the path
   * @returns {AsyncGenerator<Iterable<LogRecord>, void, void>}
   */
  async *#stragglers(files, end) {
    const last = files.at(-1);
    if (!last) return;
    const now = performance.now();
    // Read up to the size that the file has now, so that a busy writer does not delay other files.
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
   * Yields the records of a step, and throws the error that stopped it.
   *
   * @param {Followed} followed
   * @param {Step} step
   * @param {number} [end] where following continues in another file; absent when it continues in
   *   this file
   * @returns {Generator<LogRecord, void, void>}
   */
  *#recordsOf({ source, file, warning }, { batch, refused }, end) {
    // After `close` the core is freed, and with it the damage.
    if (this.#isEnded) return;
    for (const line of batch.damage) {
      const damage = damageOf(line);
      if (this.#onDamage) this.#onDamage(damage);
      else warning.add(damage);
      if (this.#isEnded) return;
    }
    warning.report(source);
    for (const record of recordsOf(batch, Infinity)) {
      file.returnedEnd = record.end;
      yield end === undefined ? record : { ...record, end };
    }
    if (refused) throw refused;
  }

  /**
   * Opens the file at the path, or returns to it if it is open already.
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
    const others = this.#files.filter((each) => each !== followed);
    // The file that was at the path until now.
    const previous = others.at(-1);
    if (previous) previous.keptUntil = performance.now() + KEPT_TIME;
    this.#files = [...others, followed];
    if (from === "end") await followed.file.skipToEnd(size, tail);
    else if (from > 0) await followed.file.skipTo(from);
  }
}

/** A sleep that can be ended early. */
class Alarm {
  #isRung = false;
  #wake = () => {};

  /** Ends the current sleep, or else the next one. */
  ring() {
    this.#isRung = true;
    this.#wake();
  }

  /**
   * @param {number} time in milliseconds
   * @returns {Promise<boolean>} whether a ring ended the sleep
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
