// A whole log → objects.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { read } from "skill-log";

import { writeLog } from "../corpus.js";
import { scratch } from "../scratch.js";

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "read/objects",
    title: "every entry of a 64 MB log",
    rounds: 9,
    setUp({ quick }) {
      const folder = scratch();
      const path = join(folder, "bench.jsonl");
      const { bytes, entries } = writeLog(path, quick ? 6.4e6 : 64e6);
      const contender = (/** @type {string} */ name, /** @type {() => Promise<unknown[]>} */ all) => ({
        name,
        start() {
          let count = 0;
          return {
            async run() {
              count = (await all()).length;
            },
            end: () => assert.equal(count, entries),
          };
        },
      });
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          contender("skill-log read", () => read(folder, "bench")),
          contender("readFile + split + JSON.parse", async () => {
            const lines = (await readFile(path, "utf8")).split("\n");
            lines.pop(); // behind the last line end
            return lines.map((line) => JSON.parse(line));
          }),
        ],
      };
    },
  },
];
