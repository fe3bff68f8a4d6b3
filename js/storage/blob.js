// Sources of a Blob, a File, or bytes in memory.

import { isBlob, isBytes, isError } from "../builtins.js";
import { invalidArgument, SkillLogError } from "../errors.js";
import { LONG_MARK_BYTES } from "./file-mark.js";
import { freeReceived } from "./spare-buffers.js";
import { ThreadTurns } from "./thread-turns.js";

/** @import { Source } from "./storage.js" */

/**
 * The fewest remaining bytes for which a stream is opened. Opening a stream takes longer than
 * reading a slice.
 */
const STREAMED_BYTES = 1 << 21;

/** Bytes that are requested from a stream at once. */
const STEP_BYTES = 1 << 20;

/**
 * The most bytes that a stream skips before another stream is opened instead. Line ends and damage
 * stand between rows.
 */
const LARGEST_GAP = 1 << 16;

/**
 * The buffer of a reader that was closed, for the next reader: a browser frees a buffer that streams
 * passed on only when it collects garbage.
 */
let spare = new ArrayBuffer(0);

/**
 * Returns a buffer to read into.
 *
 * @param {ArrayBuffer} last the buffer that was used last. It is freed if another one is returned
 * @param {number} length the fewest bytes
 */
function bufferFor(last, length) {
  if (last.byteLength >= length) return last;
  freeReceived({ buffer: last });
  const buffer = spare;
  spare = new ArrayBuffer(0);
  if (buffer.byteLength >= length) return buffer;
  freeReceived({ buffer });
  return new ArrayBuffer(Math.max(length, STEP_BYTES));
}

/**
 * Streams that are being read. Chromium garbage-collects a stream that only its pending read refers
 * to, and the read then never ends.
 *
 * @type {Set<ReadableStreamBYOBReader>}
 */
const held = new Set();

/**
 * Reads a Blob. Consecutive reads share a stream, which the browser reads ahead. A slice for each
 * read takes several times as long, because another process opens every slice.
 */
