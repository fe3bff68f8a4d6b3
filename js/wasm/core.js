// Starts the core, gives access to its memory, and turns what it throws into errors.

import { initSync } from "../../dist/skill_log.js";
import { inlined } from "#wasm";
import { SkillLogError } from "../errors.js";
import { startError } from "./start-error.js";

/** @import { ErrorCode } from "../types.js" */

/** A global in Node and Bun. */
const { Buffer } = /** @type {any} */ (globalThis);

/** @type {WebAssembly.Module | null} the module that the core was started from */
let module = null;

/** @type {WebAssembly.Memory} */
let memory;

/**
 * Starts the core. A second call does nothing.
 *
 * @param {WebAssembly.Module} compiled
 * @throws {SkillLogError} `NOT_STARTED` when there is no memory for the core; `INVALID_ARGUMENT`
 *   when the module is not this package's
 */
export function start(compiled) {
  if (module) return;
  try {
    ({ memory } = initSync({ module: compiled }));
    view = new Uint8Array(memory.buffer);
  } catch (cause) {
    const message = "wasm: expected skill_log.wasm of this version of the package";
    throw startError(cause, "INVALID_ARGUMENT", message);
  }
  module = compiled;
}

/**
 * Returns the module that the core was started from, to start a core in another thread.
 *
 * @throws {SkillLogError} `NOT_STARTED`
 */
export function startedModule() {
  if (!module)
    throw new SkillLogError(
      "NOT_STARTED",
      "skill-log/slim has no wasm yet: await init(wasm) before any other call",
    );
  return module;
}

let view = new Uint8Array(0);

if (inlined) start(inlined);

/**
 * Returns a view of the core's memory. The next call into the core may make the view useless,
 * because the memory may grow.
 *
 * @param {number} at
 * @param {number} length
 */
export function bytesAt(at, length) {
  if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
  return view.subarray(at, at + length);
}

/**
 * Returns a view of 32-bit words, to the end of the core's memory. It lasts as long as that of
 * `bytesAt`.
 *
 * @param {number} at
 */
export function wordsAt(at) {
  return new Uint32Array(memory.buffer, at);
}

/**
 * Returns a view of numbers of 64 bits. It lasts as long as that of `bytesAt`.
 *
 * @param {number} at
 * @param {number} count
 */
export function numbersAt(at, count) {
  return new Float64Array(memory.buffer, at, count);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The most UTF-16 units of a string in V8. The core's tape can tell lengths somewhat beyond. */
export const LONGEST_TEXT = 0x1fff_ffe8;

/**
 * Decodes UTF-8 from the core's memory.
 *
 * @param {number} at
 * @param {number} length
 */
export function textAt(at, length) {
  try {
    const text = decoder.decode(bytesAt(at, length));
    if (text.length <= LONGEST_TEXT) return text;
  } catch (cause) {
    throw tooLong(length, cause);
  }
  throw tooLong(length);
}

/**
 * @param {number} length
 * @param {unknown} [cause]
 */
function tooLong(length, cause) {
  return new SkillLogError(
    "OUT_OF_MEMORY",
    `${length} bytes of text do not fit a JavaScript string`,
    { cause },
  );
}

/** Decodes ASCII several times as fast as a TextDecoder, which looks at each byte first. */
const { latin1Slice } = Buffer?.prototype ?? {};

/**
 * Decodes ASCII from the core's memory.
 *
 * @param {number} at
 * @param {number} length
 * @returns {string}
 */
export function asciiAt(at, length) {
  // textAt throws the error of a text that is too long.
  return latin1Slice && length <= LONGEST_TEXT
    ? latin1Slice.call(bytesAt(at, length))
    : textAt(at, length);
}

/**
 * Frees what a job holds in the core. Throws nothing: the core refuses this only after it stopped
 * in the middle of the job, and the job has thrown the error of that.
 *
 * @param {() => void} free
 */
export function giveBack(free) {
  try {
    free();
  } catch {
    // The core stopped before.
  }
}

/**
 * Makes the Error of what a call into the core threw. This is the only place that does.
 *
 * @param {unknown} thrown facts, from the core; a trap, from the engine; or another Error, which is
 *   returned
 * @param {{ name?: string, path?: string }} [of] what was read: `name` starts the message, `path`
 *   becomes a property of the error
 * @returns {Error}
 */
export function coreError(thrown, { name, path } = {}) {
  const where = path === undefined ? {} : { path };
  if (thrown instanceof WebAssembly.RuntimeError)
    return new SkillLogError(
      "OUT_OF_MEMORY",
      "the core stopped, most likely because it had too little memory",
      { cause: thrown, ...where },
    );
  if (thrown instanceof SkillLogError) Object.assign(thrown, where);
  if (thrown instanceof Error) return thrown;
  const { code, ...facts } = /** @type {{ code: ErrorCode, reason: string }} */ (thrown);
  const message = name === undefined ? facts.reason : `${name}: ${facts.reason}`;
  return new SkillLogError(code, message, { ...facts, ...where });
}

/**
 * Calls into the core and throws Errors only. `call` must run no other code that may throw: the
 * reason of an abort may be any value.
 *
 * @template T
 * @param {() => T} call
 * @param {{ name?: string, path?: string }} [of] as for `coreError`
 */
export function callCore(call, of) {
  try {
    return call();
  } catch (thrown) {
    throw coreError(thrown, of);
  }
}

/**
 * Tells whether the core stopped in the middle of a call. The object that was called then refuses
 * every other call.
 *
 * @param {unknown} error of `coreError`
 * @returns {error is SkillLogError}
 */
export function isStopped(error) {
  // The code is checked first, because a cause from the caller may throw when it is looked at.
  const isOutOfMemory = error instanceof SkillLogError && error.code === "OUT_OF_MEMORY";
  return isOutOfMemory && error.cause instanceof WebAssembly.RuntimeError;
}
