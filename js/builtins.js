// Recognizes built-in values of any realm. `instanceof` fails for values of another realm, as in
// test runners that load code into a context of its own.

/**
 * Returns the tag that JavaScript or the platform puts on a value, such as "Date".
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
 * Returns the time of a Date, in milliseconds since 1970; undefined for any other value. Calls no
 * method of the value.
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
 * Tells whether a value is a Uint8Array. A Buffer is one.
 *
 * @param {unknown} value
 * @returns {value is Uint8Array}
 */
export function isBytes(value) {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint8Array";
}

/**
 * Tells whether a value is a Uint32Array, as lists of rows are.
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
 * Tells whether a value is an Error. Node's modules throw errors of another realm, and so do
 * browsers in frames.
 *
 * @param {unknown} value
 * @returns {value is Error & { code?: unknown }}
 */
export function isError(value) {
  return value instanceof Error || ["Error", "DOMException"].includes(tagOf(value));
}

/**
 * Returns the primitive value of a wrapper such as `Object(1n)`, and any other value as it is.
 * Calls no method of the value.
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
    // The value only has the tag of a wrapper.
    return value;
  }
}

/** @type {Record<string, { prototype: { valueOf(): unknown } } | undefined>} */
const boxes = Object.assign(Object.create(null), { Number, String, Boolean, BigInt });
