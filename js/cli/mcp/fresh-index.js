// The index of the logs, which each call finds as the logs are then.

import { randomBytes } from "node:crypto";

/** @import { LogIndex, Sessions } from "../../index.js" */
/** @import { LogContents } from "../../types.js" */

/** The logs as a call finds them. */
export class Logs {
  #contents;
  /**
   * @param {LogIndex} index
   * @param {string} id of the index: rows have other numbers in another one
   * @param {ReadonlyMap<string, unknown>} failures why logs could not be read, by session
   */
  constructor(index, id, failures) {
    this.index = index;
    this.id = id;
    this.failures = failures;
    this.#contents = new Map(index.logs().map((log) => [String(log.session), log]));
  }

  /**
   * Returns what a log holds. The ids are those that were found in the directory: no path is made of
   * an id that a model wrote.
   *
   * @param {string} session
   * @returns {LogContents | undefined} undefined where there is no such log, or it cannot be read
   */
  contentsOf(session) {
    return this.failures.has(session) ? undefined : this.#contents.get(session);
  }
}

/** An index that is made when it is first asked for, and kept. */
export class FreshIndex {
  #sessions;
  /** @type {LogIndex | null} */
  #index = null;
  #id = "";
  /** @type {Map<string, unknown>} */
  #failures = new Map();
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #stop = new AbortController();

  /** @param {Sessions} sessions */
  constructor(sessions) {
    this.#sessions = sessions;
  }

  /**
   * Returns the logs as they are now.
   *
   * @returns {Promise<Logs>}
   */
  logs() {
    // One after the other: each says which logs it could not read.
    const found = this.#last.then(() => this.#read());
    this.#last = found.catch(() => {});
    return found;
  }

  async #read() {
    const { signal } = this.#stop;
    this.#failures = new Map();
    const index = this.#index;
    // After an error, it is made again.
    this.#index = null;
    if (index) await index.refresh({ signal });
    else this.#id = randomBytes(6).toString("hex");
    this.#index = index ?? (await this.#made());
    return new Logs(this.#index, this.#id, this.#failures);
  }

  #made() {
    return this.#sessions.index({
      signal: this.#stop.signal,
      onFailure: (error, session) => void this.#failures.set(session, error),
    });
  }

  /** Ends a reading that goes on. */
  close() {
    this.#stop.abort();
  }
}
