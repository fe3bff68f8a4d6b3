// A Blob, a File, or bytes in memory, read in place.

import { isBlob, isBytes, isFile } from "../brands.js";
import { invalidArgument, SkillLogError } from "../errors.js";
import { MARK_BYTES } from "../mark.js";
import { letGo } from "./source.js";
import { Turns } from "./turns.js";

/** @import { Source } from "./source.js" */

/** How many bytes are to be left at least where a stream is opened: opening one takes longer than reading a slice. */
const STREAMED_BYTES = 1 << 21;

/** Bytes that a stream is asked for at once. */
const STEP_BYTES = 1 << 20;

/** How many bytes a stream skips at most, rather than that another is opened: between rows there are line ends, and what is damaged. */
const LARGEST_GAP = 1 << 16;

/**
 * Streams that are being read from. Chromium collects one, and the read with it, that nobody holds but who waits for the read, and then
 * waits for ever.
 *
 * @type {Set<ReadableStreamBYOBReader>}
 */
const held = new Set();

/**
 * Reads a Blob. Reads that follow one another share a stream, which the browser reads ahead of: a slice for each takes some times as
 * long, because every one of them is opened by another process.
 */
export class BlobReader {
  #blob;
  /** Where the last read ended. */
  #end = -Infinity;
  /** @type {ReadableStreamBYOBReader | null} from `#end` on; null where there is none, or it is in use */
  #stream = null;
  #buffer = new ArrayBuffer(0);
  #turns = new Turns();
  /** How often the file was opened: each time it may be another one. */
  openings = 0;

  /** @param {Blob} blob */
  constructor(blob) {
    this.#blob = blob;
  }

