// The files of one followed log: the file at its path, and the files that were there before it.
//
// A file that is renamed away stays open for a while, because its writers notice the rename late. A
// writer may write to the old file first and to the new file later. So entries of the new file are
// returned only after the old file was read to its end once more.

import { DamageWarning } from "../damage/warning.js";
import { FollowedFile } from "./followed-file.js";
import { recordsOf } from "../reading/records.js";
import { damageOf } from "../damage/verify.js";

/** @import { Rest, Step } from "./followed-file.js" */
/** @import { Reading } from "../reading/batches.js" */
/** @import { Damage, LogRecord } from "../types.js" */
/** @import { FollowedLog, OpenedFile, Source } from "../storage/storage.js" */

/**
 * How long a file that is no longer at the path stays open after its last new bytes, in
 * milliseconds. Its writers need much less time to notice.
 */
const KEPT_TIME = 5000;

/** The most files of a log that are open at once, while files replace each other. */
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

/**
 * Where to go on in a file: what was remembered of it, or the byte up to which it was seen, with
 * the last bytes before that byte where they are known.
 *
 * @typedef {{ rest: Rest, warning: DamageWarning } | { seen: number, tail?: Uint8Array }} Place
 */

/**
 * Knows where to go on in files that were closed.
 *
 * @typedef {object} Places
 * @property {(identity: Source["identity"]) => Place | null | undefined} take returns the place in a
 *   file that was opened, and forgets it; null when the file must not be followed here
 * @property {(identity: Source["identity"], place: Place) => void} keep remembers the place in a
 *   file that is closed
 * @property {() => boolean} hasRoom whether another file may be opened
 */

/** @type {Places} */
const NO_PLACES = { take: () => undefined, keep() {}, hasRoom: () => true };

/** Opens and reads the files of a log. Waits for nothing. */
export class LogFiles {
  #log;
  #reading;
  #onDamage;
  #places;
  /**
   * Oldest first. The last one is the file at the path, or the last file that was there.
   *
   * @type {Followed[]}
   */
  #files = [];
  /** How many files are being opened. */
  #opening = 0;
  /** Ends when the files that are being opened may be read. @type {Promise<unknown>} */
  #taking = Promise.resolve();
  /** The file in which reading goes to its start. @type {FollowedFile | null} */
  #skipping = null;
  #isClosed = false;

  /**
   * @param {FollowedLog} log
   * @param {Omit<Reading, "from" | "to">} reading
   * @param {((damage: Damage) => void) | undefined} onDamage
   * @param {Places} [places]
   */
  constructor(log, reading, onDamage, places = NO_PLACES) {
    this.#log = log;
    this.#reading = reading;
    this.#onDamage = onDamage;
    this.#places = places;
  }

  /** How many files are open. */
  get count() {
    return this.#files.length;
  }

  /** How many files are open, or may be soon. */
  get mostOpen() {
    return this.#files.length + this.#opening;
  }

  /**
   * Returns whether a file is open.
   *
   * @param {Source["identity"]} identity
   */
  has(identity) {
    return this.#files.some(({ source }) => source.identity === identity);
  }

  /** Whether a file is being opened. */
  get isOpening() {
    return this.#opening > 0;
  }

  /** Whether more may come from the files without a change at the path. */
  get isRestless() {
    return this.#files.length > 1 || this.#files.some(({ file }) => file.isUnsettled);
  }

