// The events of a server: which logs changed. One watch serves all clients.

import { EVENTS_PULSE } from "../remote/protocol.js";

/** @import { FollowedDirectory, Look, StoredLogs, Watch } from "../storage/storage.js" */

/** How often the logs are looked at whose changes the system does not report, in milliseconds. */
const LOOK_INTERVAL = 1000;

/** How often all logs are looked at: systems drop events when there are too many. */
const LOOKS_PER_WHOLE_LOOK = 10;

/** The most events that wait for a slow client. Then it is told that anything may have changed. */
const MOST_WAITING = 1000;

/**
 * An event: the log that may have changed, null where any may have.
 *
 * @typedef {{ id: string | null, isMove: boolean }} LogEvent
 */

/**
 * What is watched. `started` resolves after the first look, which tells nothing.
 *
 * @typedef {{ directory: FollowedDirectory, watch: Watch, started: Promise<void> }} Watched
 */

/** A client that gets events. */
class Listener {
  /** @type {Map<string | null, LogEvent>} */
  #waiting = new Map();
  #ring = () => {};
  isEnded = false;

  /** @param {LogEvent} event */
  tell(event) {
    if (this.#waiting.size >= MOST_WAITING) {
      this.#waiting.clear();
      event = { id: null, isMove: true };
    }
    const before = this.#waiting.get(event.id);
    this.#waiting.set(event.id, { id: event.id, isMove: event.isMove || before?.isMove === true });
    this.#ring();
  }

  end() {
    this.isEnded = true;
    this.#ring();
  }

  /** Waits for events. Returns none after a while. */
  async next() {
    if (this.#waiting.size === 0 && !this.isEnded) {
      /** @type {any} */
      let timer;
      await new Promise((done) => {
        this.#ring = () => done(undefined);
        timer = setTimeout(done, EVENTS_PULSE);
        timer.unref?.();
      });
      clearTimeout(timer);
    }
    const events = [...this.#waiting.values()];
    this.#waiting.clear();
    return events;
  }
}

/** The events of the logs of a server. */
export class ServedEvents {
  #logs;
  /** @type {Set<Listener>} */
  #listeners = new Set();
  /** @type {Watched | null} */
  #watched = null;
  /** @type {any} */
  #timer;
  /** @type {Map<string, string>} */
  #versions = new Map();
  #isClosed = false;

  /** @param {StoredLogs} logs */
  constructor(logs) {
    this.#logs = logs;
  }

  /** Looks at all logs. */
  looks() {
    return this.#logs.followed().looks(true, () => {});
  }

  /**
   * Yields the events of a stream, as text.
   *
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *stream(signal) {
    const listener = new Listener();
    const end = () => listener.end();
    signal.addEventListener("abort", end);
    if (signal.aborted || this.#isClosed) return;
    this.#listeners.add(listener);
    try {
      await this.#start();
      const encoder = new TextEncoder();
      // What happened before is known from a look.
      yield encoder.encode("retry: 1000\nevent: ready\ndata: {}\n\n");
      while (!listener.isEnded) {
        const events = await listener.next();
        const text = events.map((event) => `event: change\ndata: ${JSON.stringify(event)}\n\n`);
        if (!listener.isEnded) yield encoder.encode(text.join("") || ": still there\n\n");
      }
    } finally {
      signal.removeEventListener("abort", end);
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    }
  }

  /** Watches the logs. Resolves after the first look, for whoever comes meanwhile too. */
  #start() {
    if (this.#watched) return this.#watched.started;
    const directory = this.#logs.followed();
    const watch = directory.watch({
      changed: (id, isMove) => this.#tell({ id, isMove }),
      renamed: () => this.#tell({ id: null, isMove: true }),
    });
    /** @type {Watched} */
    const watched = { directory, watch, started: Promise.resolve() };
    this.#watched = watched;
    // Looking starts the watches of the directories.
    watched.started = this.#look(watched, true, true).then(() => this.#lookLater(watched, 1));
    return watched.started;
  }

  /**
   * @param {Watched} watched
   * @param {number} count of looks so far
   */
  #lookLater(watched, count) {
    if (this.#watched !== watched) return;
    this.#timer = setTimeout(async () => {
      await this.#look(watched, count % LOOKS_PER_WHOLE_LOOK === 0, false).catch(() => {});
      this.#lookLater(watched, count + 1);
    }, LOOK_INTERVAL);
    this.#timer.unref?.();
  }

  /**
   * @param {Watched} watched
   * @param {boolean} isAll
   * @param {boolean} isFirst
   */
  async #look({ directory, watch }, isAll, isFirst) {
    for await (const looks of directory.looks(isAll, () => {})) {
      for (const [id, look] of looks) this.#note(id, look, isFirst);
      await new Promise((done) => setTimeout(done));
    }
    watch.renew();
  }

  /**
   * @param {string} id
   * @param {Look | null} look
   * @param {boolean} isFirst
   */
  #note(id, look, isFirst) {
    const version = look ? `${look.identity} ${look.size} ${look.version}` : undefined;
    const before = this.#versions.get(id);
    if (version === before) return;
    if (version === undefined) this.#versions.delete(id);
    else this.#versions.set(id, version);
    if (!isFirst) this.#tell({ id, isMove: true });
  }

  /** @param {LogEvent} event */
  #tell(event) {
    for (const listener of this.#listeners) listener.tell(event);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#watched?.watch.close();
    this.#watched = null;
    this.#versions.clear();
  }

  /** Ends all streams. */
  close() {
    this.#isClosed = true;
    for (const listener of this.#listeners) listener.end();
    this.#stop();
  }
}
