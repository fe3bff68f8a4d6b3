// Lets other events run during long work, so that a page responds and an abort is noticed.

/**
 * How long work may hold the thread, in milliseconds. Users do not notice it, and few turns make
 * little garbage.
 */
const LONGEST_HOLD = 8;

let lastTurn = -Infinity;

/**
 * A global in Node, Bun and Deno. It lets the messages of other threads in; a message port there
 * only lets its own in.
 */
const { setImmediate } = /** @type {any} */ (globalThis);

/**
 * Lets others run by `setImmediate` or through message ports, which take no time. A timer would take
 * 4 milliseconds.
 */
export class ThreadTurns {
  /** @type {MessageChannel | null} */
  #ports = null;
  /** @type {Set<() => void>} those that wait */
  #waiting = new Set();

  /** Whether the thread was held long enough. */
  get areDue() {
    return performance.now() - lastTurn >= LONGEST_HOLD;
  }

  /** Waits until other events have run, if the thread was held long enough. */
  async letOthersRun() {
    if (!this.areDue) return;
    await (setImmediate ? new Promise((done) => setImmediate(done)) : this.#messageCame());
    lastTurn = performance.now();
  }

  async #messageCame() {
    const { port1, port2 } = (this.#ports ??= new MessageChannel());
    await new Promise((done) => {
      const wake = () => done(this.#waiting.delete(wake));
      this.#waiting.add(wake);
      port1.addEventListener("message", wake, { once: true });
      port1.start();
      port2.postMessage(null);
    });
  }

  close() {
    this.#ports?.port1.close();
    this.#ports = null;
    // A closed port has no message for them.
    for (const wake of this.#waiting) wake();
  }
}
