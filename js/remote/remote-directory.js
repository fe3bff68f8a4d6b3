// The logs of a server as a directory that is followed.

import { PATHS } from "./protocol.js";
import { FollowedRemoteLog } from "./remote-source.js";

/** @import { DirectoryChanges, FollowedDirectory, Look, Watch } from "../storage/storage.js" */
/** @import { Answers } from "./answers.js" */
/** @import { RemoteEvents } from "./remote-events.js" */
/** @import { Server } from "./server.js" */

/** How long the looks of a hidden page are apart at least, in milliseconds. */
const HIDDEN_PAUSE = 10_000;

/** How many looks come at once. */
const LOOKS_AT_ONCE = 256;

/** @implements {FollowedDirectory} */
export class RemoteDirectory {
  #server;
  #answers;
  #events;
  #ids;
  /** The logs that were there at the last look. @type {Set<string>} */
  #known = new Set();
  /** Whether events may have been missed since. */
  #isStale = true;
  #lookedAt = -Infinity;
  #ending = new AbortController();

  /**
   * @param {Server} server
   * @param {Answers} answers
   * @param {RemoteEvents} events
   * @param {ReadonlySet<string>} [ids] default: all logs
   */
  constructor(server, answers, events, ids) {
    this.#server = server;
    this.#answers = answers;
    this.#events = events;
    this.#ids = ids;
  }

  /**
   * @param {boolean} isAll
   * @returns {AsyncGenerator<[string, Look | null][], void, void>}
   */
  async *looks(isAll) {
    if (!isAll && !this.#isStale && this.#events.isConnected) return;
    const now = performance.now();
    if (this.#events.isHidden && now - this.#lookedAt < HIDDEN_PAUSE) return;
    this.#lookedAt = now;
    this.#isStale = false;
    /** @type {Set<string>} */
    const seen = new Set();
    /** @type {[string, Look | null][]} */
    let looks = [];
    try {
      const { signal } = this.#ending;
      for await (const sent of this.#server.lines(PATHS.looks, { signal })) {
        const [id, look] = this.#answers.look(sent);
        if (this.#ids && !this.#ids.has(id)) continue;
        seen.add(id);
        looks.push([id, look]);
        if (looks.length < LOOKS_AT_ONCE) continue;
        yield looks;
        looks = [];
      }
    } catch (error) {
      this.#isStale = true;
      if (this.#ending.signal.aborted) return;
      throw error;
    }
    for (const id of this.#known) if (!seen.has(id)) looks.push([id, null]);
    this.#known = seen;
    yield looks;
  }

  /** @param {string} id */
  async look(id) {
    try {
      return await lookAt(this.#server, this.#answers, id, this.#ending.signal);
    } catch (error) {
      // Whoever ended it does not look any more.
      if (this.#ending.signal.aborted) return null;
      throw error;
    }
  }

  /** @param {string} id */
  followed(id) {
    const look = (/** @type {string} */ id) => this.look(id);
    return new FollowedRemoteLog(this.#server, id, look, this.#events);
  }

  /**
   * @param {DirectoryChanges} changes
   * @returns {Watch}
   */
  watch(changes) {
    const release = this.#events.listen((id, isMove) => {
      if (id === null) this.#isStale = true;
      if (id === null || !this.#ids || this.#ids.has(id)) changes.changed(id, isMove);
    });
    return {
      renew: () => this.#events.isConnected,
      close: () => {
        release();
        this.#ending.abort();
      },
    };
  }
}

/**
 * Looks at a log.
 *
 * @param {Server} server
 * @param {Answers} answers
 * @param {string} id
 * @param {AbortSignal | undefined} [signal]
 * @returns {Promise<Look | null>} null where there is none
 */
export async function lookAt(server, answers, id, signal) {
  /** @type {Look | null} */
  let found = null;
  for await (const sent of server.lines(PATHS.looks, { query: { id }, signal })) {
    const [own, look] = answers.look(sent);
    answers.check(own === id && !found, "a look at another log");
    found = look;
  }
  return found;
}
