// The head of a batch of rows, which the core's src/index/row_batch.rs describes. The server names
// its logs there, and the client its own.

/** Numbers of a section: the log, three of the reader's, how many rows are provisional, and rows. */
const SECTION_WORDS = 6;

const WORD_BYTES = 8;

/** Bytes of a row. */
export const ROW_BYTES = 56;

/** The columns of text. */
const COLUMNS = 4;

/**
 * A log of a batch.
 *
 * @typedef {{ log: number, provisional: number, rows: number }} Section `provisional`: how many of the
 *   last rows may change with the next bytes
 */

/**
 * Reads where the parts of a batch are.
 *
 * @param {Uint8Array} bytes
 * @returns {{ sections: Section[], sectionsAt: number, rowsAt: number } | null} null where the bytes
 *   are no batch
 */
export function sectionsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const word = () => {
    if (at + WORD_BYTES > bytes.length) return NaN;
    const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    at += WORD_BYTES;
    return value;
  };
  const count = word();
  for (let column = 0; column < COLUMNS; column += 1) {
    word();
    const texts = word();
    // Each text takes bytes, so that this ends soon even where the number is wrong.
    for (let text = 0; text < texts; text += 1) {
      const length = word();
      at += length;
      if (!(at <= bytes.length)) return null;
    }
  }
  const sectionsAt = at;
  /** @type {Section[]} */
  const sections = [];
  let rows = 0;
  for (let section = 0; section < count; section += 1) {
    const [log, , , , provisional, own] = Array.from({ length: SECTION_WORDS }, word);
    if (!(provisional <= own)) return null;
    sections.push({ log, provisional, rows: own });
    rows += own;
  }
  const isWhole = sections.length === count && at + rows * ROW_BYTES === bytes.length;
  return isWhole ? { sections, sectionsAt, rowsAt: at } : null;
}

/**
 * Makes a batch of other sections: logs without rows may be added, logs may be left out, and may have
 * other numbers.
 *
 * @param {Uint8Array} bytes
 * @param {{ sectionsAt: number }} places
 * @param {readonly (Section & { at: number })[]} sections `at` is where their rows start
 */
export function withSections(bytes, { sectionsAt }, sections) {
  let next = sectionsAt + sections.length * SECTION_WORDS * WORD_BYTES;
  const rows = sections.reduce((sum, section) => sum + section.rows, 0);
  const batch = new Uint8Array(next + rows * ROW_BYTES);
  const view = new DataView(batch.buffer);
  batch.set(bytes.subarray(0, sectionsAt));
  for (const { at, rows } of sections) {
    batch.set(bytes.subarray(at, at + rows * ROW_BYTES), next);
    next += rows * ROW_BYTES;
  }
  const write = (/** @type {number} */ at, /** @type {number} */ value) => {
    view.setUint32(at, value % 2 ** 32, true);
    view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  };
  write(0, sections.length);
  for (const [number, { log, provisional, rows }] of sections.entries()) {
    const at = sectionsAt + number * SECTION_WORDS * WORD_BYTES;
    // Where its rows start and end is known to the index that reads the file alone.
    for (const [word, value] of [log, 0, 0, 0, provisional, rows].entries())
      write(at + word * WORD_BYTES, value);
  }
  return batch;
}

/**
 * Returns the largest length of a row, and the largest end of one, of rows of a batch.
 *
 * @param {Uint8Array} bytes
 * @param {number} at where the rows start
 * @param {number} count
 */
export function extentOf(bytes, at, count) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [longest, end] = [0, 0];
  for (let row = 0; row < count; row += 1) {
    const start = at + row * ROW_BYTES;
    const offset = view.getUint32(start, true) + view.getUint32(start + 4, true) * 2 ** 32;
    const length = view.getUint32(start + 8, true);
    longest = Math.max(longest, length);
    end = Math.max(end, offset + length);
  }
  return { longest, end };
}
