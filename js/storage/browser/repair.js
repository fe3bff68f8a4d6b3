import { SkillLogError } from "../../errors.js";
import { matchesMark } from "../file-mark.js";
import { LINE_END } from "../../line-end.js";
import { SavedLines } from "../saved-lines.js";
import { errorOf, fileError } from "./errors.js";
import { pathOf, replacedBeforeWrite, untilFree } from "./exclusive-file.js";

/** @import { OpfsFile } from "./exclusive-file.js" */
/** @import { HandleSource } from "./source.js" */
/** @import { Writer } from "./worker/writer.js" */
/** @import { FileMark, OverwriteStep, RepairedFile, Stretches } from "../storage.js" */

/** Bytes that are rewritten at once, because each write takes time. */
const REWRITTEN_BYTES = 1 << 18;

/** @implements {RepairedFile} */
export class RepairedHandle {
  #handle;
  #opfsFile;
  #saved;
  #mark;
  #writer;
  /** Lines that are not written yet. */
  #lines = new SavedLines();

  /**
   * @param {FileSystemFileHandle} handle of the log
   * @param {HandleSource} source the log's
   * @param {OpfsFile} opfsFile the log's
   * @param {OpfsFile} saved the file that keeps the damaged bytes
   * @param {FileMark} mark the log's last bytes before the repair reads it; they identify the log
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
    this.#lines.add(offset, kind, bytes);
    if (this.#lines.isFull) await this.syncSaved();
  }

  async syncSaved() {
    const lines = this.#lines.take();
    if (!lines) return;
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

  /** Does nothing, because each step is synced when it is done. */
  sync() {}

  /**
   * Rewrites the file through a writable stream. The browser writes to a copy, which replaces the
   * file when the stream is closed.
   *
   * @param {number[]} offsets
   */
  async insertNewlines(offsets) {
    const path = pathOf(this.#opfsFile);
    /** @type {FileSystemWritableFileStream | null} */
    let copy = null;
    try {
      copy = await untilFree(path, () => this.#handle.createWritable({ keepExistingData: false }));
      // Nobody else can write to the file or remove it now. It is the log, or it was replaced since
      // the repair read it.
      const size = await this.source.size();
      const there = new Uint8Array(this.#mark.bytes.length);
      if (
        !matchesMark(
          this.#mark.bytes,
          there.subarray(0, await this.source.read(this.#mark.offset, there)),
        )
      )
        throw replacedBeforeWrite(path);
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
        throw new SkillLogError(
          "BUSY",
          `${path} has grown meanwhile and was not rewritten: repair it again`,
          { path },
        );
      await copy.close();
    } catch (error) {
      await copy?.abort().catch(() => {});
      throw fileError(path, "rewrite", error);
    }
  }

  async close() {}
}

/**
 * Copies bytes with line ends inserted.
 *
 * @param {Uint8Array} bytes
 * @param {number[]} offsets of the bytes after the new line ends, rising
 */
function withNewlines(bytes, offsets) {
  const parted = new Uint8Array(bytes.length + offsets.length).fill(LINE_END);
  let from = 0;
  [...offsets, bytes.length].forEach((end, count) => {
    parted.set(bytes.subarray(from, end), from + count);
    from = end;
  });
  return parted;
}
