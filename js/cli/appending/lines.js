// Splits a stream of chunks into lines.

export const LINE_END = 0x0a;

/**
 * `number`: counted from 1; `bytes`: without the line end, or null for a line that is too long.
 *
 * @typedef {{ number: number, bytes: Buffer | null }} Line
 */

/**
 * Splits chunks at line ends, and yields together all lines that a chunk completes. Blank lines are
 * skipped. The last line needs no line end.
 *
 * @param {AsyncIterable<Buffer>} chunks
 * @param {number} longest the most bytes of a line; no bytes of a longer line are held
 * @returns {AsyncGenerator<Line[], void, void>}
 */
export async function* linesOf(chunks, longest) {
  let number = 0;
  /** The chunks of the line that has not ended. */
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
 * Reports whether a line has only spaces, tabs and carriage returns.
 *
 * @param {Buffer} line
 */
function isBlank(line) {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
