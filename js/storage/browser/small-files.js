// Small files that are read together.

import { wholeBlob } from "../scanned-blob.js";

/**
 * The most files, and about the most bytes, that are read by one request. In Chromium a thousand
 * files of 37 KB take half the time so, because each request costs as much as 100 KB.
 */
const GROUP_FILES = 32;
const GROUP_BYTES = 1 << 20;

/** @typedef {{ blob: Blob, done: (bytes: Uint8Array<ArrayBuffer>) => void, failed: (error: unknown) => void }} Waiting */

/** @type {Waiting[]} */
let waiting = [];
let bytes = 0;

/** @type {MessageChannel | undefined} */
let channel;

/**
 * Reads a small file as a whole, together with others that are read now.
 *
 * @param {Blob} blob
 * @returns {Promise<Uint8Array<ArrayBuffer>>} its buffer may have other files too
 */
export function wholeSmallFile(blob) {
  if (!refusesChangedFiles) return wholeBlob(blob);
  return new Promise((done, failed) => {
    if (waiting.length === 0) soon();
    waiting.push({ blob, done, failed });
    bytes += blob.size;
    if (waiting.length === GROUP_FILES || bytes >= GROUP_BYTES) readWaiting();
  });
}

/**
 * Whether this is Chromium. Firefox reads what a changed file has now, so the bytes of two files that
 * changed could be taken for each other's. It also reads files together no faster.
 */
const refusesChangedFiles = typeof navigator !== "undefined" && "userAgentData" in navigator;

/** Reads what waits after the current task, in which more may come. */
function soon() {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = readWaiting;
  }
  channel.port2.postMessage(null);
}

async function readWaiting() {
  const group = waiting;
  if (group.length === 0) return;
  const total = bytes;
  waiting = [];
  bytes = 0;
  let all = null;
  try {
    if (group.length > 1) all = await wholeBlob(new Blob(group.map(({ blob }) => blob)));
  } catch {
    // One of the files cannot be read. Each is read by itself.
  }
  if (all?.length !== total) {
    for (const { blob, done, failed } of group) wholeBlob(blob).then(done, failed);
    return;
  }
  let at = 0;
  for (const { blob, done } of group) done(all.subarray(at, (at += blob.size)));
}
