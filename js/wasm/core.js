// Starts the core, and lends its memory out.

import { initSync } from "../../dist/skill_log.js";
import { inlined } from "#wasm";
import { SkillLogError } from "../errors.js";
import { startError } from "./start-error.js";

/** @import { ErrorCode } from "../types.js" */

/** Node's own, and that of others who have one. */
const { Buffer } = /** @type {any} */ (globalThis);

/** @type {WebAssembly.Module | null} what the core was started from */
let module = null;

/** @type {WebAssembly.Memory} */
let memory;

/**
 * Starts the core; does nothing where it was started.
 *
 * @param {WebAssembly.Module} compiled
 * @throws {SkillLogError} `NOT_STARTED` where there is no memory for it; `INVALID_ARGUMENT` where it is another module
 */
export function start(compiled) {
  if (module) return;
  try {
    ({ memory } = initSync({ module: compiled }));
    view = new Uint8Array(memory.buffer);
  } catch (cause) {
    const message = "wasm: expected the package's own skill_log.wasm, of the same version";
    throw startError(cause, "INVALID_ARGUMENT", message);
  }
  module = compiled;
}

/**
 * Gives what the core was started from, for others to start theirs.
 *
 * @throws {SkillLogError} `NOT_STARTED`
 */
export function startedModule() {
  if (!module)
    throw new SkillLogError(
      "NOT_STARTED",
      "skill-log/slim has no wasm yet: call init(wasm), and wait for it, before anything else",
    );
  return module;
}

let view = new Uint8Array(0);

if (inlined) start(inlined);

/**
 * Gives a view of the core's memory, good until the next call into the core: it may grow then.
 *
 * @param {number} at
 * @param {number} length
 */
export function bytesAt(at, length) {
  if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
  return view.subarray(at, at + length);
}

/**
 * Gives a view of 32-bit words, to the end of the core's memory; good as long as the one of `bytesAt`.
 *
 * @param {number} at
 */
export function wordsAt(at) {
  return new Uint32Array(memory.buffer, at);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-16 units that V8's strings have at most, and some more than which the core can say the length of a string with. */
export const LONGEST_TEXT = 0x1fff_ffe8;

/**
 * Decodes bytes of the core's memory that are UTF-8.
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

/** Where there is a Buffer, it makes strings of ASCII some times as fast as a TextDecoder does, which looks at each byte first. */
const { latin1Slice } = Buffer?.prototype ?? {};

/**
 * Decodes bytes of the core's memory that are ASCII.
 *
 * @param {number} at
 * @param {number} length
 * @returns {string}
 */
export function asciiAt(at, length) {
  // What does not fit a string is for textAt to say.
  return latin1Slice && length <= LONGEST_TEXT
    ? latin1Slice.call(bytesAt(at, length))
    : textAt(at, length);
}

/**
 * Gives back what a job held in the core. Where the core stopped in the middle of the job, it refuses to: the error that
 * tells why is the one that is thrown already.
 *
 * @param {() => void} release
 */
export function giveBack(release) {
  try {
    release();
  } catch {
    // Nothing else makes it fail.
  }
}

/**
 * Makes the Error of what a call into the core threw. Nothing else does.
 *
 * @param {unknown} thrown facts, from the core; a trap, from the engine; or an Error of another origin, which is returned as it is
 * @param {{ name?: string, path?: string }} [of] what was read: `name` starts the message, `path` is a fact of the error
 * @returns {Error}
 */
export function coreError(thrown, { name, path } = {}) {
  const where = path === undefined ? {} : { path };
  if (thrown instanceof WebAssembly.RuntimeError)
    return new SkillLogError(
      "OUT_OF_MEMORY",
      "the core stopped; most likely memory did not suffice",
      { cause: thrown, ...where },
    );
  if (thrown instanceof SkillLogError) Object.assign(thrown, where);
  if (thrown instanceof Error) return thrown;
  const { code, ...facts } = /** @type {{ code: ErrorCode, reason: string }} */ (thrown);
  const message = name === undefined ? facts.reason : `${name}: ${facts.reason}`;
  return new SkillLogError(code, message, { ...facts, ...where });
}

/**
 * Calls into the core; what is thrown is an Error. Not to be used around anybody else's code: the reason of an abort may be any value.
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
 * Tells whether the core stopped in the middle of a call: what it worked on then refuses every other call.
 *
 * @param {unknown} error of `coreError`
 * @returns {error is SkillLogError}
 */
export function isStopped(error) {
  // The code first: a cause of the caller's may be an object that throws when it is looked at.
  const isOutOfMemory = error instanceof SkillLogError && error.code === "OUT_OF_MEMORY";
  return isOutOfMemory && error.cause instanceof WebAssembly.RuntimeError;
}
