// Files that may be compressed, read as their texts.

import { CompressedFile } from "./compressed-file.js";
import { formatOfSource, isCompressedName } from "./formats.js";
import { SessionTexts } from "./session-text.js";

/** @import { ReadableFile, Source } from "../storage.js" */

/**
 * Returns a file as its text, if it is compressed. Its first bytes say so. At a URL its name does,
 * because looking at the bytes would take another request.
 *
 * @param {ReadableFile} file
 * @param {AbortSignal} [signal]
 * @returns {Promise<ReadableFile>}
 */
export async function asText(file, signal) {
  const { path, open } = file;
  const isCompressed =
    path !== undefined && /^https?:/.test(path)
      ? isCompressedName(path.replace("?…", ""))
      : await isCompressedFile(open, signal);
  if (!isCompressed) return file;
  // It does not grow.
  return { ...file, open: (await compressedFile(open)).open, followed: null };
}

/**
 * Returns a file that is opened as its text.
 *
 * @param {(signal?: AbortSignal) => Promise<Source | null>} open
 */
export async function compressedFile(open) {
  return new CompressedFile(open);
}

/** Returns what opens the texts of sessions. */
export async function sessionTexts() {
  return new SessionTexts();
}

/**
 * @param {ReadableFile["open"]} open
 * @param {AbortSignal} [signal]
 */
async function isCompressedFile(open, signal) {
  const source = await open(signal);
  try {
    return (await formatOfSource(source)) !== null;
  } finally {
    await source.close();
  }
}
