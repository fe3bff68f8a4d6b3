// Caches in a directory of the origin private file system. Each is a file that its writer replaces in
// one step, when it closes its stream.

import { CACHE_NAME } from "../cache-name.js";
import { Directory, directoryAt } from "./directory.js";
import { fileError, isNamed } from "./errors.js";

/** @import { CacheFiles } from "../storage.js" */

/** Where caches are by default, below the root. */
const DIRECTORY = ".skill-log-cache";

/** The most bytes of all caches. The caches that were written first go first. */
const MOST_BYTES = 64 << 20;

/** @implements {CacheFiles} */
export class BrowserCacheFiles {
  #directory;

  /** @param {string} [dir] below the root */
  constructor(dir = DIRECTORY) {
    this.#directory = new Directory(dir);
  }

  /**
   * @param {string} name
   * @param {number} most
   * @param {(length: number) => Uint8Array} space
   */
  async read(name, most, space) {
    const handle = await this.#directory.file(name);
    const file = await handle?.getFile();
    if (!file || file.size === 0 || file.size > most) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    space(bytes.length).set(bytes);
  }

  /**
   * @param {string} name
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  async write(name, bytes) {
    if (bytes.length > MOST_BYTES) return;
    const directory = await directoryAt(await this.#directory.writableParts(), true);
    await tidy(directory, MOST_BYTES - bytes.length, name);
    const handle = await directory.getFileHandle(name, { create: true });
    const stream = await handle.createWritable();
    try {
      await stream.write(bytes);
    } catch (error) {
      await stream.abort();
      throw error;
    }
    await stream.close();
  }

  async size() {
    const files = await cachesOf(await this.#directory.open());
    return files.reduce((sum, { size }) => sum + size, 0);
  }

  async clear() {
    const directory = await this.#directory.open();
    for (const { name } of await cachesOf(directory)) {
      try {
        await directory?.removeEntry(name);
      } catch (error) {
        if (!isNamed(error, "NotFoundError"))
          throw fileError(this.#directory.pathOf(name), "remove", error);
      }
    }
  }
}

/**
 * Lists the files of caches.
 *
 * @param {FileSystemDirectoryHandle | null} directory
 */
async function cachesOf(directory) {
  /** @type {File[]} */
  const files = [];
  for await (const [name, handle] of directory?.entries() ?? []) {
    if (!CACHE_NAME.test(name) || handle.kind !== "file") continue;
    const file = await /** @type {FileSystemFileHandle} */ (handle).getFile().catch(() => null);
    if (file) files.push(file);
  }
  return files;
}

/**
 * Removes the oldest caches where there are too many bytes.
 *
 * @param {FileSystemDirectoryHandle} directory
 * @param {number} most bytes
 * @param {string} kept the name of a cache that is not removed
 */
async function tidy(directory, most, kept) {
  const files = (await cachesOf(directory)).filter(({ name }) => name !== kept);
  files.sort((one, other) => other.lastModified - one.lastModified);
  for (const { name, size } of files) {
    most -= size;
    if (most < 0) await directory.removeEntry(name).catch(() => {});
  }
}
