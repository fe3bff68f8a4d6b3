// Reads a source chunk by chunk, ahead of whoever works on the chunks.

/** @import { Source } from "./storage.js" */

/** How coarse the times of files may be, in milliseconds: those of FAT are of two seconds. */
const COARSEST_TIMES = 2000;

/**
 * Tells whether a file that was changed at a time would have another time if it were changed now.
 *
 * @param {number} changed in milliseconds; a time to come is that of another clock
 */
export function isSettled(changed) {
  return Date.now() - changed > COARSEST_TIMES;
}

/** The first chunk is small, because most logs are. */
const FIRST_CHUNK_BYTES = 1 << 16;

const CHUNK_BYTES = 1 << 20;

/**
 * Gives the memory of bytes back that nobody needs any more: a collector, which sees little of it, would let hundreds of megabytes lie.
 *
 * @param {Uint8Array} bytes
 */
export function letGo({ buffer }) {
  // Not in every browser yet.
  /** @type {any} */ (buffer).transfer?.(0);
}

/** Reads a stretch of a source while another one is worked on. */
export class ReadAhead {
  #source;
  /** One is filled while the other is worked on. */
  #buffers = [new Uint8Array(0), new Uint8Array(0)];
  /** @type {Promise<number> | null} */
  #reading = null;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
  }

  get isReading() {
    return this.#reading !== null;
  }

  /**
   * Starts to read; what was read before must have been taken.
   *
   * @param {number} offset
   * @param {number} length
   */
  start(offset, length) {
    let [buffer] = this.#buffers;
    if (buffer.length < length) buffer = this.#buffers[0] = new Uint8Array(length);
    this.#reading = this.#source.read(offset, buffer.subarray(0, length));
    // Thrown where it is awaited.
    this.#reading.catch(() => {});
  }

  /**
   * Gives what was read.
   *
   * @returns {Promise<Uint8Array>} good until the next one is taken; shorter than what was asked for only at the end of the file
   */
  async take() {
    const count = await this.#reading;
    this.#reading = null;
    const [buffer, spare] = this.#buffers;
    this.#buffers = [spare, buffer];
    return buffer.subarray(0, count ?? 0);
  }

  /** Ends a read that nobody takes, or waits for it: whoever closes the source must not do so under it. */
  async settle() {
    if (this.#reading) this.#source.cancel?.();
    await this.#reading?.catch(() => {});
  }
}

/**
 * Reads a source from an offset on, chunk by chunk.
 *
 * @param {Source} source
 * @param {number} from
 * @param {number} to reads ahead up to here; beyond, only what is asked for
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<{ bytes: Uint8Array, isLast: boolean }, void, void>} chunks, good until the next one is asked for
 */
export async function* chunksOf(source, from, to, signal) {
  signal?.throwIfAborted();
  const ahead = new ReadAhead(source);
  let offset = from;
  const wanted = () =>
    Math.min(
      offset === from ? FIRST_CHUNK_BYTES : CHUNK_BYTES,
      offset < to ? to - offset : CHUNK_BYTES,
    );
  try {
    for (let isLast = false; !isLast; ) {
      if (!ahead.isReading) ahead.start(offset, wanted());
      const bytes = await ahead.take();
      signal?.throwIfAborted();
      isLast = bytes.length < wanted();
      offset += bytes.length;
      if (!isLast && offset < to) ahead.start(offset, wanted());
      yield { bytes, isLast };
      signal?.throwIfAborted();
    }
  } finally {
    await ahead.settle();
  }
}
