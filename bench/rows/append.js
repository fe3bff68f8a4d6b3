// Appending entries to a file, beside what a program writes that uses no package for logs.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  appendFileSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { pino } from "pino";
import { SessionLog } from "skill-log";
import sonicBoom from "sonic-boom";

import { entries, note } from "../corpus.js";
import { scratch } from "../scratch.js";

/** @typedef {import("skill-log").EntryInput} EntryInput */
/** @typedef {import("../measure.js").Contender} Contender */

const { SonicBoom } = sonicBoom;

const sessionId = "bench";
const dataSync = promisify(fdatasync);

/**
 * A way to append. Opens a file, and returns functions that write all entries and close the file. A
 * promise from `write` is awaited within the time.
 *
 * @typedef {(path: string, folder: string) => Way | Promise<Way>} Open
 * @typedef {{ write: (list: EntryInput[]) => unknown, close?: () => unknown }} Way
 */

/**
 * @param {(log: SessionLog, list: EntryInput[]) => Promise<void>} write
 * @param {import("skill-log").OpenOptions} [options]
 * @returns {Open}
 */
function skillLog(write, options) {
  return async (_, folder) => {
    const log = await SessionLog.open(folder, sessionId, options);
    return { write: (list) => write(log, list), close: () => log.close() };
  };
}

/** @param {(file: number, list: EntryInput[]) => unknown} write @returns {Open} */
function openFile(write) {
  return (path) => {
    const file = openSync(path, "a");
    return { write: (list) => write(file, list), close: () => closeSync(file) };
  };
}

/** @param {(path: string, list: EntryInput[]) => unknown} write @returns {Open} */
function closedFile(write) {
  return (path) => ({ write: (list) => write(path, list) });
}

const line = (/** @type {EntryInput} */ entry) => `${JSON.stringify(entry)}\n`;

/** @param {SessionLog} log @param {EntryInput[]} list */
async function lastAwaited(log, list) {
  let last;
  for (const entry of list) last = log.append(entry);
  await last;
}

/**
 * @type {{ name: string, title: string, rounds: number, count: number, first?: number, ways:
 *   [string, Open, number?][] }[]}
 */
const table = [
  {
    name: "append/awaited",
    title: "append, each awaited before the next",
    rounds: 15,
    count: 2_000,
    ways: [
      [
        "skill-log await append",
        skillLog(async (log, list) => {
          for (const entry of list) await log.append(entry);
        }),
      ],
      [
        "await appendFile(JSON.stringify)",
        closedFile(async (path, list) => {
          for (const entry of list) await appendFile(path, line(entry));
        }),
        8,
      ],
    ],
  },
  {
    name: "append/open",
    title: "append, with only the last awaited",
    rounds: 21,
    count: 5_000,
    ways: [
      ["skill-log append", skillLog(lastAwaited)],
      [
        "appendFileSync(JSON.stringify)",
        closedFile((path, list) => {
          for (const entry of list) appendFileSync(path, line(entry));
        }),
        1,
      ],
      [
        "writeSync(JSON.stringify), no checks",
        openFile((file, list) => {
          for (const entry of list) writeSync(file, line(entry));
        }),
        0.5,
      ],
      [
        "sonic-boom, sync",
        async (dest) => {
          const boom = new SonicBoom({ dest, sync: true });
          return {
            write: (list) => list.forEach((entry) => boom.write(line(entry))),
            close: () => closed(boom),
          };
        },
      ],
      [
        "sonic-boom, async, drained at the end",
        async (dest) => {
          const boom = new SonicBoom({ dest, sync: false });
          await once(boom, "ready");
          return {
            async write(list) {
              const drained = once(boom, "drain");
              for (const entry of list) boom.write(line(entry));
              await drained;
            },
            close: () => closed(boom),
          };
        },
      ],
      [
        "pino, sync",
        async (dest) => {
          const destination = pino.destination({ dest, sync: true });
          const logger = pino(destination);
          return {
            write: (list) => list.forEach((entry) => logger.info(entry)),
            close: () => closed(destination),
          };
        },
      ],
    ],
  },
  {
    name: "append/within",
    title: "append, each awaited, its sync started within 200 ms",
    rounds: 7,
    // Longer than the time, so that syncs are measured too.
    count: 15_000,
    first: 1,
    ways: [
      [
        "skill-log append({ sync: { within: 200 } })",
        skillLog(async (log, list) => {
          for (const entry of list) await log.append(entry, { sync: { within: 200 } });
        }),
      ],
      [
        "skill-log append()",
        skillLog(async (log, list) => {
          for (const entry of list) await log.append(entry);
        }),
      ],
      [
        "writeSync + await fdatasync",
        openFile(async (file, list) => {
          for (const entry of list) {
            writeSync(file, line(entry));
            await dataSync(file);
          }
        }),
      ],
    ],
  },
  {
    name: "append/redacted",
    title: "append, with secrets replaced by their shapes",
    rounds: 21,
    count: 5_000,
    ways: [
      ["skill-log append({ redact: true })", skillLog(lastAwaited, { redact: true })],
      ["skill-log append, nothing replaced", skillLog(lastAwaited), 0.6],
    ],
  },
  {
    name: "append/synced",
    title: "append 64 at once, each synced to the disk",
    rounds: 15,
    count: 64,
    // One entry first, so that the rounds measure appends to a file that is on the disk.
    first: 1,
    ways: [
      [
        "skill-log append({ sync: true })",
        skillLog(async (log, list) => {
          await Promise.all(list.map((entry) => log.append(entry, { sync: true })));
        }),
      ],
      [
        "writeSync + fdatasyncSync",
        openFile((file, list) => {
          for (const entry of list) {
            writeSync(file, line(entry));
            fdatasyncSync(file);
          }
        }),
        20,
      ],
      [
        "writeSync + await fdatasync",
        openFile(async (file, list) => {
          for (const entry of list) {
            writeSync(file, line(entry));
            await dataSync(file);
          }
        }),
        20,
      ],
      // The most that can be shared on any disk.
      [
        "writeSync, one await fdatasync",
        openFile(async (file, list) => {
          for (const entry of list) writeSync(file, line(entry));
          await dataSync(file);
        }),
      ],
    ],
  },
];

/** @type {import("../measure.js").Row[]} */
export const rows = table.map(({ name, title, rounds, count, first = 0, ways }) => ({
  name,
  title,
  rounds,
  setUp({ quick }) {
    const amount = quick ? Math.max(count / 10, 64) : count;
    const list = entries(first + amount, { sessionId, classes: note });
    return {
      unit: "µs an entry",
      value: (time) => (1_000 * time) / amount,
      contenders: ways.map(([way, open, atLeast]) => ({
        name: way,
        atLeast,
        start: () => appending(list, first, open),
      })),
    };
  },
}));

/**
 * Appends to a new file. Deletes the file once all entries were found in it.
 *
 * @param {EntryInput[]} list
 * @param {number} first entries to write before the measured ones
 * @param {Open} open
 */
async function appending(list, first, open) {
  const folder = scratch();
  const path = join(folder, `${sessionId}.jsonl`);
  const { write, close } = await open(path, folder);
  if (first > 0) await write(list.slice(0, first));
  const rest = list.slice(first);
  return {
    run: () => write(rest),
    async end() {
      await close?.();
      const lineEnds = readFileSync(path, "latin1").split("\n").length - 1;
      rmSync(folder, { recursive: true });
      assert.equal(lineEnds, list.length);
    },
  };
}

/** @param {import("sonic-boom").SonicBoom} boom */
async function closed(boom) {
  const close = once(boom, "close");
  boom.end();
  await close;
}
