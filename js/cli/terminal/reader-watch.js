// Checks whether standard output still has a reader, without writing to it.

import fs from "node:fs";
import module from "node:module";

const STDOUT = 1;

/**
 * Returns a function that reports whether the reader of standard output has gone.
 *
 * @returns {(() => boolean) | null} null when this cannot be checked, and for files and terminals
 */
export function readerWatch() {
  // Tried only on Linux; elsewhere, the next write finds out.
  if (process.platform !== "linux") return null;
  const stat = fs.fstatSync(STDOUT);
  if (stat.isSocket()) return isSocketClosed;
  return stat.isFIFO() && isAnonymous() ? pipeWatch() : null;
}

/**
 * Reports whether the other side of a socket has stopped reading: then even an empty write fails.
 * Reading from the socket is no test, because it may be standard input too, and the other side may
 * read but not send.
 */
function isSocketClosed() {
  try {
    fs.writeSync(STDOUT, new Uint8Array(0));
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE";
  }
}

/** Reports whether the pipe has no name in a directory: a named pipe may get another reader. */
function isAnonymous() {
  try {
    return fs.readlinkSync(`/proc/self/fd/${STDOUT}`).startsWith("pipe:");
  } catch {
    return false;
  }
}

/** A WebAssembly module with one page of memory, from which WASI reads its arguments. */
const MEMORY = "AGFzbQEAAAAFAwEAAQcKAQZtZW1vcnkCAA==";

/** The offsets of the arguments and of the answer in that memory. */
const ASKED = 0;
const ANSWERS = 1024;
const COUNT = 2048;

/** The bytes of one question to WASI, and of one answer. */
const ASKED_LENGTH = 48;
const ANSWER_LENGTH = 32;

/** WASI's numbers for the awaited events, and for the error that POLLERR becomes. */
const CLOCK = 0;
const FD_WRITE = 2;
const EIO = 29;

/**
 * How long to wait for a full pipe, in nanoseconds. With less than a step of the clock, poll skips
 * the pipe.
 */
const PATIENCE = 2_000_000n;

/**
 * Returns a function that polls the pipe. An empty write to a pipe always succeeds, and Node offers
 * `poll` only in WASI. A pipe without a reader is in error, a full pipe is not ready, and polling
 * changes neither.
 *
 * @returns {(() => boolean) | null}
 */
function pipeWatch() {
  try {
    const { WASI } = quietly(() => module.createRequire(import.meta.url)("node:wasi"));
    const wasi = new WASI({ version: "preview1" });
    const instance = new WebAssembly.Instance(
      new WebAssembly.Module(Buffer.from(MEMORY, "base64")),
    );
    wasi.initialize(instance);
    const view = new DataView(/** @type {WebAssembly.Memory} */ (instance.exports.memory).buffer);
    return () => isInError(view, wasi.wasiImport.poll_oneoff);
  } catch {
    // This Node has no WASI or does not permit it, or there is no memory for it.
    return null;
  }
}

/**
 * @param {DataView} view
 * @param {(asked: number, answers: number, length: number, count: number) => number} poll
 */
function isInError(view, poll) {
  new Uint8Array(view.buffer).fill(0, ASKED, COUNT + 4);
  view.setUint8(ASKED + 8, FD_WRITE);
  view.setUint32(ASKED + 16, STDOUT, true);
  view.setUint8(ASKED + ASKED_LENGTH + 8, CLOCK);
  // The monotonic clock.
  view.setUint32(ASKED + ASKED_LENGTH + 16, 1, true);
  view.setBigUint64(ASKED + ASKED_LENGTH + 24, PATIENCE, true);
  if (poll(ASKED, ANSWERS, 2, COUNT) !== 0) return false;
  return Array.from(
    { length: view.getUint32(COUNT, true) },
    (_, nth) => ANSWERS + nth * ANSWER_LENGTH,
  ).some((at) => view.getUint8(at + 10) === FD_WRITE && view.getUint16(at + 8, true) === EIO);
}

/**
 * Loads a module without Node's warning that it is experimental.
 *
 * @template T
 * @param {() => T} load
 */
function quietly(load) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
