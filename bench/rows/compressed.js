// Entries of an archive, at random, and all of them.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { SessionLog } from "skill-log";

import { cut, entryOf, seekable } from "../../tests/js/support/compressed-files.js";
import { Random } from "../../tests/conformance/random.js";
import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { folder } from "../scratch.js";

const wanted = 200;
const frameBytes = 1 << 16;

/**
 * Returns the path of an archive of a log.
 *
 * @param {import("../logs.js").Log} log
 */
function archiveOf({ id, path }) {
  const archive = join(folder, `${id}.jsonl.zst`);
  const parts = cut(readFileSync(path), frameBytes);
  writeFileSync(archive, seekable(parts.map((part) => entryOf(part))));
  return archive;
}

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "compressed/random",
    title: `${wanted} entries at random, of an archive with frames of 64 KiB`,
    rounds: 15,
    async setUp({ quick }) {
      const log = logOf(quick ? 4 : 32);
      const archive = archiveOf(log);
      const rows = Array.from({ length: wanted }, (_, seed) =>
        new Random(seed + 1).below(log.entries),
      );
      const indexOf = async (/** @type {string} */ path) => (await SessionLog.from(path)).index();
      const [packed, plain] = await Promise.all([archive, log.path].map(indexOf));
      const entriesOf = async (/** @type {typeof plain} */ index) => {
        for (const row of rows) await index.entry(row);
        return wanted;
      };
      return {
        unit: "ms",
        contenders: [
          counted("skill-log index.entry, of the archive", wanted, () => entriesOf(packed)),
          counted("skill-log index.entry, of the log", wanted, () => entriesOf(plain), {
            atLeast: 1 / 5,
          }),
        ],
      };
    },
  },
  {
    name: "compressed/index",
    title: "an index of an archive with frames of 64 KiB",
    rounds: 15,
    async setUp({ quick }) {
      const log = logOf(quick ? 4 : 32);
      const archive = archiveOf(log);
      const count = async (/** @type {string} */ path) =>
        (await (await SessionLog.from(path)).index()).length;
      return {
        unit: "ms",
        contenders: [
          counted("skill-log index, of the archive", log.entries, () => count(archive)),
          counted("skill-log index, of the log", log.entries, () => count(log.path), {
            atLeast: 1 / 10,
          }),
        ],
      };
    },
  },
];
