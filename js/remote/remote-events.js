// The events of a server, for all that follow its logs: one request, as long as anybody listens. A
// page that is hidden has none: browsers allow six connections to a server for all their tabs, and
// those of the hidden ones would leave none. Its followers look now and then.

import { onAbort } from "../waits.js";
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

  /** Whether nobody sees the page, so that there are no events. */
  get isHidden() {
    return isHidden();
  }

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
      await whenShown(signal);
      if (signal.aborted) return;
      const asking = new AbortController();
      const end = () => asking.abort();
      const releases = [onAbort(signal, end), onHidden(end)];
      try {
        const asked = { signal: asking.signal };
        for await (const { event, data } of this.#server.events(PATHS.events, asked)) {
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
      } finally {
        for (const release of releases) release();
      }
      if (this.#running === running) this.isConnected = false;
      if (signal.aborted) return;
      if (asking.signal.aborted) continue;
      await paused(pause, signal);
      pause = Math.min(2 * pause, LONGEST_RETRY);
    }
  }
}

/**
 * Waits, at most until a signal is aborted.
 *
 * @param {number} time in milliseconds
 * @param {AbortSignal} signal
 */
async function paused(time, signal) {
  let release = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  await new Promise((done) => {
    timer = setTimeout(done, time);
    release = onAbort(signal, () => done(undefined));
  });
  clearTimeout(timer);
  release();
}

/** The page that the program is part of. Workers and other programs have none. @returns {any} */
function page() {
  const { document } = /** @type {any} */ (globalThis);
  return typeof document?.addEventListener === "function" ? document : undefined;
}

function isHidden() {
  return page()?.visibilityState === "hidden";
}

/**
 * Calls a function when the page is hidden.
 *
 * @param {() => void} tell
 * @returns {() => void} ends it
 */
function onHidden(tell) {
  const changed = () => {
    if (isHidden()) tell();
  };
  page()?.addEventListener("visibilitychange", changed);
  return () => page()?.removeEventListener("visibilitychange", changed);
}

/**
 * Waits until the page is shown, or a signal is aborted.
 *
 * @param {AbortSignal} signal
 */
async function whenShown(signal) {
  if (!isHidden()) return;
  let release = () => {};
  await new Promise((done) => {
    const changed = () => {
      if (!isHidden()) done(undefined);
    };
    page().addEventListener("visibilitychange", changed);
    const releaseAbort = onAbort(signal, () => done(undefined));
    release = () => {
      releaseAbort();
      page().removeEventListener("visibilitychange", changed);
    };
  });
  release();
}
