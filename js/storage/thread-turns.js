// What keeps a thread from its user, or from whoever aborts it, lets go of it now and then.

/** How long the thread is kept from others, in milliseconds: nobody notices, and a turn for each read is garbage for each. */
const LONGEST_HOLD = 8;

let lastTurn = -Infinity;

/** Gives others their turn: through ports that take no time. (A timer would take 4 milliseconds.) */
export class ThreadTurns {
  /** @type {MessageChannel | null} */
  #ports = null;

  /** Waits until other events had their turn, where it is time. */
  async letOthersRun() {
    if (performance.now() - lastTurn < LONGEST_HOLD) return;
    const { port1, port2 } = (this.#ports ??= new MessageChannel());
    await new Promise((done) => {
      // Node.js waits for a port that somebody listens to.
      port1.addEventListener("message", done, { once: true });
      port1.start();
      port2.postMessage(null);
    });
    lastTurn = performance.now();
  }

  close() {
    this.#ports?.port1.close();
    this.#ports = null;
  }
}
