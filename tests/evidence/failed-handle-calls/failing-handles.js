// Replaces methods of the browser's handles, so that the n-th call fails.

/**
 * @typedef {"open" | "create" | "size" | "read" | "write" | "flush" | "close" | "list" | "remove"}
 *   Kind of a call
 */

/**
 * How calls fail.
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} [error] the name of a DOMException; absent where a call does less than it was
 *   asked to
 * @property {readonly Kind[]} kinds the calls that it hits
 * @property {boolean} [isLasting] whether all later calls fail too
 */

/** @type {readonly Kind[]} */
const growing = ["create", "write", "flush"];

/** @type {readonly Kind[]} */
const all = [...growing, "open", "size", "read", "close", "list", "remove"];

/** @type {readonly Fault[]} */
export const faults = [
  { name: "InvalidStateError", error: "InvalidStateError", kinds: all },
  { name: "UnknownError", error: "UnknownError", kinds: all },
  { name: "UnknownError from then on", error: "UnknownError", kinds: all, isLasting: true },
  { name: "QuotaExceededError", error: "QuotaExceededError", kinds: growing },
  {
    name: "QuotaExceededError from then on",
    error: "QuotaExceededError",
    kinds: growing,
    isLasting: true,
  },
  {
    name: "NoModificationAllowedError",
    error: "NoModificationAllowedError",
    kinds: ["open", "create", "remove"],
  },
  {
    name: "NotAllowedError",
    error: "NotAllowedError",
    kinds: ["open", "create", "list", "remove"],
  },
  { name: "NotReadableError", error: "NotReadableError", kinds: ["open", "read"] },
  { name: "short write", kinds: ["write"] },
  { name: "short read", kinds: ["read"] },
];

/** The methods of each class that may fail: no browser has `close` of an exclusive handle fail. @type {[owner: any, Record<string, Kind>][]} */
const methods = [
  [
    globalThis.FileSystemSyncAccessHandle,
    {
      read: "read",
      write: "write",
      flush: "flush",
      getSize: "size",
      truncate: "write",
    },
  ],
  [
    globalThis.FileSystemFileHandle,
    { createSyncAccessHandle: "open", createWritable: "open", getFile: "open" },
  ],
  [
    globalThis.FileSystemDirectoryHandle,
    {
      getFileHandle: "create",
      getDirectoryHandle: "create",
      removeEntry: "remove",
      entries: "list",
      values: "list",
      keys: "list",
    },
  ],
  [globalThis.FileSystemWritableFileStream, { write: "write", close: "close" }],
  [globalThis.Blob, { arrayBuffer: "read", text: "read" }],
];

/** Counts the calls of handles, and has them fail. */
export class FailingHandles {
  /** @type {Fault | null} */
  #fault = null;
  #nth = 0;
  #count = 0;
  /** What failed. @type {string[]} */
  fired = [];

  constructor() {
    for (const [owner, kinds] of methods)
      for (const [name, kind] of Object.entries(kinds))
        if (owner?.prototype[name]) this.#replace(owner.prototype, name, kind);
  }

  /** How many calls the fault could hit. */
  get count() {
    return this.#count;
  }

  /**
   * Has calls fail from now on.
   *
   * @param {Fault} fault
   * @param {number} nth the first call that fails, from 1
   */
  fail(fault, nth) {
    this.#fault = fault;
    this.#nth = nth;
    this.#count = 0;
    this.fired = [];
  }

  /** Has no call fail any more. */
  lift() {
    this.#fault = null;
  }

  /**
   * @param {any} prototype
   * @param {string} name
   * @param {Kind} kind
   */
  #replace(prototype, name, kind) {
    const real = prototype[name];
    const hit = (/** @type {any[]} */ args) => this.#hit(`${kind} (${name})`, kind, args);
    prototype[name] = function (/** @type {any[]} */ ...args) {
      const failure = hit(args);
      if (!failure) return real.apply(this, args);
      if (failure.error === undefined) return less(this, real, args, kind);
      const error = new DOMException("a planted failure", failure.error);
      // A file that failed to close would be held for ever, and no caller could do a thing.
      if (name === "close") return after(real.apply(this, args), error);
      if (real.constructor.name === "AsyncFunction" || isPromised(prototype, name))
        return Promise.reject(error);
      throw error;
    };
  }

  /**
   * Counts a call, and returns the fault that hits it.
   *
   * @param {string} what
   * @param {Kind} kind
   * @param {any[]} args
   */
  #hit(what, kind, args) {
    const fault = this.#fault;
    if (!fault?.kinds.includes(kind)) return null;
    // A look for what is not there yet, and no creation.
    if (kind === "create" && fault.name.startsWith("Quota") && !args[1]?.create) return null;
    this.#count += 1;
    if (this.#count < this.#nth || (this.#count > this.#nth && !fault.isLasting)) return null;
    this.fired.push(what);
    return fault;
  }
}

/**
 * Does the half of a call.
 *
 * @param {any} handle
 * @param {Function} real
 * @param {any[]} args
 * @param {Kind} kind
 */
function less(handle, real, [bytes, ...rest], kind) {
  if (!ArrayBuffer.isView(bytes))
    return real.call(handle, ...(bytes === undefined ? [] : [bytes]), ...rest);
  const half = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
  // A read of one byte has no half.
  if (kind === "read" && half.length === 0) return real.call(handle, bytes, ...rest);
  return real.call(handle, half, ...rest);
}

/**
 * Throws once a call has ended.
 *
 * @param {unknown} result
 * @param {DOMException} error
 */
function after(result, error) {
  if (result instanceof Promise) return result.then(() => Promise.reject(error));
  throw error;
}

/** @param {any} prototype @param {string} name */
function isPromised(prototype, name) {
  const ownsPromises =
    prototype !== globalThis.FileSystemSyncAccessHandle?.prototype &&
    !["entries", "values", "keys"].includes(name);
  return ownsPromises;
}
