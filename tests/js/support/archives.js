// Files of archived sessions, made of frames that hold their texts as they are, so that any platform
// can make them.

import { encode } from "skill-log";

/**
 * Returns lines whose skills are numbered.
 *
 * @param {number} from
 * @param {number} to
 */
export function lines(from, to) {
  const entries = Array.from({ length: to - from }, (_, at) =>
    encode({
      session_id: "s",
      skill: `k${from + at}`,
      final_status: "ok",
      timestamp: "2026-01-02T03:04:05Z",
      message: "m".repeat(300),
    }),
  );
  return Buffer.concat(entries);
}

/**
 * Returns a frame of Zstandard with one block that is not compressed.
 *
 * @param {Uint8Array} text of at most 128 KiB
 */
export function storedFrame(text) {
  const bytes = Buffer.alloc(12 + text.length);
  bytes.writeUInt32LE(0xfd2fb528, 0);
  bytes[4] = 0xa0;
  bytes.writeUInt32LE(text.length, 5);
  bytes.writeUIntLE((text.length << 3) | 1, 9, 3);
  bytes.set(text, 12);
  return bytes;
}

/** What stands between two parts. */
const SEPARATOR = { frame: Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), length: 0 };

/**
 * Returns an archive: frames of 4 KiB of text, and their table.
 *
 * @param {(text: Uint8Array) => Buffer} framed
 */
export function archives(framed) {
  return (/** @type {Uint8Array[]} */ ...parts) => {
    const frames = parts.flatMap((part, at) => {
      const own = [];
      for (let from = 0; from < part.length; from += 4096) {
        const text = part.subarray(from, from + 4096);
        own.push({ frame: framed(text), length: text.length });
      }
      return at > 0 ? [SEPARATOR, ...own] : own;
    });
    const table = Buffer.alloc(8 + 8 * frames.length + 9);
    let at = table.writeUInt32LE(0x184d2a5e, 0);
    at = table.writeUInt32LE(table.length - 8, at);
    for (const { frame, length } of frames) {
      at = table.writeUInt32LE(frame.length, at);
      at = table.writeUInt32LE(length, at);
    }
    at = table.writeUInt32LE(frames.length, at);
    at = table.writeUInt8(0, at);
    table.writeUInt32LE(0x8f92eab1, at);
    return Buffer.concat([...frames.map(({ frame }) => frame), table]);
  };
}
