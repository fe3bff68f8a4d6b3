// A Blob, a File, or bytes in memory, read in place.

import { isBlob, isBytes, isError } from "../builtins.js";
import { invalidArgument, SkillLogError } from "../errors.js";
import { KNOWN_BYTES } from "./file-mark.js";
import { letGo } from "./chunks.js";
import { Turns } from "./turns.js";

/** @import { Source } from "./storage.js" */

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
      const count = await this.#readOn(
        stream ?? streamOf(this.#blob.slice(offset)),
        stream ? gap : 0,
        offset,
        into,
      );
      // What the browser has read ahead comes without a wait: a page would not answer its user for as long as there is more.
      await this.#turns.give();
      if (count === into.length || offset + count === this.#blob.size) return count;
    }
    this.openings += 1;
    // Where a stream failed, this tells why.
    const bytes = new Uint8Array(
      await this.#blob.slice(offset, offset + into.length).arrayBuffer(),
    );
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
 * @param {(cause?: unknown) => SkillLogError} [failure] makes the error of a read that fails, or gives too little
 * @returns {Source}
 */
export function blobSource(
  blob,
  name = nameOf(blob),
  failure = (cause) => unreadable(name, cause),
) {
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
        throw failure(cause);
      }
      if (count < Math.min(into.length, size - offset)) throw failure();
      return count;
    },
    close: async () => reader.close(),
  };
}

/** @param {Blob} blob */
function nameOf(blob) {
  return "name" in blob && typeof blob.name === "string" ? blob.name : "blob";
}

/** What browsers throw where a file is not what it was: Chromium the first or, where it is gone, the second; WebKit the second; Firefox the last. */
const CHANGED = ["NotReadableError", "NotFoundError", "AbortError"];

/**
 * Says why a Blob that could be read cannot be any more.
 *
 * @param {string} name
 * @param {unknown} [cause] absent where it can be, and has other bytes
 */
function changed(name, cause) {
  if (cause !== undefined && !(isError(cause) && CHANGED.includes(cause.name)))
    return unreadable(name, cause);
  const instead =
    "open a FileSystemFileHandle, of item.getAsFileSystemHandle() or showOpenFilePicker()";
  const message = `${name} has changed on the disk since it was chosen, or is gone: choose it again; or, to read on while it grows, ${instead}`;
  return new SkillLogError("FILE_CHANGED", message, { path: name, cause });
}

/**
 * Says that a Blob cannot be read. Why is not known: browsers say the same of a folder, of a file that nobody may read, and of one that was
 * changed since it was chosen.
 *
 * @param {string} name
 * @param {unknown} [cause]
 */
function unreadable(name, cause) {
  const why = isError(cause) ? `${cause.name}: ${cause.message}` : "too few bytes came";
  const message = `cannot read ${name}: ${why} (is it a folder, not to be read by you, or changed or gone since it was chosen?)`;
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
 * The last bytes of Blobs that could be read. Where these cannot be any more, they have changed.
 *
 * @type {WeakMap<Blob, Uint8Array>}
 */
const marks = new WeakMap();

/**
 * Gives what opens a Blob or bytes, to be read several times.
 *
 * A File, and a Blob that is a part of one, is what it was when this was called first. Chromium and WebKit refuse to read one that has changed on
 * the disk; Firefox reads on, whatever is there now: so each opening looks whether it still ends as it did, and who has read it to its end
 * looks again.
 *
 * @param {unknown} source
 * @returns {Promise<() => Promise<Source>>} throws `FILE_CHANGED` where it has changed since
 */
export async function openMemory(source) {
  const { size, name } = memorySource(source);
  if (!isBlob(source)) return async () => memorySource(source);
  const length = await size();
  // All of an empty one: where there is nothing to be read, a browser does not look whether there is a file.
  const end = length === 0 ? source : source.slice(-KNOWN_BYTES);
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
      bytes.length !== Math.min(length, KNOWN_BYTES) ||
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
