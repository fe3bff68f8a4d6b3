// Follows a log: returns its entries as they come, whatever happens to the file at its path.

import { onAbort } from "../waits.js";
import { Alarm } from "./alarm.js";
import { EndlessRecords } from "./endless-records.js";
import { LogFiles } from "./log-files.js";

/** @import { Reading } from "../reading/batches.js" */
/** @import { Damage, LogRecord } from "../types.js" */
/** @import { FollowedLog, Watch } from "../storage/storage.js" */

/** The pause between looks at a watched log, in milliseconds. A watch may miss a change. */
const WATCHED_INTERVAL = 250;

/** The pause between looks at a log that is not watched, in milliseconds. */
const UNWATCHED_INTERVAL = 50;

/** The iterator of a followed log. */
/** @augments {EndlessRecords<LogRecord>} */
export class Follower extends EndlessRecords {
  #log;
  #signal;
  #all;
  #files;
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
   * @param {Set<{ close(): void }>} all contains the follower until it ends
   */
  constructor(log, from, reading, onDamage, all) {
    super(() => this.#follow(opening));
    this.#log = log;
    this.#signal = reading.signal;
    this.#all = all.add(this);
    this.#files = new LogFiles(log, reading, onDamage);
    this.#release = onAbort(reading.signal, this.close);
    const opening = this.#files.open(from);
    // The first `next` throws the error.
    opening.catch(() => {});
    if (reading.signal?.aborted) this.close();
  }

  /** Ends following, without an error, and closes every file at once. */
  close = () => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#release();
    this.#watch?.close();
    this.#files.close();
    this.#alarm.ring();
    this.#all.delete(this);
  };

  /**
   * @param {Promise<void>} opening
   * @returns {AsyncGenerator<LogRecord, void, void>}
   */
  async *#follow(opening) {
    try {
      await opening;
      if (!this.#isEnded) this.#watch = this.#log.watch((isMove) => this.#wake(isMove));
      let isRung = true;
      let isWatchTrusted = true;
      while (!this.#isEnded) {
        const isWatched = this.#watch?.renew();
        for await (const records of this.#files.news()) {
          // Entries without a ring show that the watch does not see their writer.
          isWatchTrusted = isRung;
          for (const record of records) {
            yield record;
            if (this.#isEnded) break;
          }
        }
        const isSlow = isWatched && isWatchTrusted && (await this.#files.isInPlace());
        isRung = await this.#alarm.sleep(isSlow ? WATCHED_INTERVAL : UNWATCHED_INTERVAL);
      }
      this.#signal?.throwIfAborted();
    } finally {
      this.close();
    }
  }

  /** @param {boolean} isMove */
  #wake(isMove) {
    this.#alarm.ring();
    // Opened at once, because several files may come while the caller is busy with an entry. An
    // error occurs again when the file is read.
    if (isMove) this.#files.takeOver().catch(() => {});
  }
}
