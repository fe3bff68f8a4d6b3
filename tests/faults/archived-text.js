// Reads the text of a session by the rules of FORMAT.md, "Archives", and by nothing of the package.

import assert from "node:assert/strict";
import { closeSync, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import zlib from "node:zlib";

import { Zstd } from "@hpcc-js/wasm-zstd";

const wasm = await Zstd.load();
const { zstdDecompressSync = (/** @type {Uint8Array} */ frame) => wasm.decompress(frame) } =
  /** @type {any} */ (zlib);

/** What was opened at a path: nothing, or an open file. @typedef {{ path: string, fd: number | null }} Opened */

/**
 * Returns the text of a session, as it is at one moment.
 *
 * @param {string} dir
 * @param {string} session
 */
export async function archivedText(dir, session) {
  const log = join(dir, `${session}.jsonl`);
  const aside = (/** @type {number} */ parts) => `${log}.${parts}.archiving`;
  for (let left = 1000; ; left -= 1) {
    assert.ok(left > 0, "the files of the session never rest");
    /** @type {Opened[]} */
    const opened = [];
    const open = (/** @type {string} */ path) => {
      opened.push({ path, fd: openIfThere(path) });
      return opened.at(-1)?.fd ?? null;
    };
    try {
      const live = open(log);
      const compressed = open(`${log}.zst`);
      const parts = compressed === null ? [] : partsOf(readFileSync(compressed));
      const partly = parts.length > 0 ? open(aside(parts.length - 1)) : null;
      const next = open(aside(parts.length));
      if (opened.every(isStillThere)) {
        const text = parts.map((part) => part);
        if (partly !== null) {
          const archived = text.pop()?.length ?? 0;
          text.push(
            Buffer.concat([parts[parts.length - 1], readFileSync(partly).subarray(archived)]),
          );
        }
        if (next !== null) text.push(readFileSync(next));
        const isOne = live !== null && next !== null && fstatSync(live).ino === fstatSync(next).ino;
        if (live !== null && !isOne) text.push(readFileSync(live));
        return joined(text);
      }
    } finally {
      for (const { fd } of opened) if (fd !== null) closeSync(fd);
    }
    await pause(1);
  }
}

/**
 * Joins parts. Each starts a line.
 *
 * @param {Buffer[]} parts
 */
function joined(parts) {
  return parts.reduce((text, part) => {
    const isOpen = text.length > 0 && text.at(-1) !== 0x0a && part.length > 0;
    return Buffer.concat([text, ...(isOpen ? [Buffer.from("\n")] : []), part]);
  }, Buffer.alloc(0));
}

/** @param {string} path */
function openIfThere(path) {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
    return null;
  }
}

/** @param {Opened} opened */
function isStillThere({ path, fd }) {
  const there = lstatSync(path, { throwIfNoEntry: false });
  return fd === null ? there === undefined : there?.ino === fstatSync(fd).ino;
}

/**
 * Returns the parts of an archive. Checks every length that it states.
 *
 * @param {Buffer} bytes
 */
export function partsOf(bytes) {
  assert.equal(bytes.readUInt32LE(bytes.length - 4), 0x8f92eab1);
  assert.equal(bytes[bytes.length - 5], 0, "the table has checksums");
  const frames = bytes.readUInt32LE(bytes.length - 9);
  const table = bytes.length - 17 - 8 * frames;
  assert.equal(bytes.readUInt32LE(table), 0x184d2a5e);
  assert.equal(bytes.readUInt32LE(table + 4), 8 * frames + 9);
  /** @type {Buffer[][]} */
  const parts = [[]];
  let at = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const compressed = bytes.readUInt32LE(table + 8 + 8 * frame);
    const length = bytes.readUInt32LE(table + 12 + 8 * frame);
    const own = bytes.subarray(at, at + compressed);
    at += compressed;
    if (length === 0) {
      assert.equal(own.toString("hex"), "502a4d1800000000");
      parts.push([]);
      continue;
    }
    assert.ok(length <= 65_536, `a frame has ${length} bytes of text`);
    assert.equal(own.readUInt32LE(0), 0xfd2fb528);
    assert.ok((own[4] & 0x04) !== 0, "a frame has no checksum");
    const text = Buffer.from(zstdDecompressSync(own));
    assert.equal(text.length, length);
    parts[parts.length - 1].push(text);
  }
  assert.equal(at, table);
  return parts.map((frames) => Buffer.concat(frames));
}
