const MARK = Buffer.from("\ufeff");

/**
 * Leaves out the byte order mark that bytes start with, if they do: editors and shells write one, and JSON has none.
 *
 * @param {AsyncIterable<Buffer>} chunks of any length
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
export async function* withoutByteOrderMark(chunks) {
  /** What may be its beginning; null when that is known. @type {Buffer | null} */
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
