// What every storage gives to be read, and reading it through.

/**
 * Bytes by offset.
 *
 * @typedef {{
 *   name: string,
 *   identity: string | object,
 *   path?: string,
 *   size(): Promise<number>,
 *   read(offset: number, into: Uint8Array): Promise<number>,
 *   close(): Promise<void>,
 * }} Source `identity` tells it from others; `read` gives the bytes read: fewer than `into` takes only at the end of the file
 */

const CHUNK_BYTES = 1 << 18;

/**
 * Reads a source from an offset on, and one chunk ahead while a chunk is worked on.
 *
 * @param {Source} source
 * @param {number} from
 * @param {number} to reads ahead up to here; beyond, only what is asked for
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<{ bytes: Uint8Array, isLast: boolean }, void, void>} chunks, good until the next one is asked for
 */
export async function* chunksOf(source, from, to, signal) {
  signal?.throwIfAborted();
  // One is worked on while the other is filled.
  let [chunk, spare] = [new Uint8Array(CHUNK_BYTES), new Uint8Array(0)];
  let offset = from;
  /** @type {Promise<number> | undefined} */
  let reading;
  let wanted = 0;
  const start = (/** @type {Uint8Array} */ buffer) => {
    wanted = offset < to ? Math.min(CHUNK_BYTES, to - offset) : CHUNK_BYTES;
    return source.read(offset, buffer.subarray(0, wanted));
  };
  try {
    for (let isLast = false; !isLast; ) {
      reading ??= start(chunk);
      const count = await reading;
      reading = undefined;
      signal?.throwIfAborted();
      const bytes = chunk.subarray(0, count);
      offset += count;
      isLast = count < wanted;
      if (!isLast && offset < to) {
        if (spare.length === 0) spare = new Uint8Array(CHUNK_BYTES);
        [chunk, spare] = [spare, chunk];
        reading = start(chunk);
        // Thrown where it is awaited.
        reading.catch(() => {});
      }
      yield { bytes, isLast };
      signal?.throwIfAborted();
    }
  } finally {
    // Whoever closes the source must not do so under a read.
    await reading?.catch(() => {});
  }
}
