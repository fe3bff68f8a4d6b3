// The events of a server, for all that follow its logs: one request, as long as anybody listens.

import { isName } from "./answers.js";
import { PATHS } from "./protocol.js";

/** @import { Server } from "./server.js" */

/** The pause before the events are asked for again, in milliseconds: it doubles up to the second. */
const RETRY = 250;
const LONGEST_RETRY = 5000;

/** @typedef {(id: string | null, isMove: boolean) => void} Tell `id` is null where any log may have
 *   changed */

export class RemoteEvents {
  #server;
  /** @type {Set<Tell>} */
  #listeners = new Set();
  /** @type {AbortController | null} */
  #running = null;
  isConnected = false;

  /** @param {Server} server */
  constructor(server) {
    this.#server = server;
  }

  /**
   * Tells of changes from now on.
   *
   * @param {Tell} tell
   * @returns {() => void} ends it
   */
  listen(tell) {
    this.#listeners.add(tell);
    if (!this.#running) {
      this.#running = new AbortController();
      this.#run(this.#running);
    }
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size > 0) return;
      this.#running?.abort();
      this.#running = null;
      this.isConnected = false;
    };
  }

  /**
   * @param {string | null} id
   * @param {boolean} isMove
   */
  #tell(id, isMove) {
    for (const tell of this.#listeners) tell(id, isMove);
  }

  /** @param {AbortController} running */
  async #run(running) {
    const { signal } = running;
    let pause = RETRY;
    while (!signal.aborted) {
      try {
        for await (const { event, data } of this.#server.events(PATHS.events, { signal })) {
          if (event === "ready") {
            this.isConnected = true;
            pause = RETRY;
            // Nobody knows what happened before.
            this.#tell(null, true);
          } else if (event === "change") {
            const id = data.id ?? null;
            if (id !== null && !isName(id)) throw this.#server.invalid("an event");
            this.#tell(id, data.isMove === true);
          }
        }
      } catch {
        // What follows looks at the logs now and then, and throws why that fails.
      }
      if (this.#running === running) this.isConnected = false;
      if (signal.aborted) return;
      await new Promise((done) => {
        const timer = setTimeout(done, pause);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          done(undefined);
        });
      });
      pause = Math.min(2 * pause, LONGEST_RETRY);
    }
  }
}
