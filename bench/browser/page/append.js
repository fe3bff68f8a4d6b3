// Entries → the end of a session that has some megabytes, beside what a page's author would write instead of using a package.

import { SessionLog } from "skill-log";

import { addAll, openEntries } from "../peers/database.js";
import { openFileSystem } from "../peers/file-system.js";
import { copyTo, countLines, directory, fileHandle, givenFile } from "./files.js";
import { ownWorker } from "./own-worker.js";
import { streamEntries } from "./readers.js";

const sessionId = "bench";

/** @import { EntryInput } from "skill-log" */

/**
 * What appends to a session: one entry, or many that nobody waits for one by one. What they give is waited for.
 *
 * @typedef {{ append: (entry: EntryInput) => Promise<unknown>, appendAll?: (entries: EntryInput[]) => Promise<unknown>, close?: () => unknown }} Writer
 */

const line = (/** @type {object} */ entry) => `${JSON.stringify(entry)}\n`;

/** Those that append to a file. @type {Record<string, (dir: string, name: string, handle: FileSystemFileHandle) => Writer | Promise<Writer>>} */
const fileWriters = {
  async "skill-log"(dir) {
    const log = await SessionLog.open(dir, sessionId);
    return { append: (entry) => log.append(entry), close: () => log.close() };
  },

  /** Which copies the file, and puts the copy in its place when it is closed: many entries are written to one copy. */
  createWritable(dir, name, handle) {
    const write = async (/** @type {string} */ text) => {
      const { size } = await handle.getFile();
      const copy = await handle.createWritable({ keepExistingData: true });
      await copy.seek(size);
      await copy.write(text);
      await copy.close();
    };
    return { append: (entry) => write(line(entry)), appendAll: (entries) => write(entries.map(line).join("")) };
  },

  "opfs-worker"(dir, name) {
    const files = openFileSystem();
    return { append: (entry) => files.appendFile(`/${dir}/${name}`, line(entry)), close: () => files.dispose() };
  },

  /** The least there can be: nobody else can open the file meanwhile, and nothing is checked. */
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

/** Those that add to a database. @type {Record<string, (database: Awaited<ReturnType<typeof openEntries>>) => Writer>} */
const databaseWriters = {
  "idb, one transaction": (database) => ({ append: (entry) => database.add("entries", entry), appendAll: (entries) => addAll(database, entries) }),
  "idb, a transaction each": (database) => ({ append: (entry) => database.add("entries", entry) }),
};

/**
 * Makes a session ready to be appended to: a copy of the file that was given to the page.
 *
 * @param {string} way
 * @param {{ count: number, awaited: boolean }} wanted how many entries, and whether each is awaited before the next
 * @returns {Promise<import("./main.js").Work>} gives how many were found in it
 */
export async function append(way, { count, awaited }) {
  const { writer, found, end } = await (way in fileWriters ? file(way) : database(way));
  const entries = (await (await fetch("/entries.json")).json()).slice(0, count);
  // What is started with the first append is there.
  await writer.append(entries[0]);
  const before = await found();
  return {
    async run() {
      if (awaited) for (const entry of entries) await writer.append(entry);
      else if (writer.appendAll) await writer.appendAll(entries);
      else await Promise.all(entries.map((/** @type {EntryInput} */ entry) => writer.append(entry)));
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
