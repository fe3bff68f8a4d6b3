// How far memory rises while a whole log goes by.

import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { printed } from "../peers/commands.js";

/** @typedef {keyof typeof import("../peak-memory.js").jobs} JobName */

const program = fileURLToPath(new URL("../peak-memory.js", import.meta.url));

/** @type {{ name: string, title: string, atMost: number, ours: [string, JobName], peers: [string, JobName][] }[]} */
const table = [
  {
    name: "memory/entries-1gb",
    title: "memory to read a 1 GB log, one entry after the other",
    atMost: 120,
    ours: ["skill-log entries", "entries"],
    peers: [
      ["readline + JSON.parse", "readline"],
      ["readFile + split + JSON.parse", "split"],
    ],
  },
  {
    name: "memory/index-1gb",
    title: "memory to index a 1 GB log",
    atMost: 150,
    ours: ["skill-log index", "index"],
    peers: [["readline + JSON.parse, rows as objects", "rows"]],
  },
];

/** A figure that only Linux gives. @type {import("../measure.js").Row[]} */
export const rows = (process.platform === "linux" ? table : []).map(
  ({ name, title, atMost, ours, peers }) => ({
    name,
    title,
    rounds: 3,
    setUp({ quick }) {
      const { path, entries } = logOf(quick ? 102.4 : 1024);
      const contender = (
        /** @type {[string, JobName]} */ [peer, job],
        /** @type {object} */ about,
      ) => counted(peer, entries, () => risen(job, path), { ...about, process: true });
      return {
        unit: "MB",
        contenders: [
          contender(ours, { atMost }),
          // A string ends at 512 MB: no such program reads a log that is longer.
          ...peers.map((peer) =>
            contender(peer, {
              impossible: peer[1] === "split" && !quick ? "ERR_STRING_TOO_LONG" : undefined,
            }),
          ),
        ],
      };
    },
  }),
);

/**
 * @param {JobName} job
 * @param {string} path
 */
async function risen(job, path) {
  const { code, count, bytes } = JSON.parse(
    String(await printed(process.execPath, [program, job, path])),
  );
  if (code) throw Object.assign(new Error(`${job} failed`), { code });
  return { count, measured: bytes / 1e6 };
}
