// The rise of memory while a whole log is read, or many logs are.

import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { sessionsOf } from "../directories.js";
import { logOf } from "../logs.js";
import { printed } from "../peers/commands.js";

/** @typedef {keyof typeof import("../peak-memory.js").jobs} JobName */

const program = fileURLToPath(new URL("../peak-memory.js", import.meta.url));

const oneGigabyte = (/** @type {boolean} */ quick) => logOf(quick ? 102.4 : 1024);

/** @param {boolean} quick */
function tinySessions(quick) {
  const { dir, entries } = sessionsOf(quick ? 10_000 : 100_000, "2kb");
  return { path: dir, entries };
}

/**
 * @type {{ name: string, title: string, atMost: number, of: (quick: boolean) => { path: string,
 *   entries: number }, ours: [string, JobName], peers: [string, JobName][] }[]}
 */
const table = [
  {
    name: "memory/entries-1gb",
    title: "memory to read a 1 GB log, entry by entry",
    atMost: 120,
    of: oneGigabyte,
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
    of: oneGigabyte,
    ours: ["skill-log index", "index"],
    peers: [["readline + JSON.parse, rows as objects", "rows"]],
  },
  {
    name: "memory/sessions",
    title: "memory to index and list 100,000 sessions of 2 KB",
    atMost: 200,
    of: tinySessions,
    ours: ["skill-log index and list", "sessions"],
    peers: [["readFileSync + split + JSON.parse of each, rows as objects", "rowsOfEach"]],
  },
];

/** Only Linux reports the figure. @type {import("../measure.js").Row[]} */
export const rows = (process.platform === "linux" ? table : []).map(
  ({ name, title, atMost, of, ours, peers }) => ({
    name,
    title,
    rounds: 3,
    setUp({ quick }) {
      const { path, entries } = of(quick);
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
