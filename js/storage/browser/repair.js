import { SkillLogError } from "../../errors.js";
import { isMarked } from "../file-mark.js";
import { errorOf, fileError } from "./errors.js";
import { pathOf, replaced, untilFree } from "./exclusive-file.js";

/** @import { OpfsFile } from "./exclusive-file.js" */
/** @import { HandleSource } from "./source.js" */
/** @import { Writer } from "./worker/writer.js" */
/** @import { FileMark, OverwriteStep, RepairedFile, Stretches } from "../storage.js" */

/** How many bytes are saved at a time: nobody else can write meanwhile. */
const SAVED_BYTES = 1 << 20;

/** How many are rewritten at once: each write takes its time. */
const REWRITTEN_BYTES = 1 << 18;

const NEWLINE = 0x0a;

const encoder = new TextEncoder();

/** @implements {RepairedFile} */
export class RepairedHandle {
  #handle;
  #opfsFile;
  #saved;
  #mark;
  #writer;
  /** @type {Uint8Array[]} lines that are not written yet */
  #lines = [];
  #lineBytes = 0;

  /**
   * @param {FileSystemFileHandle} handle of the log
   * @param {HandleSource} source the log's
   * @param {OpfsFile} opfsFile the log's
   * @param {OpfsFile} saved where to save what is overwritten
   * @param {FileMark} mark the log's last bytes, from before it is looked through: by them it is known again
   * @param {Writer} writer
   */
  constructor(handle, source, opfsFile, saved, mark, writer) {
    this.#handle = handle;
    this.source = source;
    this.#opfsFile = opfsFile;
    this.#saved = saved;
    this.savedPath = pathOf(saved);
    this.#mark = mark;
    this.#writer = writer;
  }

  async modified() {
    return (await this.#handle.getFile()).lastModified;
  }

  /**
   * @param {number} end
   * @param {number} modified
   */
  async seal(end, modified) {
    if ((await this.modified()) !== modified) return false;
    return this.#writer.seal(this.#opfsFile, this.#mark, end);
  }

  /**
   * @param {number} offset
   * @param {string} kind
   * @param {Uint8Array} bytes
   */
  async save(offset, kind, bytes) {
    const line = encoder.encode(
      `${JSON.stringify({ offset, length: bytes.length, kind, base64: base64Of(bytes) })}\n`,
    );
    this.#lines.push(line);
    this.#lineBytes += line.length;
    if (this.#lineBytes >= SAVED_BYTES) await this.syncSaved();
  }

  async syncSaved() {
    if (this.#lines.length === 0) return;
    const lines = new Uint8Array(this.#lineBytes + 1);
    lines[0] = 0x0a;
    let at = 1;
    for (const line of this.#lines) {
      lines.set(line, at);
      at += line.length;
    }
    this.#lines = [];
    this.#lineBytes = 0;
    const { failure, syncFailure } = await this.#writer.append(this.#saved, lines, true);
    const cause = failure ?? syncFailure;
    if (cause) throw fileError(this.savedPath, "save to", errorOf(cause));
  }

  /**
   * @param {Stretches} stretches
   * @param {OverwriteStep} step
   */
  async overwrite(stretches, step) {
    return this.#writer.overwrite(this.#opfsFile, this.#mark, stretches, step);
  }

  /** Has nothing to do: each step is brought to the disk as it is done. */
  sync() {}

  /**
   * Rewrites the file through a stream of the browser's, which keeps a copy of its own until it takes the file's place as a whole.
   *
   * @param {number[]} offsets
   */
  async insertNewlines(offsets) {
    const path = pathOf(this.#opfsFile);
    /** @type {FileSystemWritableFileStream | null} */
    let copy = null;
    try {
      copy = await untilFree(path, () => this.#handle.createWritable({ keepExistingData: false }));
      // Nobody else can write now, nor remove it: it is this file, or another one since it was looked through.
      const size = await this.source.size();
      const there = new Uint8Array(this.#mark.bytes.length);
      if (
        !isMarked(
          this.#mark.bytes,
          there.subarray(0, await this.source.read(this.#mark.offset, there)),
        )
      )
        throw replaced(path);
      const buffer = new Uint8Array(REWRITTEN_BYTES);
      for (let at = 0, next = 0; at < size; ) {
        const bytes = buffer.subarray(
          0,
          await this.source.read(at, buffer.subarray(0, Math.min(buffer.length, size - at))),
        );
        if (bytes.length === 0) throw new Error("the file became shorter");
        const first = next;
        while (offsets[next] < at + bytes.length) next += 1;
        await copy.write(
          withNewlines(
            bytes,
            offsets.slice(first, next).map((offset) => offset - at),
          ),
        );
        at += bytes.length;
      }
      if ((await this.source.size()) !== size)
        throw new SkillLogError("BUSY", `${path} was appended to: it was not rewritten`, { path });
      await copy.close();
    } catch (error) {
      await copy?.abort().catch(() => {});
      throw fileError(path, "rewrite", error);
    }
  }

  async close() {}
}

/**
 * Copies bytes, with line ends put in.
 *
 * @param {Uint8Array} bytes
 * @param {number[]} offsets before the bytes at which, rising
 */
function withNewlines(bytes, offsets) {
  const parted = new Uint8Array(bytes.length + offsets.length).fill(NEWLINE);
  let from = 0;
  [...offsets, bytes.length].forEach((end, count) => {
    parted.set(bytes.subarray(from, end), from + count);
    from = end;
  });
  return parted;
}

/** @param {Uint8Array} bytes */
function base64Of(bytes) {
  let binary = "";
  // As many as a call takes for arguments.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
