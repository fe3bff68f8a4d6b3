// Cuts texts that are longer than a limit in bytes of UTF-8.

const encoder = new TextEncoder();

/**
 * How far a text is looked at beyond its cut, in UTF-16 units: no secret is longer that has a shape,
 * so none is halved by a cut.
 */
export const LOOK_AHEAD = 1 << 16;

/** How many UTF-16 units are encoded at once. */
const STEP = 1 << 14;

/** Three bytes for each unit, the most that a unit takes. @type {Uint8Array | undefined} */
let scratch;

/** More bytes than any mark has: a number of bytes has up to ten digits. */
const LONGEST_MARK = 28;

/**
 * Returns what is written instead of the end of a text.
 *
 * @param {number} bytes
 */
function markOf(bytes) {
  return `…[cut: ${bytes} bytes]`;
}

/**
 * Measures a text in UTF-8, up to a limit. A surrogate without its partner takes three bytes, as
 * U+FFFD, which is written instead.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} [most]
 * @returns {{ end: number, bytes: number }} where the last code point ends that fits, and the bytes
 *   up to there
 */
function measured(text, from, most = Infinity) {
  scratch ??= new Uint8Array(3 * STEP);
  let end = from;
  let bytes = 0;
  while (end < text.length) {
    let next = Math.min(end + STEP, text.length);
    // No pair is divided.
    if (next < text.length && (text.charCodeAt(next - 1) & 0xfc00) === 0xd800) next -= 1;
    const room = most - bytes < scratch.length ? scratch.subarray(0, most - bytes) : scratch;
    const { read, written } = encoder.encodeInto(text.slice(end, next), room);
    bytes += written;
    end += read;
    if (end < next) break;
  }
  return { end, bytes };
}

/**
 * Returns where a text must be cut to have at most some bytes, with the mark after it.
 *
 * @param {string} text
 * @param {number} most
 * @returns {number} its length where it is not cut
 */
export function cutAt(text, most) {
  if (text.length * 3 <= most) return text.length;
  // No more than the limit is looked at, however long the text is.
  const { end, bytes } = measured(text, 0, most - LONGEST_MARK);
  return measured(text, end, most - bytes).end === text.length ? text.length : end;
}

/**
 * Cuts a text.
 *
 * @param {string} text
 * @param {number} end where it is cut
 * @param {string} start what is written instead of the text before the cut
 * @param {number} most
 * @returns {{ text: string, bytes: number }} at most as many bytes, the mark included; how many
 *   bytes the mark stands for
 */
export function cut(text, end, start, most) {
  const { end: kept } = measured(start, 0, most - LONGEST_MARK);
  const bytes = measured(text, end).bytes + measured(start, kept).bytes;
  return { text: start.slice(0, kept) + markOf(bytes), bytes };
}
