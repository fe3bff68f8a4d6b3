// How a thread that plays a process asks for each of its file calls, and waits for the answer.
//
// The shared memory has the state, the length of the text, and the text, which is JSON. Bytes are
// texts in it, a character a byte.

/** Who is at work, in the first number of the memory. */
const STATE = 0;
const LENGTH = 1;
const HEAD_BYTES = 8;

/** The process runs, or the scheduler does. */
const PROCESS = 0;
const SCHEDULER = 1;

const ROOM = 1 << 19;

/** How long a process may compute between two calls, in milliseconds. */
const LONGEST_WAIT = 60_000;

export class Channel {
  #numbers;
  #bytes;

  /** @param {SharedArrayBuffer} memory */
  constructor(memory = new SharedArrayBuffer(HEAD_BYTES + ROOM)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#bytes = Buffer.from(memory, HEAD_BYTES);
  }

  /**
   * Sends a message to the scheduler, and waits for its answer. Called by the process.
   *
   * @param {any} message
   */
  ask(message) {
    this.#send(message, SCHEDULER);
    // A notice of the message before may come late, and end a wait.
    while (Atomics.load(this.#numbers, STATE) === SCHEDULER)
      Atomics.wait(this.#numbers, STATE, SCHEDULER);
    return this.#message();
  }

  /**
   * Answers, so that the process goes on. Called by the scheduler.
   *
   * @param {any} message
   */
  answer(message) {
    this.#send(message, PROCESS);
  }

  /** Waits until the process asks, and returns its message. Called by the scheduler. */
  next() {
    while (Atomics.load(this.#numbers, STATE) === PROCESS) {
      if (Atomics.wait(this.#numbers, STATE, PROCESS, LONGEST_WAIT) === "timed-out")
        throw new Error("a process does not ask for its next call");
    }
    return this.#message();
  }

  /**
   * @param {any} message
   * @param {number} state
   */
  #send(message, state) {
    const length = this.#bytes.write(JSON.stringify(message), "latin1");
    this.#numbers[LENGTH] = length;
    Atomics.store(this.#numbers, STATE, state);
    Atomics.notify(this.#numbers, STATE);
  }

  #message() {
    return JSON.parse(this.#bytes.toString("latin1", 0, this.#numbers[LENGTH]));
  }
}
