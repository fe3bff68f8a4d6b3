// A file of OPFS that gets all its bytes in one step.

import { GivenChunks, logExists } from "../new-log.js";
import { directoryAt } from "./directory.js";
import { fileError } from "./errors.js";
import { pathOf, untilFree } from "./exclusive-file.js";

/** @import { OpfsFile } from "./exclusive-file.js" */

/**
 * Makes a file, or fills an empty one. The browser writes to a copy, which replaces the file when the
 * stream is closed. Nobody else can write to the file before.
 *
 * @param {OpfsFile} opfsFile
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {Promise<number>} its bytes
 * @throws {SkillLogError} `EXISTS` when the file has bytes
 */
export async function createFile(opfsFile, chunks) {
  const path = pathOf(opfsFile);
  /** @type {FileSystemWritableFileStream | null} */
  let copy = null;
  const given = new GivenChunks(chunks);
  let bytes = 0;
  try {
    const directory = await directoryAt(opfsFile.parts, true);
    const handle = await directory.getFileHandle(opfsFile.name, { create: true });
    copy = await untilFree(path, () => handle.createWritable({ keepExistingData: false }));
    if ((await handle.getFile()).size > 0) throw logExists(path);
    for await (const chunk of given) {
      await copy.write(/** @type {Uint8Array<ArrayBuffer>} */ (chunk));
      bytes += chunk.length;
    }
    await copy.close();
    return bytes;
  } catch (error) {
    await copy?.abort().catch(() => {});
    throw given.threw(error) ? error : fileError(path, "create", error);
  }
}
