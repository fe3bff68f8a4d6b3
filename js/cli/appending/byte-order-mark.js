const MARK = Buffer.from("\ufeff");

/**
 * Removes a byte order mark at the start: some editors and shells write one, and JSON allows none.
 *
 * @param {AsyncIterable<Buffer>} chunks of any length
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
export async function* withoutByteOrderMark(chunks) {
  /**
   * Bytes that may be the start of a mark; null after the start has passed.
   *
   * @type {Buffer | null}
   */
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (held === null) {
      yield chunk;
      continue;
    }
    /** @type {Buffer} */
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    if (bytes.length < MARK.length && MARK.subarray(0, bytes.length).equals(bytes)) {
      held = bytes;
      continue;
    }
    held = null;
    yield MARK.equals(bytes.subarray(0, MARK.length)) ? bytes.subarray(MARK.length) : bytes;
  }
  if (held !== null && held.length > 0) yield held;
}
