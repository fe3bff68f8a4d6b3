// Tells built-in values apart also where they come from another realm, as in test runners that load code into a
// context of its own: instanceof would not.

/**
 * Gives what kind of a value the language or the platform says it is, as "Date".
 *
 * @param {unknown} value
 */
export function tagOf(value) {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/**
 * @param {unknown} value
 * @returns {value is Date}
 */
export function isDate(value) {
  return tagOf(value) === "Date";
}

/**
 * Tells whether a value is a Uint8Array, a Buffer included.
 *
 * @param {unknown} value
 * @returns {value is Uint8Array}
 */
export function isBytes(value) {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint8Array";
}

/**
 * Tells whether a value is a Uint32Array, as a list of rows is.
 *
 * @param {unknown} value
 * @returns {value is Uint32Array}
 */
export function isRows(value) {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint32Array";
}

/**
 * @param {unknown} value
 * @returns {value is Blob}
 */
export function isBlob(value) {
  return tagOf(value) === "Blob" || isFile(value);
}

/**
 * @param {unknown} value
 * @returns {value is File}
 */
export function isFile(value) {
  return tagOf(value) === "File";
}

/**
 * @param {unknown} value
 * @returns {value is URL}
 */
export function isUrl(value) {
  return tagOf(value) === "URL";
}

/**
 * Tells whether a value is an Error, as those are that Node's modules throw into another realm, and browsers into frames.
 *
 * @param {unknown} value
 * @returns {value is Error & { code?: unknown }}
 */
export function isError(value) {
  return value instanceof Error || ["Error", "DOMException"].includes(tagOf(value));
}

/**
 * Gives the number in an object that is one in a box, and any other value as it is.
 *
 * @param {unknown} value
 */
export function unboxed(value) {
  if (typeof value !== "object" || value === null) return value;
  const tag = tagOf(value);
  return tag === "Number" || tag === "BigInt" ? value.valueOf() : value;
}
