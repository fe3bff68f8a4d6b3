// Small files that are read together.

import { wholeBlob } from "../scanned-blob.js";

/**
 * The most files, and about the most bytes, that are read by one request. In Chromium a thousand
 * files of 37 KB take half the time so, because each request costs as much as 100 KB.
 */
const GROUP_FILES = 32;
const GROUP_BYTES = 1 << 20;

/** The least part of a group for which all of it is read. */
const LEAST_WANTED = 1 / 4;

/**
 * How many groups keep their bytes for files that are not wanted yet, and for how long, in
 * milliseconds.
 */
const KEPT_GROUPS = 4;
const KEPT_TIME = 1000;

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @typedef {{ blob: Blob, done: (bytes: Bytes) => void, failed: (error: unknown) => void }} Wanted */

/**
 * Files that were read together, as one Blob, which holds none of their bytes. In Chromium making the
 * Blob takes as long as reading it.
 *
 * @typedef {{ blob: Blob, count: number }} Group
 */

/** @type {WeakMap<Blob, { group: Group, at: number }>} the group of each file, and where it starts */
const places = new WeakMap();

/** @type {Map<Group, Promise<Bytes | null>>} */
const kept = new Map();

/** @type {Wanted[]} the files that were asked for last */
let waiting = [];
let bytes = 0;

/** @type {Wanted[][]} as many files as are read by one request, of those before */
const full = [];

/** @type {MessageChannel | undefined} */
let channel;

/**
 * Reads a small file as a whole, together with others that are read now, or that were read with it
 * before.
 *
 * @param {Blob} blob
 * @returns {Promise<Bytes>} its buffer may have other files too
 */
export function wholeSmallFile(blob) {
  if (!refusesChangedFiles) return wholeBlob(blob);
  return new Promise((done, failed) => {
    if (waiting.length + full.length === 0) soon();
    waiting.push({ blob, done, failed });
    bytes += blob.size;
    if (waiting.length < GROUP_FILES && bytes < GROUP_BYTES) return;
    full.push(waiting);
    waiting = [];
    bytes = 0;
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
    channel.port1.onmessage = readNext;
  }
  channel.port2.postMessage(null);
}

/** Starts one request in each task, because the page is stopped while Chromium makes a Blob. */
function readNext() {
  let files = full.shift();
  if (!files) {
    files = waiting;
    waiting = [];
    bytes = 0;
  }
  if (waiting.length + full.length > 0) soon();
  read(files);
}

/** @param {Wanted[]} files */
function read(files) {
  /** @type {Map<Group, Wanted[]>} */
  const known = new Map();
  /** @type {Wanted[]} */
  const others = [];
  for (const wanted of files) {
    const group = places.get(wanted.blob)?.group;
    if (!group) others.push(wanted);
    else if (known.get(group)?.push(wanted) === undefined) known.set(group, [wanted]);
  }
  for (const [group, files] of known) {
    if (isWanted(group, files)) readGroup(group, files);
    else for (const file of files) others.push(file);
  }
  if (others.length === 1) readEach(others);
  else if (others.length > 0) readGroup(groupOf(others), others);
}

/**
 * Returns whether to read all of a group. Logs are searched in the order in which they were indexed,
 * so the others of a group follow its first file.
 *
 * @param {Group} group
 * @param {Wanted[]} files those of it that are wanted now
 */
function isWanted(group, files) {
  const isStart = places.get(files[0].blob)?.at === 0;
  return kept.has(group) || isStart || files.length >= LEAST_WANTED * group.count;
}

/**
 * Makes a group of files, which leave the groups that they had.
 *
 * @param {Wanted[]} files
 * @returns {Group}
 */
function groupOf(files) {
  const group = { blob: new Blob(files.map(({ blob }) => blob)), count: files.length };
  let at = 0;
  for (const { blob } of files) {
    places.set(blob, { group, at });
    at += blob.size;
  }
  return group;
}

/**
 * Reads a group, and returns the bytes of its files that are wanted.
 *
 * @param {Group} group
 * @param {Wanted[]} files
 */
async function readGroup(group, files) {
  const reading = kept.get(group) ?? wholeBlob(group.blob).catch(() => null);
  if (files.length < group.count) keep(group, reading);
  const starts = files.map(({ blob }) => places.get(blob)?.at ?? 0);
  const all = await reading;
  // One of the files cannot be read. Each is read by itself.
  if (all?.length !== group.blob.size) return readEach(files);
  for (const [nth, { blob, done }] of files.entries())
    done(all.subarray(starts[nth], starts[nth] + blob.size));
}

/**
 * Keeps the bytes of a group for a moment.
 *
 * @param {Group} group
 * @param {Promise<Bytes | null>} reading
 */
function keep(group, reading) {
  if (kept.has(group)) return;
  kept.set(group, reading);
  setTimeout(() => kept.delete(group), KEPT_TIME);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_GROUPS) kept.delete(oldest);
}

/** @param {Wanted[]} files */
function readEach(files) {
  for (const { blob, done, failed } of files) wholeBlob(blob).then(done, failed);
}
