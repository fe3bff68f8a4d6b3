// A text that the package reads as a Blob: in parts, when it wants them.

/** Returns bytes of a text, all that are wanted. @typedef {(offset: number, length: number) => Uint8Array} ReadText */

/** A Blob, or a slice of one. */
export class TextBlob extends Blob {
  #read;
  #from;
  #size;

  /**
   * @param {string} name for messages
   * @param {number} size
   * @param {ReadText} read
   * @param {number} [from] where the text starts in what is read
   */
  constructor(name, size, read, from = 0) {
    super([]);
    this.name = name;
    this.#size = size;
    this.#read = read;
    this.#from = from;
  }

  get size() {
    return this.#size;
  }

  /**
   * @override
   * @param {number} [start] counts from the end if it is negative, as `end` does
   * @param {number} [end]
   */
  slice(start = 0, end = this.#size) {
    const place = (/** @type {number} */ at) =>
      Math.min(this.#size, at < 0 ? Math.max(0, this.#size + at) : at);
    const from = place(start);
    const size = Math.max(0, place(end) - from);
    return new TextBlob(this.name, size, this.#read, this.#from + from);
  }

  /** @override */
  async arrayBuffer() {
    return this.#bytes(0, this.#size).buffer;
  }

  /** @override */
  stream() {
    let at = 0;
    return new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: STEP_BYTES,
      pull: (controller) => {
        const request = /** @type {ReadableStreamBYOBRequest} */ (controller.byobRequest);
        const into = /** @type {Uint8Array} */ (request.view);
        const bytes = this.#bytes(at, Math.min(into.byteLength, this.#size - at));
        if (bytes.length === 0) controller.close();
        new Uint8Array(into.buffer, into.byteOffset).set(bytes);
        at += bytes.length;
        request.respond(bytes.length);
      },
    });
  }

  /**
   * Returns bytes in memory of their own, because whoever gets them may free it.
   *
   * @param {number} offset
   * @param {number} length
   */
  #bytes(offset, length) {
    return Uint8Array.from(this.#read(this.#from + offset, length));
  }
}

/** The bytes of a stream that are read at once. */
const STEP_BYTES = 1 << 20;
