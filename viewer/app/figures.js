// Numbers and times in few characters.

const UNITS = ["B", "KB", "MB", "GB", "TB"];

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
  return count.toLocaleString("en");
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

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Returns how long ago an instant was, such as `3 min`; beyond a week its day.
 *
 * @param {number} instant in milliseconds since 1970
 * @param {number} now
 */
export function agoText(instant, now) {
  const age = now - instant;
  const date = new Date(instant);
  if (Number.isNaN(instant)) return "";
  // Clocks of two machines differ a little.
  if (age >= -MINUTE && age < MINUTE) return "now";
  if (age > 0 && age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age > 0 && age < DAY) return `${Math.floor(age / HOUR)} h`;
  if (age > 0 && age < 7 * DAY) return `${Math.floor(age / DAY)} d`;
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${date.getFullYear()}`;
}
