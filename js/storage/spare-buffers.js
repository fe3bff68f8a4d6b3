// Buffers that cross between the threads of a page again and again. A browser holds a buffer that
// crossed until it collects garbage, which a hundred megabytes of them do not make it do.

import { freeBuffer } from "./chunks.js";

/** The most buffers that are kept, and the largest one, in bytes. */
const MOST_KEPT = 4;
const LARGEST_KEPT = 4 << 20;

/** The lengths of buffers are multiples of this, so that a buffer fits what is sent next. */
const STEP_BYTES = 1 << 17;

/**
 * Whether this is a browser. Elsewhere `transfer` frees any buffer: Node, Bun and Deno have
 * `setImmediate`, and workerd has no ports that take buffers.
 */
const isBrowser = !("setImmediate" in globalThis) && "BroadcastChannel" in globalThis;

/** @type {ArrayBuffer[]} */
const spares = [];

/** @type {MessagePort | undefined} */
let closedPort;

/**
 * Frees the memory of bytes that another thread sent, or that a browser read a Blob into. Chromium
 * holds these even after `transfer`. A port that is closed takes the bytes, and drops them.
 *
 * @param {{ buffer: ArrayBufferLike }} values
 */
export function freeReceived(values) {
  const { buffer } = values;
  if (!isBrowser || !(buffer instanceof ArrayBuffer)) {
    freeBuffer(values);
    return;
  }
  if (buffer.byteLength === 0) return;
  if (!closedPort) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    port1.close();
    closedPort = port1;
  }
  closedPort.postMessage(null, [buffer]);
}

/**
 * Keeps the buffer of bytes that another thread sent for what is sent next, or frees it.
 *
 * @param {{ buffer: ArrayBufferLike }} values
 */
export function keepSpare(values) {
  const { buffer } = values;
  const isFit = buffer instanceof ArrayBuffer && buffer.byteLength <= LARGEST_KEPT;
  if (!isBrowser || !isFit || spares.length >= MOST_KEPT) freeReceived(values);
  else if (buffer.byteLength > 0) spares.push(buffer);
}

/** Takes a buffer that was kept, to send it back; null where there is none. */
export function takeSpare() {
  return spares.pop() ?? null;
}

/**
 * Copies bytes into a buffer that is sent.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function copyToSend(bytes) {
  const { length } = bytes;
  const at = spares.findIndex(({ byteLength }) => byteLength >= length);
  const [buffer] =
    at < 0 ? [new ArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES)] : spares.splice(at, 1);
  const copy = new Uint8Array(buffer, 0, length);
  copy.set(bytes);
  return copy;
}
