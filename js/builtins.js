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
 * Returns the time of a Date, in milliseconds since 1970, whatever methods it has of its own; undefined for what is none.
 *
 * @param {unknown} value
 */
export function timeOf(value) {
  if (typeof value !== "object") return undefined;
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
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
 * Returns the value in a box, as `Object(1n)` makes one, and any other value as it is. Runs none of the box's own methods.
 *
 * @param {object} value
 * @returns {unknown}
 */
export function unboxed(value) {
  const box = boxes[tagOf(value)];
  if (!box) return value;
  try {
    return box.prototype.valueOf.call(value);
  } catch {
    // It only says that it is one.
    return value;
  }
}

/** @type {Record<string, { prototype: { valueOf(): unknown } } | undefined>} */
const boxes = Object.assign(Object.create(null), { Number, String, Boolean, BigInt });
