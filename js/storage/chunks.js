// Reads a source chunk by chunk. The next chunk is read while the caller works on the last one.

/** @import { Source } from "./storage.js" */

/** The resolution of the coarsest file times, in milliseconds: FAT has two seconds. */
const COARSEST_TIMES = 2000;

/**
 * Returns whether the next change of a file will change the time of the file. After a recent
 * change, the next change may get the same time.
 *
 * @param {number} changed in milliseconds since 1970; a time in the future is that of another clock
 */
export function showsNextChange(changed) {
  return Date.now() - changed > COARSEST_TIMES;
}

/** The first chunk is small, because most logs are small. */
const FIRST_CHUNK_BYTES = 1 << 16;

const CHUNK_BYTES = 1 << 20;

/**
 * Frees the memory of bytes or numbers. A garbage collector sees little of it and may leave hundreds
 * of megabytes.
 *
 * @param {{ buffer: ArrayBufferLike }} values
 */
export function freeBuffer({ buffer }) {
  // A buffer that was sent or freed has no bytes. Not every browser has `transfer` yet.
  if (buffer.byteLength > 0) /** @type {any} */ (buffer).transfer?.(0);
}

/** Reads a range of a source while the caller works on the range before it. */
export class ReadAhead {
  #source;
  /** The first buffer is filled while the caller works on the second. */
  #buffers = [new Uint8Array(0), new Uint8Array(0)];
  /** @type {Promise<number> | null} */
  #reading = null;

  /** @param {Source} source */
  constructor(source) {
    this.#source = source;
  }

  /**
   * Reads another source from now on. Every range of the source before must have been taken.
   *
   * @param {Source} source
   */
  use(source) {
    this.#source = source;
  }

  get isReading() {
    return this.#reading !== null;
  }

  /**
   * Starts to read a range. The range before must have been taken.
   *
   * @param {number} offset
   * @param {number} length
   */
  start(offset, length) {
    let [buffer] = this.#buffers;
    if (buffer.length < length) buffer = this.#buffers[0] = new Uint8Array(length);
    this.#reading = this.#source.read(offset, buffer.subarray(0, length));
    // `take` throws the error.
    this.#reading.catch(() => {});
  }

  /**
   * Returns the bytes of the range.
   *
   * @returns {Promise<Uint8Array>} lasts until the next range is taken; shorter than requested only
   *   at the end of the file
   */
  async take() {
    const count = await this.#reading;
    this.#reading = null;
    const [buffer, spare] = this.#buffers;
    this.#buffers = [spare, buffer];
    return buffer.subarray(0, count ?? 0);
  }

  /** Ends a read that nobody will take. Call this before the source is closed. */
  async settle() {
    if (this.#reading) this.#source.cancel?.();
    await this.#reading?.catch(() => {});
  }
}

/**
 * Reads a source from an offset to its end, chunk by chunk.
 *
 * @param {Source} source
 * @param {number} from
 * @param {number} to reads ahead up to this offset; after it, only when the caller asks for a chunk
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<{ bytes: Uint8Array, isLast: boolean }, void, void>} each chunk lasts
 *   until the caller asks for the next
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
      // Where a source may fail, the next read throws why, or returns nothing.
      isLast = source.mayFail ? bytes.length === 0 : bytes.length < wanted();
      offset += bytes.length;
      if (!isLast && offset < to) ahead.start(offset, wanted());
      yield { bytes, isLast };
      signal?.throwIfAborted();
    }
  } finally {
    await ahead.settle();
  }
}

/**
 * Returns where a source ends, for who starts to read there.
 *
 * @param {Source} source
 * @param {number} [to] up to where bytes are wanted
 * @throws {SkillLogError} when its last bytes cannot be read, and are wanted
 */
export async function endOf(source, to = Infinity) {
  const size = await source.size();
  if (source.mayFail && to > size) await source.read(size, new Uint8Array(1));
  return size;
}
