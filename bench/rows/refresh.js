// Refreshing an index after entries were appended.

import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { SessionLog } from "skill-log";

import { logOf } from "../logs.js";
import { lineEnds } from "../peers/commands.js";
import { scratch } from "../scratch.js";

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "refresh/1gb",
    title: "refresh the index of a 1 GB log after 1 MB was appended",
    rounds: 3,
    async setUp({ quick }) {
      const original = logOf(quick ? 102.4 : 1024);
      const folder = scratch();
      const path = join(folder, "bench.jsonl");
      copyFileSync(original.path, path);
      const appended = readFileSync(logOf(quick ? 0.1 : 1).path);
      const log = await SessionLog.from(path);
      const index = await log.index();
      let entries = original.entries;
      return {
        unit: "ms",
        contenders: [
          {
            name: "skill-log refresh",
            start() {
              appendFileSync(path, appended);
              entries += lineEnds(appended);
              return {
                async run() {
                  await index.refresh();
                },
                end: () => assert.equal(index.length, entries),
              };
            },
          },
          {
            name: "skill-log index, from scratch",
            atLeast: 200,
            start() {
              let length = 0;
              return {
                async run() {
                  const whole = await SessionLog.from(path);
                  ({ length } = await whole.index());
                  await whole.close();
                },
                end: () => assert.equal(length, entries),
              };
            },
          },
        ],
        async end() {
          await log.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  },
];
