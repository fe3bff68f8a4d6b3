// Ten thousand sessions as one: indexing, refreshing and listing them.

import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

import { Sessions } from "skill-log";

import { counted } from "../counted.js";
import { grow, growingCount, growingSessionsOf, sessionsOf } from "../directories.js";
import { indexRow } from "../index-row.js";
import { openDuckDb } from "../peers/duckdb.js";
import { splitEach } from "../peers/readers.js";
import { scratch } from "../scratch.js";

/** @typedef {import("../measure.js").Row} Row */

/** How many summaries fill a screen. */
const shown = 50;

const statPeer = "readdir + stat of each";
const parser = "readFileSync + split + JSON.parse of each";

/** @type {Row[]} */
const indexing = [
  {
    name: "sessions/index",
    title: "index 10,000 sessions of 15 KB, without a cache",
    rounds: 5,
    async setUp({ quick }) {
      const { dir, names, bytes, entries } = sessionsOf(...amount(quick));
      const duckDb = await openDuckDb();
      return {
        ...speed(bytes),
        contenders: [
          counted("skill-log index", entries, () => indexed(dir, { cache: false })),
          ...parsers(dir, entries, 2.5),
          counted("each file read in one thread, nothing else", names.length, () => readEach(dir), {
            lesser: true,
          }),
          ...(duckDb
            ? [
                counted("DuckDB, into a table", entries, () => duckDb.indexEach(dir), {
                  atLeast: 1,
                }),
              ]
            : []),
        ],
        end: () => duckDb?.close(),
      };
    },
  },
  {
    name: "sessions/index-cached",
    title: "index 10,000 sessions that have not changed, with a cache",
    rounds: 5,
    async setUp({ quick }) {
      const { dir, bytes, entries } = sessionsOf(...amount(quick));
      const cache = scratch();
      await indexed(dir, { cache });
      return {
        ...speed(bytes),
        contenders: [
          counted("skill-log index", entries, () => indexed(dir, { cache })),
          ...parsers(dir, entries, 6),
        ],
      };
    },
  },
  {
    name: "sessions/refresh",
    title: `refresh the index of 10,000 sessions after ${growingCount} of them grew`,
    rounds: 15,
    async setUp({ quick }) {
      const sessions = growingSessionsOf(...amount(quick));
      const { dir } = sessions;
      const opened = await Sessions.open(dir, { cache: false });
      const index = await opened.index();
      let expected = sessions.entries;
      return {
        unit: "ms",
        contenders: [
          {
            name: "skill-log refresh",
            start() {
              expected += grow(sessions);
              return {
                async run() {
                  await index.refresh();
                },
                end: () => assert.equal(index.length, expected),
              };
            },
          },
          counted(
            "skill-log index, from scratch",
            () => expected,
            () => indexed(dir, { cache: false }),
            { atLeast: 8 },
          ),
          counted(statPeer, sessions.names.length, () => statEach(dir), { lesser: true }),
        ],
        end: () => opened.close(),
      };
    },
  },
];

/** @type {Row[]} */
const listing = [
  {
    name: "sessions/list-first",
    title: `the first ${shown} summaries of 10,000 sessions, without a cache`,
    most: shown,
    isCached: false,
    limit: 1.5,
  },
  {
    name: "sessions/list-first-cached",
    title: `the first ${shown} summaries of 10,000 sessions, with a cache`,
    most: shown,
    isCached: true,
    limit: 1.5,
  },
  {
    name: "sessions/list",
    title: "the summaries of 10,000 sessions, with a cache",
    most: Infinity,
    isCached: true,
    limit: 2.5,
  },
].map(({ name, title, most, isCached, limit }) => ({
  name,
  title,
  rounds: 15,
  async setUp({ quick }) {
    const { dir, names } = sessionsOf(...amount(quick));
    const cache = isCached && scratch();
    if (cache) await indexed(dir, { cache });
    return {
      unit: "ms",
      contenders: [
        counted("skill-log list", Math.min(most, names.length), () => listed(dir, { cache }, most)),
        counted(statPeer, names.length, () => statEach(dir), {
          atLeast: 1 / limit,
        }),
      ],
    };
  },
}));

export const rows = [...indexing, ...listing];

/** @param {boolean} quick @returns {Parameters<typeof sessionsOf>} */
function amount(quick) {
  return [quick ? 1_000 : 10_000, "15kb"];
}

/** @param {number} bytes */
function speed(bytes) {
  return { unit: "MB/s", value: (/** @type {number} */ time) => bytes / 1_000 / time };
}

/**
 * Makes the peers that parse each entry: the first drops the entries, and the second holds what an
 * index holds.
 *
 * @param {string} dir
 * @param {number} entries
 * @param {number} atLeast
 */
function parsers(dir, entries, atLeast) {
  return [
    counted(
      parser,
      entries,
      () => {
        let count = 0;
        splitEach(dir, () => void count++);
        return count;
      },
      { atLeast },
    ),
    counted(`${parser}, rows held`, entries, () => {
      /** @type {object[]} */
      const rows = [];
      splitEach(dir, (entry) => rows.push(indexRow(entry)));
      return rows.length;
    }),
  ];
}

/** @typedef {NonNullable<Parameters<typeof Sessions.open>[1]>} Options */

/**
 * Indexes all sessions of a directory, and returns the number of rows.
 *
 * @param {string} dir
 * @param {Options} options
 */
export async function indexed(dir, options) {
  const opened = await Sessions.open(dir, options);
  const { length } = await opened.index();
  await opened.close();
  return length;
}

/**
 * Lists the newest sessions of a directory, and returns how many summaries have entries.
 *
 * @param {string} dir
 * @param {Options} options
 * @param {number} [most]
 */
export async function listed(dir, options, most = Infinity) {
  const opened = await Sessions.open(dir, options);
  let count = 0;
  for await (const { entries } of opened.list()) {
    count += Number(entries > 0);
    if (count === most) break;
  }
  await opened.close();
  return count;
}

/** Returns the number of files in a directory. @param {string} dir */
export function statEach(dir) {
  return readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile()).length;
}

const buffer = Buffer.allocUnsafeSlow(1 << 20);

/** Returns the number of files in a directory, each of which was read. @param {string} dir */
function readEach(dir) {
  const names = readdirSync(dir);
  for (const name of names) {
    const fd = openSync(join(dir, name), "r");
    fstatSync(fd, { bigint: true });
    readSync(fd, buffer, 0, buffer.length, 0);
    closeSync(fd);
  }
  return names.length;
}
