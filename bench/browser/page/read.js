// Reading a whole log in the origin private file system as objects, all of them held.

import { read as readLog } from "skill-log";

import { addAll, openEntries } from "../peers/database.js";
import { openFileSystem } from "../peers/file-system.js";
import { fileHandle } from "./files.js";
import { heldEntries, streamEntries } from "./readers.js";

/** @typedef {{ dir: string, id: string }} Log */

/**
 * Ways to read. Each returns a function that returns the entries.
 *
 * @type {Record<string, (log: Log) => Promise<() => Promise<object[]>>>}
 */
const ways = {
  "skill-log":
    async ({ dir, id }) =>
    () =>
      readLog(dir, id),

  async text({ dir, id }) {
    const handle = await fileHandle(dir, `${id}.jsonl`);
    return async () => heldEntries(await handle.getFile());
  },

  async stream({ dir, id }) {
    const handle = await fileHandle(dir, `${id}.jsonl`);
    return async () => {
      /** @type {object[]} */
      const entries = [];
      await streamEntries(await handle.getFile(), (entry) => entries.push(entry));
      return entries;
    };
  },

  async "opfs-worker"({ dir, id }) {
    const files = openFileSystem();
    return async () => {
      const lines = (await files.readFile(`/${dir}/${id}.jsonl`, "utf-8")).split("\n");
      lines.pop(); // behind the last line end
      return lines.map((/** @type {string} */ line) => JSON.parse(line));
    };
  },

  async idb({ dir, id }) {
    const database = await openEntries(`${dir}/${id}`);
    if ((await database.count("entries")) === 0) {
      const handle = await fileHandle(dir, `${id}.jsonl`);
      await addAll(database, await heldEntries(await handle.getFile()));
    }
    return () => database.getAll("entries");
  },
};

/**
 * @param {string} way
 * @param {Log} log
 * @returns {Promise<import("./main.js").Work>} work that counts the entries
 */
export async function read(way, log) {
  const entries = await ways[way](log);
  let count = 0;
  return {
    run: async () => void (count = (await entries()).length),
    end: async () => count,
  };
}