  /** Closes every file at once. */
  close() {
    this.#isClosed = true;
    for (const { file } of this.#files) file.close();
    this.#skipping?.close();
  }

  /**
   * Closes a file, and keeps the place in it. Every record that was read must have been returned.
   *
   * @param {Source["identity"]} [identity] of the file; default: the file at the path
   */
  release(identity = this.#files.at(-1)?.source.identity) {
    const found = this.#files.find(({ source }) => source.identity === identity);
    if (!found) return;
    const { source, file, warning } = found;
    this.#places.keep(source.identity, { rest: file.rest, warning });
    file.close();
    this.#files = this.#files.filter((each) => each !== found);
  }

  /**
   * Opens the file at the path, or returns to it if it is open already.
   *
   * @param {"end" | number} from
   */
  async open(from) {
    await this.#open(this.#log, from, true);
  }

  /**
   * Opens a file that was at the path before, and that has another name now.
   *
   * @param {FollowedLog} renamed
   */
  async openRenamed(renamed) {
    await this.#open(renamed, 0, false);
  }

  /**
   * Opens a file after the files that are being opened.
   *
   * @param {FollowedLog} log
   * @param {"end" | "start of the file" | number} from
   * @param {boolean} isAtPath
   */
  #open(log, from, isAtPath) {
    this.#opening += 1;
    // Called at once when nothing else is being opened, because the end may move.
    const opened = log.open();
    const taken = Promise.allSettled([this.#taking, opened])
      .then(async () => this.#take(await opened, from, isAtPath))
      .finally(() => (this.#opening -= 1));
    this.#taking = taken.catch(() => {});
    return taken;
  }

  /**
   * @param {OpenedFile | null} opened
   * @param {"end" | "start of the file" | number} from
   * @param {boolean} isAtPath
   */
  async #take(opened, from, isAtPath) {
    if (!opened) return;
    const { source, fileId, size, tail, start = 0 } = opened;
    const known = this.#files.find((each) => each.fileId === fileId);
    const place = known || this.#isClosed ? undefined : this.#places.take(source.identity);
    if (known || this.#isClosed || place === null) await source.close();
    if (this.#isClosed || place === null || (known && !isAtPath)) return;
    const followed = known ?? {
      source,
      file: new FollowedFile(source, this.#reading),
      fileId,
      keptUntil: performance.now() + KEPT_TIME,
      warning: place && "warning" in place ? place.warning : new DamageWarning(),
    };
    const { file } = followed;
    if (!known) {
      this.#skipping = file;
      if (place) await goOn(file, place, size);
      else if (from === "end") await file.skipToEnd(size, tail);
      else {
        const offset = from === "start of the file" ? start : from;
        if (offset > 0) await file.skipTo(offset);
      }
      this.#skipping = null;
    }
    if (this.#isClosed) return;
    const others = this.#files.filter((each) => each !== followed);
    // The file that was at the path until now.
    const previous = others.at(-1);
    if (previous) previous.keptUntil = performance.now() + KEPT_TIME;
    this.#files = isAtPath ? [...others, followed] : [followed, ...others];
  }

  /**
   * Opens the file that replaced the last one, if there is one and there is room for it.
   *
   * @returns {Promise<boolean>} whether another file is the last one now
   */
  async takeOver() {
    if (this.#files.length >= MAX_FILES || !this.#places.hasRoom()) return false;
    const before = this.#files.at(-1);
    // Counted from now on, because other logs may take over files meanwhile.
    this.#opening += 1;
    try {
      const fileId = await this.#log.fileId();
      if (fileId !== null && fileId !== before?.fileId)
        await this.#open(this.#log, before ? "start of the file" : 0, true);
    } finally {
      this.#opening -= 1;
    }
    return this.#files.at(-1) !== before;
  }

  /** Returns whether at most one file is open, and it is the one at the path. */
  async isInPlace() {
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
  async *news() {
    while (!this.#isClosed) {
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
      if (this.#isClosed) return;
      if (current && step) yield this.#recordsOf(current, step, isThere ? undefined : 0);
      else if (fileId === null || isThere) return;
      else {
        // The oldest file was just read to its end.
        if (files.length > 1 && (files.length >= MAX_FILES || !this.#places.hasRoom()))
          this.release(files[0].source.identity);
        if (!(await this.takeOver())) return;
      }
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
      if (this.#isClosed) return;
      if (!step) break;
      last.keptUntil = now + KEPT_TIME;
      yield this.#recordsOf(last, step, end);
      if (last.file.position >= size) return;
    }
    if (now >= last.keptUntil) this.release(last.source.identity);
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
    if (this.#isClosed) return;
    for (const line of batch.damage) {
      const damageEnd = line.offset + line.length;
      if (damageEnd <= file.knownDamageEnd) continue;
      file.damageEnd = damageEnd;
      const damage = damageOf(line);
      if (this.#onDamage) this.#onDamage(damage);
      else warning.add(damage);
      if (this.#isClosed) return;
    }
    warning.report(source);
    for (const record of recordsOf(batch, Infinity)) {
      file.returnedEnd = record.end;
      yield end === undefined ? record : { ...record, end };
    }
    if (refused) throw refused;
  }
}

/**
 * Goes on in a file that was opened again.
 *
 * @param {FollowedFile} file
 * @param {Place} place
 * @param {number} size of the file now
 */
async function goOn(file, place, size) {
  if ("rest" in place) file.resume(place.rest);
  // A file that is shorter was cut, and is read from its start.
  else if (place.seen <= size) await file.skipToEnd(place.seen, place.tail);
}
