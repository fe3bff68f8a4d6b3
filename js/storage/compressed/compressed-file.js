// A compressed log, which is read as its text.

import { formatOfSource } from "./formats.js";
import { FramedText } from "./framed-text.js";
import { readSeekTable } from "./seek-table.js";
import { StreamedText } from "./streamed-text.js";

/** @import { Source } from "../storage.js" */

/** A file that is opened again and again. Keeps what is known of its text. */
export class CompressedFile {
  #open;
  /** The file whose text is known. @type {{ file: unknown[], text: FramedText | StreamedText } | null} */
  #known = null;

  /** @param {(signal?: AbortSignal) => Promise<Source | null>} [open] for `open` */
  constructor(open = async () => null) {
    this.#open = open;
  }

  /**
   * Opens the file to read its text. A file that is not compressed any more is read as it is.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>} a source; null where there is no file
   */
  open = async (signal) => {
    const packed = await this.#open(signal);
    if (!packed) return null;
    try {
      const text = await this.textOf(packed);
      return text?.source ?? packed;
    } catch (error) {
      await packed.close();
      throw error;
    }
  };

  /**
   * Returns the text of the file that was opened.
   *
   * @param {Source} packed
   * @returns {Promise<{ source: Source, partStarts: readonly number[] } | null>} `partStarts`:
   *   where each part starts; null when the file is not compressed
   */
  async textOf(packed) {
    const text = await this.#textOf(packed);
    if (!text) return null;
    return {
      source: sourceOf(packed, text.reader(packed)),
      partStarts: text.partStarts,
    };
  }

  /** @param {Source} packed */
  async #textOf(packed) {
    const file = [packed.identity, await packed.size(), ...Array.from(packed.stamp ?? [])];
    if (this.#known?.file.every((fact, at) => fact === file[at])) return this.#known.text;
    const format = await formatOfSource(packed);
    if (!format) return null;
    const table = format === "zstd" ? await readSeekTable(packed) : null;
    const text = table ? new FramedText(table) : new StreamedText(format);
    this.#known = { file, text };
    return text;
  }
}

/**
 * Returns the source of a text. It has no time of a change, because a compressed file does not change.
 *
 * @param {Source} packed
 * @param {{ size(): Promise<number>, read(offset: number, into: Uint8Array): Promise<number>,
 *   close(): void }} reader
 * @returns {Source}
 */
function sourceOf(packed, reader) {
  const { name, path, identity, stamp } = packed;
  return {
    name,
    identity,
    ...(path !== undefined && { path }),
    ...(stamp && { stamp }),
    mayFail: true,
    size: () => reader.size(),
    read: (offset, into) => reader.read(offset, into),
    cancel: () => packed.cancel?.(),
    async close() {
      reader.close();
      await packed.close();
    },
  };
}
