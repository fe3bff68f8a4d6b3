// The index of the logs, which each call finds as the logs are then.

import { randomBytes } from "node:crypto";

import { listSessions } from "../../index.js";

/** @import { LogIndex, Sessions } from "../../index.js" */
/** @import { LogContents, SessionInfo } from "../../types.js" */

/** The logs as a call finds them. */
export class Logs {
  #contents;
  #listed;

  /**
   * @param {LogIndex} index
   * @param {string} id of the index: rows have other numbers in another one
   * @param {readonly SessionInfo[]} listed
   * @param {ReadonlyMap<string, unknown>} failures why logs could not be read, by session
   */
  constructor(index, id, listed, failures) {
    this.index = index;
    this.id = id;
    this.listed = listed;
    this.failures = failures;
    this.#listed = new Map(listed.map((log) => [log.id, log]));
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
    const contents = this.failures.has(session) ? undefined : this.#contents.get(session);
    // Of a log that was removed, or is no file any more, an index has no bytes.
    const isEmpty = contents?.bytes === 0;
    return isEmpty && this.#listed.get(session)?.bytes !== 0 ? undefined : contents;
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

  #directory;
  #recursive;

  /**
   * @param {Sessions} sessions
   * @param {string} directory where they are
   * @param {boolean} recursive
   */
  constructor(sessions, directory, recursive) {
    this.#sessions = sessions;
    this.#directory = directory;
    this.#recursive = recursive;
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
    // Before the index is refreshed, so that it has what is listed.
    const listed = await listSessions(this.#directory, { recursive: this.#recursive });
    const index = this.#index;
    // After an error, it is made again.
    this.#index = null;
    if (index) await index.refresh({ signal });
    else this.#id = randomBytes(6).toString("hex");
    this.#index = index ?? (await this.#made());
    return new Logs(this.#index, this.#id, listed, this.#failures);
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