export class BlobReader {
  #blob;
  /** Where the last read ended. */
  #end = -Infinity;
  /**
   * @type {ReadableStreamBYOBReader | null} from `#end` on; null when there is no stream or it is
   *   in use
   */
  #stream = null;
  #buffer = new ArrayBuffer(0);
  #turns = new ThreadTurns();
  /** How often the file was opened. It may be another file each time. */
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
   * @returns {Promise<number>} the number of bytes read, less than the length of `into` only at the
   *   end of the Blob
   * @throws {DOMException} when the file of the Blob has changed or is gone
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
      const count = await this.#readOn(
        stream ?? streamOf(this.#blob.slice(offset)),
        stream ? gap : 0,
        offset,
        into,
      );
      // Bytes that the browser has read ahead arrive without a wait, so the page could not respond
      // to its user in between.
      await this.#turns.letOthersRun();
      if (count === into.length || offset + count === this.#blob.size) return count;
    }
    this.openings += 1;
    // After a stream failed, this read throws the reason.
    const bytes = new Uint8Array(
      await this.#blob.slice(offset, offset + into.length).arrayBuffer(),
    );
    const { length } = bytes;
    into.set(bytes);
    freeReceived(bytes);
    return length;
  }

  /**
   * Reads bytes that others follow.
   *
   * @param {number} offset
   * @param {number} length
   * @param {number} to where those that follow end
   * @returns {Promise<Uint8Array | null>} lasts until the next call; null when there are fewer
   * @throws {DOMException} when the file of the Blob has changed or is gone
   */
  async chunk(offset, length, to) {
    const skipped = offset - this.#end;
    const isFirst = this.#end === -Infinity;
    const isNext = skipped >= 0 && skipped <= LARGEST_GAP;
    let stream = isNext ? this.#stream : null;
    if (!isNext) release(this.#stream);
    const gap = stream ? skipped : 0;
    this.#stream = null;
    this.#end = offset + length;
    // A few rows that lie apart are read by slices.
    const isStreamed = (isFirst || isNext) && to - offset >= STREAMED_BYTES;
    if (!stream && isStreamed) stream = streamOf(this.#blob.slice(offset, to));
    if (stream) {
      const bytes = await nextOf(stream, this.#buffer, gap + length);
      await this.#turns.letOthersRun();
      if (bytes) {
        // The reader may have been closed meanwhile.
        if (this.#end !== offset + length) release(stream);
        else {
          this.#buffer = bytes.buffer;
          this.#stream = stream;
        }
        return bytes.subarray(gap);
      }
      this.#buffer = new ArrayBuffer(0);
    }
    // After a stream failed, this read throws the reason.
    const buffer = await this.#blob.slice(offset, this.#end).arrayBuffer();
    freeReceived({ buffer: this.#buffer });
    this.#buffer = buffer;
    return buffer.byteLength === length ? new Uint8Array(buffer) : null;
  }

  /**
   * Reads from a stream, and keeps it for the next read.
   *
   * @param {ReadableStreamBYOBReader | null} stream
   * @param {number} gap the bytes of it before the offset
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async #readOn(stream, gap, offset, into) {
    let count = 0;
    if (!stream) return count;
    let buffer = bufferFor(this.#buffer, STEP_BYTES);
    // The stream detaches the buffer.
    this.#buffer = new ArrayBuffer(0);
    held.add(stream);
    try {
      while (count < into.length) {
        const length = Math.min(
          buffer.byteLength,
          gap + into.length - count,
          this.#blob.size - offset - count + gap,
        );
        const { value, done } = await stream.read(new Uint8Array(buffer, 0, length), {
          min: length,
        });
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
    // Another read may have started meanwhile.
    if (this.#end === offset + count && !this.#stream) this.#stream = stream;
    else release(stream);
    return count;
  }

  /** Closes the stream. */
  close() {
    release(this.#stream);
    this.#stream = null;
    this.#end = -Infinity;
    const buffer = this.#buffer;
    this.#buffer = new ArrayBuffer(0);
    freeReceived({ buffer: buffer.byteLength > spare.byteLength ? spare : buffer });
    if (buffer.byteLength > spare.byteLength) spare = buffer;
    this.#turns.close();
  }
}

/**
 * @param {Blob} blob
 * @returns {ReadableStreamBYOBReader | null} null when the browser's streams cannot read into a
 *   given buffer
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

/**
 * Reads the next bytes of a stream.
 *
 * @param {ReadableStreamBYOBReader} stream
 * @param {ArrayBuffer} buffer for them, if they fit. The stream detaches it
 * @param {number} length
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>} null when there are fewer, or the stream fails
 */
async function nextOf(stream, buffer, length) {
  let into = bufferFor(buffer, length);
  held.add(stream);
  try {
    // Not every browser waits for `min` bytes.
    for (let count = 0; count < length; ) {
      const left = length - count;
      const { value, done } = await stream.read(new Uint8Array(into, count, left), { min: left });
      if (done) break;
      count += value.length;
      into = value.buffer;
      if (count === length) return new Uint8Array(into, 0, length);
    }
  } catch {
    // The caller reads the bytes in another way.
  } finally {
    held.delete(stream);
  }
  release(stream);
  return null;
}

/** @type {boolean | undefined} */
let canStream;

/** Tries an empty Blob, because an abandoned stream loads the whole Blob. */
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
 * Returns a source of a Blob.
 *
 * @param {Blob} blob
 * @param {string} [name]
 * @param {(cause?: unknown) => SkillLogError} [failure] makes the error of a read that fails or
 *   returns too few bytes
 * @returns {Source}
 */
export function blobSource(
  blob,
  name = nameOf(blob),
  failure = (cause) => unreadable(name, cause),
) {
  // Read at once: Chromium looks at the disk at the first read of `size`, and reports 0 for a file
  // that is gone.
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
        throw failure(cause);
      }
      if (count < Math.min(into.length, size - offset)) throw failure();
      return count;
    },
    close: async () => reader.close(),
  };
}

/**
 * Reads a small Blob as a whole, for a source of its bytes. So many Blobs may be read at once.
 *
 * @param {Blob} blob one that could be read before
 * @returns {Promise<Source>}
 * @throws {SkillLogError} `FILE_CHANGED`
 */
export async function wholeSource(blob) {
  const name = nameOf(blob);
  let bytes;
  try {
    bytes = new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw changed(name, cause);
  }
  // Firefox reads whatever is there now.
  if (bytes.length !== blob.size) throw changed(name);
  return bytesSource(bytes, name, blob);
}

/** @param {Blob} blob */
function nameOf(blob) {
  return "name" in blob && typeof blob.name === "string" ? blob.name : "blob";
}

/**
 * What browsers throw for a file that has changed. Chromium throws the first, or the second if the
 * file is gone; WebKit the second; Firefox the third.
 */
const CHANGED = ["NotReadableError", "NotFoundError", "AbortError"];

/**
 * Makes the error of a Blob that could be read before.
 *
 * @param {string} name
 * @param {unknown} [cause] absent when the Blob can be read but has other bytes
 */
function changed(name, cause) {
  if (cause !== undefined && !(isError(cause) && CHANGED.includes(cause.name)))
    return unreadable(name, cause);
  const instead =
    "open a FileSystemFileHandle, of item.getAsFileSystemHandle() or showOpenFilePicker()";
  const message =
    `${name} has changed on the disk since it was chosen, or is gone: choose it again; ` +
    `or, to read on while it grows, ${instead}`;
  return new SkillLogError("FILE_CHANGED", message, { path: name, cause });
}

/**
 * Makes the error of a Blob that cannot be read. The reason is unknown: browsers throw the same for
 * a folder, for a file without permission, and for a file that was changed after it was chosen.
 *
 * @param {string} name
 * @param {unknown} [cause]
 */
function unreadable(name, cause) {
  const why = isError(cause) ? `${cause.name}: ${cause.message}` : "too few bytes came";
  const message = `cannot read ${name}: ${why} (is it a folder, may you not read it, or has it changed since it was chosen?)`;
  return new SkillLogError("IO_ERROR", message, { path: name, cause });
}

/**
 * @param {Uint8Array} bytes
 * @param {string} [name]
 * @param {string | object} [identity]
 * @returns {Source}
 */
export function bytesSource(bytes, name = "bytes", identity = bytes) {
  const turns = new ThreadTurns();
  return {
    identity,
    name,
    size: async () => bytes.length,
    async read(offset, into) {
      await turns.letOthersRun();
      const some = bytes.subarray(offset, offset + into.length);
      into.set(some);
      return some.length;
    },
    close: async () => turns.close(),
  };
}

/**
 * Returns a source of a Blob or bytes.
 *
 * @param {unknown} source a Blob that could be read before
 * @returns {Source}
 */
export function memorySource(source) {
  if (isBlob(source))
    return blobSource(source, nameOf(source), (cause) => changed(nameOf(source), cause));
  if (isBytes(source)) return bytesSource(source);
  throw invalidArgument(
    "source",
    source,
    "a path, a URL, a handle of a file, a Blob, a File or a Uint8Array",
  );
}

/**
 * The last bytes of Blobs that could be read. If such a Blob cannot be read later, its file has
 * changed.
 *
 * @type {WeakMap<Blob, Uint8Array>}
 */
const marks = new WeakMap();

/**
 * Returns a function that opens a Blob or bytes, each time anew.
 *
 * A File, or a part of a File, must stay as it was at the first call. Chromium and WebKit refuse to
 * read a file that has changed on the disk. Firefox reads whatever is there now. So each opening
 * checks that the file still has the same end, and each read to the end checks again.
 *
 * @param {unknown} source
 * @returns {Promise<() => Promise<Source>>} throws `FILE_CHANGED` when the file has changed
 */
export async function openMemory(source) {
  const { size, name } = memorySource(source);
  if (!isBlob(source)) return async () => memorySource(source);
  const length = await size();
  // An empty Blob is read whole, because a browser does not look for the file of an empty slice.
  const end = length === 0 ? source : source.slice(-LONG_MARK_BYTES);
  const read = async () => {
    try {
      return new Uint8Array(await end.arrayBuffer());
    } catch (cause) {
      throw marks.has(source) ? changed(name, cause) : unreadable(name, cause);
    }
  };
  const check = async () => {
    const bytes = await read();
    const mark = marks.get(source) ?? bytes;
    if (
      bytes.length !== Math.min(length, LONG_MARK_BYTES) ||
      bytes.some((byte, at) => byte !== mark[at])
    )
      throw changed(name);
    marks.set(source, mark);
  };
  await check();
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
