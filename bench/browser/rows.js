// Lists the rows of the bench in browsers in the order in which they run.

import { join } from "node:path";

import { sessionsOf } from "../directories.js";
import { logOf } from "../logs.js";
import { matcher } from "../matcher.js";
import { splitEach } from "../peers/readers.js";
import { rareText } from "../sessions.js";
import { inPage, notes } from "./bench-page.js";
import { descendants, holdsPages, watchMemory } from "./processes.js";

/** @typedef {import("../measure.js").Contender} Contender */
/** @typedef {import("./bench-page.js").Tabs} Tabs */

/**
 * Work whose runs measure one figure or several. Each figure is a row of the table.
 *
 * @typedef {object} Runs
 * @property {number} rounds enough for a steady median
 * @property {Figure[]} figures
 * @property {(place: { tabs: Tabs, quick: boolean }) => Promise<{ bytes: number, contenders:
 *   Contender[] }>} setUp
 */

/**
 * @typedef {object} Figure
 * @property {string} name group/row
 * @property {string} title
 * @property {string} unit
 * @property {string} of the runs' name for the figure
 * @property {(measured: number, bytes: number) => number} [value] converts the
 *   figure to `unit`; `bytes` is the size of the log
 * @property {number} [atMost] the limit of the package's value
 */

const id = "bench";

/** Returns MB/s. @param {number} time in milliseconds @param {number} bytes */
const speed = (time, bytes) => bytes / 1_000 / time;

/** @type {Runs[]} */
const appends = [
  {
    name: "append/batched",
    title: "append 1,000 entries to a session of 10 MB, then wait for all",
    megabytes: 10,
    awaited: false,
    rounds: 11,
  },
  {
    name: "append/awaited",
    title: "append to a session of 10 MB, each awaited before the next",
    megabytes: 10,
    awaited: true,
    rounds: 5,
  },
  {
    name: "append/awaited-45mb",
    title: "append to a session of 45 MB, each awaited before the next",
    megabytes: 45,
    awaited: true,
    rounds: 3,
  },
].map(({ name, title, megabytes, awaited, rounds }) => ({
  rounds,
  figures: [{ name, title, unit: "µs an entry", of: "each" }],
  async setUp({ tabs, quick }) {
    const { path, bytes } = logOf(quick ? megabytes / 10 : megabytes);
    const contender = (
      /** @type {string} */ name,
      /** @type {string} */ way,
      /** @type {number} */ most = awaited ? 200 : notes,
    ) => {
      const count = Math.ceil(quick ? most / 10 : most);
      return inPage(
        name,
        count,
        { job: "append", way, facts: { count, awaited } },
        () => tabs.of(way, path),
        {},
        async (_, { time }) => ({
          each: (1_000 * time) / count,
        }),
      );
    };
    const contenders = [
      contender("skill-log append", "skill-log"),
      ...(awaited
        ? [
            contender("idb, a transaction each", "idb, a transaction each"),
            // Each append copies the whole file.
            contender("createWritable, seek, write, close", "createWritable", 10),
          ]
        : [
            contender("idb, one transaction", "idb, one transaction"),
            contender("idb, a transaction each", "idb, a transaction each"),
            contender("createWritable, all in one write", "createWritable"),
          ]),
      contender("opfs-worker appendFile, which flushes", "opfs-worker", 200),
      { ...contender("a handle kept open in a worker, no checks", "open handle"), lesser: true },
    ];
    return { bytes, contenders };
  },
}));

/** @type {Runs} */
const read = {
  rounds: 5,
  figures: [
    {
      name: "read/objects",
      title: "read every entry of a 64 MB log",
      unit: "MB/s",
      of: "time",
      value: speed,
    },
    {
      name: "read/blocked",
      title: "longest time the page is blocked by reading",
      unit: "ms",
      of: "blocked",
    },
  ],
  setUp: ({ tabs, quick }) =>
    ofKeptLog(tabs, "read", quick ? 6.4 : 64, [
      ["skill-log read", "skill-log"],
      ["file.text() + split + JSON.parse", "text"],
      ["TextDecoderStream + split + JSON.parse", "stream"],
      ["opfs-worker readFile + split + JSON.parse", "opfs-worker"],
      ["idb getAll", "idb"],
    ]),
};

/** @type {Runs} */
const index = {
  rounds: 3,
  figures: [
    { name: "index/256", title: "index a 256 MB log", unit: "MB/s", of: "time", value: speed },
    {
      name: "index/blocked",
      title: "longest time the page is blocked by indexing",
      unit: "ms",
      of: "blocked",
    },
  ],
  setUp: ({ tabs, quick }) =>
    ofKeptLog(tabs, "index", quick ? 25.6 : 256, [
      ["skill-log index", "skill-log"],
      ["file.text() + split + JSON.parse, all entries held", "text"],
      ["file.text() in a worker, rows posted", "worker"],
      ["TextDecoderStream + split + JSON.parse, rows held", "stream"],
    ]),
};

