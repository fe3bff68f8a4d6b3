// Appending entries to a session of some megabytes, beside what a page writes that uses no package
// for logs.

import { SessionLog } from "skill-log";

import { addAll, openEntries } from "../peers/database.js";
import { openFileSystem } from "../peers/file-system.js";
import { copyTo, countLines, directory, fileHandle, givenFile } from "./files.js";
import { ownWorker } from "./own-worker.js";
import { streamEntries } from "./readers.js";

const sessionId = "bench";

/** @import { EntryInput } from "skill-log" */

/**
 * A way to append to a session. A writer without `appendAll` appends many entries at once by as
 * many calls of `append`.
 *
 * @typedef {object} Writer
 * @property {(entry: EntryInput) => Promise<unknown>} append
 * @property {(entries: EntryInput[]) => Promise<unknown>} [appendAll]
 * @property {() => unknown} [close]
 */

const line = (/** @type {object} */ entry) => `${JSON.stringify(entry)}\n`;

/**
 * Writers that append to a file.
 *
 * @type {Record<string, (dir: string, name: string, handle: FileSystemFileHandle) => Writer |
 *   Promise<Writer>>}
 */
const fileWriters = {
  async "skill-log"(dir) {
    const log = await SessionLog.open(dir, sessionId);
    return { append: (entry) => log.append(entry), close: () => log.close() };
  },

  /** Copies the file, and replaces it with the copy on close. Many entries go to one copy. */
  createWritable(dir, name, handle) {
    const write = async (/** @type {string} */ text) => {
      const { size } = await handle.getFile();
      const copy = await handle.createWritable({ keepExistingData: true });
      await copy.seek(size);
      await copy.write(text);
      await copy.close();
    };
    return {
      append: (entry) => write(line(entry)),
      appendAll: (entries) => write(entries.map(line).join("")),
    };
  },

  "opfs-worker"(dir, name) {
    const files = openFileSystem();
    return {
      append: (entry) => files.appendFile(`/${dir}/${name}`, line(entry)),
      close: () => files.dispose(),
    };
  },

  /** The least work possible: checks nothing, and locks all others out of the file. */
  async "open handle"(dir, name, handle) {
    const worker = ownWorker();
    await worker.ask("open", handle);
    return {
      append: (entry) => worker.ask("append", line(entry)),
      async close() {
        await worker.ask("close");
        worker.end();
      },
    };
  },
};

/**
 * Writers that add to a database.
 *
 * @type {Record<string, (database: Awaited<ReturnType<typeof openEntries>>) => Writer>}
 */
const databaseWriters = {
  "idb, one transaction": (database) => ({
    append: (entry) => database.add("entries", entry),
    appendAll: (entries) => addAll(database, entries),
  }),
  "idb, a transaction each": (database) => ({ append: (entry) => database.add("entries", entry) }),
};

/**
 * Prepares a session to append to: a copy of the file that was given to the page.
 *
 * @param {string} way
 * @param {{ count: number, awaited: boolean }} wanted the number of entries, and whether each is
 *   awaited before the next
 * @returns {Promise<import("./main.js").Work>} work that counts the entries appended
 */
export async function append(way, { count, awaited }) {
  const { writer, found, end } = await (way in fileWriters ? file(way) : database(way));
  const entries = (await (await fetch("/entries.json")).json()).slice(0, count);
  // Append once, so that the worker is running.
  await writer.append(entries[0]);
  const before = await found();
  return {
    async run() {
      if (awaited) for (const entry of entries) await writer.append(entry);
      else if (writer.appendAll) await writer.appendAll(entries);
      else
        await Promise.all(entries.map((/** @type {EntryInput} */ entry) => writer.append(entry)));
    },
    async end() {
      await writer.close?.();
      const count = (await found()) - before;
      await end();
      return count;
    },
  };
}

/** @param {string} way */
async function file(way) {
  const dir = `append-${way.replace(" ", "-")}`;
  const name = `${sessionId}.jsonl`;
  const handle = await fileHandle(dir, name);
  await copyTo(handle, givenFile());
  const writer = await fileWriters[way](dir, name, handle);
  return {
    writer,
    found: async () => countLines(await handle.getFile()),
    end: async () => (await directory(dir)).removeEntry(name),
  };
}

/** @param {string} way */
async function database(way) {
  const database = await openEntries(`append-${way}`);
  if ((await database.count("entries")) === 0) {
    /** @type {object[]} */
    const entries = [];
    await streamEntries(givenFile(), (entry) => entries.push(entry));
    await addAll(database, entries);
  }
  const last = (await database.transaction("entries").store.openKeyCursor(null, "prev"))?.key;
  return {
    writer: databaseWriters[way](database),
    found: () => database.count("entries"),
    async end() {
      await database.delete("entries", IDBKeyRange.lowerBound(last, true));
      database.close();
    },
  };
}
