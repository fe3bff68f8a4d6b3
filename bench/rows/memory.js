// The rise of memory while a whole log is read.

import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { printed } from "../peers/commands.js";

/** @typedef {keyof typeof import("../peak-memory.js").jobs} JobName */

const program = fileURLToPath(new URL("../peak-memory.js", import.meta.url));

/**
 * @type {{ name: string, title: string, atMost: number, ours: [string, JobName], peers: [string,
 *   JobName][] }[]}
 */
const table = [
  {
    name: "memory/entries-1gb",
    title: "memory to read a 1 GB log, entry by entry",
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

/** Only Linux reports the figure. @type {import("../measure.js").Row[]} */
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
          // A string holds 512 MB, so this program cannot read a longer log.
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
  if (code) throw Object.assign(new Error(`reading by ${job} failed with ${code}`), { code });
  return { count, measured: bytes / 1e6 };
}