  /**
   * Reads bytes.
   *
   * @param {number} offset
   * @param {Uint8Array} into
   * @returns {Promise<number>} the bytes read: fewer than `into` takes only at the end of the Blob
   * @throws {DOMException} where the file behind it has changed or is gone
   */
  async read(offset, into) {
    const gap = offset - this.#end;
    const follows = gap >= 0 && gap <= LARGEST_GAP;
    const stream = this.#stream;
    this.#stream = null;
    this.#end = offset + into.length;
    if (!follows) release(stream);
    else if (stream || this.#blob.size - offset >= STREAMED_BYTES) {
      if (!stream) this.openings += 1;
      const count = await this.#readOn(stream ?? streamOf(this.#blob.slice(offset)), stream ? gap : 0, offset, into);
      // What the browser has read ahead comes without a wait: a page would not answer its user for as long as there is more.
      await this.#turns.give();
      if (count === into.length || offset + count === this.#blob.size) return count;
    }
    this.openings += 1;
    // Where a stream failed, this tells why.
    const bytes = new Uint8Array(await this.#blob.slice(offset, offset + into.length).arrayBuffer());
    const { length } = bytes;
    into.set(bytes);
    letGo(bytes);
    return length;
  }

  /**
   * Reads from a stream, and keeps it for the next read.
   *
   * @param {ReadableStreamBYOBReader | null} stream
   * @param {number} gap how many bytes of it come before the offset
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async #readOn(stream, gap, offset, into) {
    let count = 0;
    if (!stream) return count;
    let buffer = this.#buffer.byteLength > 0 ? this.#buffer : new ArrayBuffer(STEP_BYTES);
    // The stream takes it away.
    this.#buffer = new ArrayBuffer(0);
    held.add(stream);
    try {
      while (count < into.length) {
        const length = Math.min(buffer.byteLength, gap + into.length - count, this.#blob.size - offset - count + gap);
        const { value, done } = await stream.read(new Uint8Array(buffer, 0, length), { min: length });
        if (done) return count;
        const bytes = value.subarray(gap);
        gap -= value.length - bytes.length;
        into.set(bytes, count);
        count += bytes.length;
        buffer = value.buffer;
      }
    } catch {
      return count;
    } finally {
      held.delete(stream);
    }
    this.#buffer = buffer;
    // Another read may have begun meanwhile.
    if (this.#end === offset + count && !this.#stream) this.#stream = stream;
    else release(stream);
    return count;
  }

  /** Gives back what is held. */
  close() {
    release(this.#stream);
    this.#stream = null;
    this.#end = -Infinity;
    this.#turns.close();
  }
}

/**
 * @param {Blob} blob
 * @returns {ReadableStreamBYOBReader | null} null where the browser's streams do not read into what they are given
 */
function streamOf(blob) {
  canStream ??= readsIntoBuffers();
  if (!canStream) return null;
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

/** @type {boolean | undefined} */
let canStream;

/** Tried with an empty one: a stream that was begun in vain loads all there is. */
function readsIntoBuffers() {
  try {
    release(new Blob([]).stream().getReader({ mode: "byob" }));
    return true;
  } catch {
    return false;
  }
}

/** @param {ReadableStreamBYOBReader | null} stream */
function release(stream) {
  stream?.cancel().catch(() => {});
}

/**
 * Gives a Blob to be read.
 *
 * @param {Blob} blob
 * @param {string} [name]
 * @returns {Source}
 */
export function blobSource(blob, name = nameOf(blob)) {
  // Asked for at once: Chromium looks at the disk when it is asked first, and finds an empty file where there is none any more.
  const { size } = blob;
  const reader = new BlobReader(blob);
  return {
    identity: blob,
    name,
    size: async () => size,
    async read(offset, into) {
      let count;
      try {
        count = await reader.read(offset, into);
      } catch (cause) {
        throw changed(name, cause);
      }
      if (count < Math.min(into.length, size - offset)) throw changed(name);
      return count;
    },
    close: async () => reader.close(),
  };
}

/** @param {Blob} blob */
function nameOf(blob) {
  return "name" in blob && typeof blob.name === "string" ? blob.name : "blob";
}

/**
 * @param {string} name
 * @param {unknown} [cause]
 */
function changed(name, cause) {
  const message = `cannot read ${name}: it has changed on the disk since it was chosen, is gone, or is a folder`;
  return new SkillLogError("IO_ERROR", message, { path: name, cause });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Source}
 */
function bytesSource(bytes) {
  const turns = new Turns();
  return {
    identity: bytes,
    name: "bytes",
    size: async () => bytes.length,
    async read(offset, into) {
      await turns.give();
      const some = bytes.subarray(offset, offset + into.length);
      into.set(some);
      return some.length;
    },
    close: async () => turns.close(),
  };
}

/**
 * Gives a Blob or bytes to be read.
 *
 * @param {unknown} source
 * @returns {Source}
 */
export function memorySource(source) {
  if (isBlob(source)) return blobSource(source);
  if (isBytes(source)) return bytesSource(source);
  throw invalidArgument("source", source, "a path, a URL, a handle of a file, a Blob, a File or a Uint8Array");
}

/**
 * Gives what opens a Blob or bytes, to be read several times.
 *
 * A File is what it was when this was called. Chromium refuses to read one that has changed on the disk; other browsers read on, whatever
 * is there now: so each opening looks whether it still ends as it did, and who has read it to its end looks again.
 *
 * @param {unknown} source
 * @returns {Promise<() => Promise<Source>>} throws `IO_ERROR` where a File has changed
 */
export async function openMemory(source) {
  const { size, name } = memorySource(source);
  if (!isFile(source)) return async () => memorySource(source);
  const length = await size();
  // All of an empty one: where there is nothing to be read, a browser does not look whether there is a file.
  const end = length === 0 ? source : source.slice(-MARK_BYTES);
  const mark = await bytesOf(end, name);
  const check = async () => {
    const bytes = await bytesOf(end, name);
    if (bytes.length !== mark.length || bytes.some((byte, at) => byte !== mark[at])) throw changed(name);
  };
  return async () => {
    await check();
    const { read, ...opened } = memorySource(source);
    return {
      ...opened,
      async read(offset, into) {
        const count = await read(offset, into);
        if (offset + count >= length) await check();
        return count;
      },
    };
  };
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
async function bytesOf(blob, name) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw changed(name, cause);
  }
}
