// Bytes that come chunk by chunk → lines.

const LINE_END = 0x0a;

/**
 * A line without its line end, and its number, counted from 1; null for one that is too long.
 *
 * @typedef {{ number: number, bytes: Buffer | null }} Line
 */

/**
 * Splits what comes at line ends, and gives at once all the lines that a chunk completes. Lines of nothing but blanks are left out. The last
 * line need not have an end.
 *
 * @param {AsyncIterable<Buffer>} chunks
 * @param {number} longest bytes that a line may have; of a longer one nothing is held
 * @returns {AsyncGenerator<Line[], void, void>}
 */
export async function* linesOf(chunks, longest) {
  let number = 0;
  /** What has come of the line that has not ended. */
  let begun = /** @type {Buffer[]} */ ([]);
  let length = 0;
  const add = (/** @type {Buffer} */ bytes) => {
    length += bytes.length;
    if (length > longest) begun = [];
    else if (bytes.length > 0) begun.push(bytes);
  };
  const ended = () => {
    number += 1;
    const bytes = length > longest ? null : begun.length === 1 ? begun[0] : Buffer.concat(begun);
    begun = [];
    length = 0;
    return bytes && isBlank(bytes) ? [] : [{ number, bytes }];
  };
  for await (const chunk of chunks) {
    const lines = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      add(chunk.subarray(start, end));
      lines.push(...ended());
      start = end + 1;
    }
    add(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  const last = ended();
  if (last.length > 0) yield last;
}

/**
 * Tells whether there are only spaces, tabs and carriage returns.
 *
 * @param {Buffer} line
 */
function isBlank(line) {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
