// Prints numbers of bytes for people.

import prettyBytes from "pretty-bytes";

/** The texts of sizes with three digits. @type {Map<number, string>} */
const texts = new Map();

/**
 * Returns a number of bytes for people, as `prettyBytes` does, which shows three digits: most of
 * thousands of sizes have the text of another one.
 *
 * @param {number} bytes
 */
export function sizeText(bytes) {
  const unit = bytes < 1e3 ? 1 : bytes < 1e4 ? 10 : bytes < 1e5 ? 100 : bytes < 1e6 ? 1e3 : 0;
  // `prettyBytes` rounds a half up or down, as the binary fraction is.
  if (unit === 0 || (bytes % unit) * 2 === unit) return prettyBytes(bytes);
  const rounded = Math.round(bytes / unit) * unit;
  let text = texts.get(rounded);
  if (text === undefined) {
    text = prettyBytes(rounded);
    texts.set(rounded, text);
  }
  return text;
}
