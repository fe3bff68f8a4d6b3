// Indexing a whole log in the origin private file system.

import { SessionLog } from "skill-log";

import { indexRow } from "../../index-row.js";
import { fileHandle } from "./files.js";
import { ownWorker } from "./own-worker.js";
import { heldEntries, streamEntries } from "./readers.js";

/** @typedef {{ dir: string, id: string }} Log */

/**
 * Ways to index. Each returns what it holds at the end.
 *
 * @type {Record<string, (log: Log) => Promise<{ length: number }>>}
 */
const ways = {
  async "skill-log"({ dir, id }) {
    const log = await SessionLog.open(dir, id);
    return log.index();
  },

  text: async (log) => heldEntries(await file(log)),

  async worker(log) {
    const worker = ownWorker();
    const rows = await worker.ask("rows", await file(log));
    worker.end();
    return rows;
  },

  async stream(log) {
    /** @type {object[]} */
    const rows = [];
    await streamEntries(await file(log), (entry) => rows.push(indexRow(entry)));
    return rows;
  },
};

/** @param {Log} log */
async function file({ dir, id }) {
  return (await fileHandle(dir, `${id}.jsonl`)).getFile();
}

/**
 * @param {string} way
 * @param {Log} log
 * @returns {Promise<import("./main.js").Work>} work that counts the rows
 */
export async function index(way, log) {
  /** @type {{ length: number } | null} */
  let held = null;
  return {
    run: async () => void (held = await ways[way](log)),
    async end() {
      const count = held?.length ?? 0;
      held = null;
      return count;
    },
  };
}
