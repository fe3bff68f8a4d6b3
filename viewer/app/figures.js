// Numbers in few characters.

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** `toLocaleString` would look for it in each call, and each row has such numbers. */
const NUMBERS = new Intl.NumberFormat("en");

/**
 * Returns a size, such as `1.2 MB`: a KB is 1,000 bytes, as file managers have it.
 *
 * @param {number} bytes
 */
export function bytesText(bytes) {
  let unit = 0;
  let size = bytes;
  // What would be rounded to 1000 is 1 of the next unit.
  while (Math.round(size * 10) / 10 >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/**
 * Returns a whole number with separators.
 *
 * @param {number} count
 */
export function countText(count) {
  return NUMBERS.format(count);
}

/**
 * Returns a number and what is counted: `1 entry`, `2 entries`.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function counted(count, one, many) {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