/** @type {Runs} */
const open = {
  rounds: 3,
  figures: [
    {
      name: "open/last",
      title: "show the last 100 entries of a chosen 4 GB file",
      unit: "ms",
      of: "last",
    },
    { name: "open/index", title: "index the same file", unit: "MB/s", of: "time", value: speed },
    {
      name: "open/blocked",
      title: "longest time the page is blocked by opening",
      unit: "ms",
      of: "blocked",
    },
    {
      name: "open/memory",
      title: "rise of the tab's memory",
      unit: "MB",
      of: "memory",
      atMost: 150,
    },
    {
      name: "open/memory-all",
      title: "rise of the whole browser's memory",
      unit: "MB",
      of: "memoryOfAll",
    },
  ],
  async setUp({ tabs, quick }) {
    const { path, bytes, entries } = logOf(quick ? 409.6 : 4096);
    const contender = (
      /** @type {string} */ name,
      /** @type {string} */ way,
      /** @type {object} */ about,
    ) => {
      /** @type {ReturnType<typeof watchMemory>} */
      let risen;
      const fresh = async () => {
        // A new tab, which has read no log before.
        await tabs.close();
        return tabs.of(way, path);
      };
      const { start, ...rest } = inPage(
        name,
        entries,
        { job: "open", way },
        fresh,
        { ...about, process: true },
        async (_, { time, last, blocked }) => ({
          last,
          time,
          blocked,
          memory: risen(holdsPages) / 1e6,
          memoryOfAll: risen() / 1e6,
        }),
      );
      return {
        ...rest,
        async start() {
          const run = await start();
          risen = watchMemory(descendants());
          return run;
        },
      };
    };
    const contenders = [
      contender("skill-log", "skill-log", {}),
      // In Firefox the tab crashes, which a page cannot catch.
      ...(tabs.browserName === "Chromium" && !quick
        ? [
            contender("file.text() + split + JSON.parse", "text", {
              impossible: "NotReadableError",
            }),
          ]
        : []),
      contender("TextDecoderStream + split + JSON.parse, rows held", "stream", {}),
    ];
    return { bytes, contenders };
  },
};

/** @type {Runs[]} */
const sessions = [
  {
    name: "sessions/index",
    title: "index 1,000 chosen files of 37 KB",
    ways: ["skill-log index", "parse"],
    peer: "file.text() + split + JSON.parse of each",
    text: undefined,
    limit: 1.5,
  },
  {
    name: "sessions/search",
    title: "search 1,000 chosen files of 37 KB",
    ways: ["skill-log search", "parse and search"],
    peer: "file.text() + split + JSON.parse + includes of each",
    text: rareText,
    limit: 3,
  },
].map(({ name, title, ways: [ours, theirs], peer, text, limit }) => ({
  rounds: 5,
  figures: [{ name, title, unit: "MB/s", of: "time", value: speed }],
  async setUp({ tabs, quick }) {
    const { dir, names, bytes } = sessionsOf(quick ? 100 : 1_000, "37kb");
    const paths = names.map((name) => join(dir, name));
    const isWanted = text === undefined ? () => true : matcher({ text });
    let expected = 0;
    splitEach(dir, (entry) => void (expected += Number(isWanted(entry))));
    const contender = (
      /** @type {string} */ name,
      /** @type {string} */ way,
      /** @type {object} */ about,
    ) =>
      inPage(
        name,
        expected,
        { job: "sessions", way, facts: { text } },
        () => tabs.of(way, ...paths),
        about,
      );
    const contenders = [
      contender(ours, ours, {}),
      // Firefox has no target.
      contender(peer, theirs, tabs.browserName === "Chromium" ? { atLeast: limit } : {}),
    ];
    return { bytes, contenders };
  },
}));

/**
 * Keeps a log in the origin private file system, and makes a contender of each way to read it.
 *
 * @param {Tabs} tabs
 * @param {string} job
 * @param {number} megabytes
 * @param {[name: string, way: string][]} ways
 */
async function ofKeptLog(tabs, job, megabytes, ways) {
  const { path, bytes, entries } = logOf(megabytes);
  const dir = `logs-${megabytes}mb`;
  const tab = await tabs.open(path);
  await tab.evaluate((dir, name) => globalThis.bench.keep(dir, name), dir, `${id}.jsonl`);
  await tab.close();
  const contenders = ways.map(([name, way]) =>
    inPage(name, entries, { job, way, facts: { dir, id } }, () => tabs.of(way)),
  );
  return { bytes, contenders };
}

export const rows = [...appends, read, index, open, ...sessions];
