// Whether anybody reads standard output any more, found out without writing to it.

import fs from "node:fs";
import module from "node:module";

const STDOUT = 1;

/**
 * Gives what tells whether the reader of standard output has gone.
 *
 * @returns {(() => boolean) | null} null where that cannot be found out, or where no reader can go: files and terminals are left alone
 */
export function readerWatch() {
  // Elsewhere nobody has tried this: the next write tells.
  if (process.platform !== "linux") return null;
  const stat = fs.fstatSync(STDOUT);
  if (stat.isSocket()) return isSocketClosed;
  return stat.isFIFO() && isAnonymous() ? pipeWatch() : null;
}

/**
 * Tells whether the other side of a socket reads no more. A write of nothing fails then, as every other would. Reading would not do:
 * whoever sends no more may well read on, and what is read may be standard input's.
 */
function isSocketClosed() {
  try {
    fs.writeSync(STDOUT, new Uint8Array(0));
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE";
  }
}

/** Tells whether no reader can come back: to a pipe that has a name in a directory, one can. */
function isAnonymous() {
  try {
    return fs.readlinkSync(`/proc/self/fd/${STDOUT}`).startsWith("pipe:");
  } catch {
    return false;
  }
}

/** A module that has a page of memory, and nothing else: WASI takes its arguments from there. */
const MEMORY = "AGFzbQEAAAAFAwEAAQcKAQZtZW1vcnkCAA==";

/** Where the arguments are in that memory, and where the answer comes. */
const ASKED = 0;
const ANSWERS = 1024;
const COUNT = 2048;

/** The lengths of what WASI is asked and of what it answers, in bytes. */
const ASKED_LENGTH = 48;
const ANSWER_LENGTH = 32;

/** WASI's numbers: what is waited for, and the error that the system's POLLERR comes as. */
const CLOCK = 0;
const FD_WRITE = 2;
const EIO = 29;

/** How long is waited where a pipe is full, in nanoseconds. With less than the clock's step, no pipe is looked at. */
const PATIENCE = 2_000_000n;

/**
 * Gives what asks the system about a pipe. A write of nothing always succeeds there, and Node has `poll` only within WASI: a pipe without a
 * reader is in error, one that is full is not ready, and both are left as they were.
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
    // Not every Node has it, nor lets everybody use it; nor is there always memory for it.
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
  // A clock that goes on whatever the time of day is set to.
  view.setUint32(ASKED + ASKED_LENGTH + 16, 1, true);
  view.setBigUint64(ASKED + ASKED_LENGTH + 24, PATIENCE, true);
  if (poll(ASKED, ANSWERS, 2, COUNT) !== 0) return false;
  return Array.from(
    { length: view.getUint32(COUNT, true) },
    (_, nth) => ANSWERS + nth * ANSWER_LENGTH,
  ).some((at) => view.getUint8(at + 10) === FD_WRITE && view.getUint16(at + 8, true) === EIO);
}

/**
 * Loads what Node warns of, as it may change: where it does, nothing is found out.
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
