// Reading a whole log as objects, all of them held.

import { read } from "skill-log";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { goRead } from "../peers/go.js";
import { readers, split } from "../peers/readers.js";

/** @type {import("../measure.js").Row[]} */
export const rows = [
  { name: "read/objects", megabytes: 64, rounds: 5 },
  { name: "read/256", megabytes: 256, rounds: 3 },
].map(({ name: row, megabytes, rounds }) => ({
  name: row,
  title: `read every entry of a ${megabytes} MB log`,
  rounds,
  async setUp({ quick }) {
    const log = logOf(quick ? megabytes / 10 : megabytes);
    const { dir, id, path, bytes, entries } = log;
    const go = goRead(log);
    return {
      unit: "MB/s",
      value: (time) => bytes / 1_000 / time,
      contenders: [
        counted("skill-log read", entries, async () => (await read(dir, id)).length),
        ...(await readers()).map(({ name, read }) =>
          counted(
            name,
            entries,
            async () => {
              /** @type {object[]} */
              const list = [];
              await read(path, (entry) => list.push(entry));
              return list.length;
            },
            { atLeast: name === split.name ? 2.5 : undefined },
          ),
        ),
        ...(go ? [counted("the Go original's Read", entries, go.read, { atLeast: 2.5 })] : []),
      ],
      end: () => go?.end(),
    };
  },
}));
