// The last entries of a log of any size.

import assert from "node:assert/strict";

import { SessionLog } from "skill-log";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { has, lineEnds, printed } from "../peers/commands.js";

const wanted = 100;

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "reverse/4gb",
    title: `the last ${wanted} entries of a 4 GB log`,
    rounds: 15,
    async setUp({ quick }) {
      const { path } = logOf(quick ? 409.6 : 4096);
      if (has("tail"))
        assert.deepEqual((await lastEntries(path)).reverse(), parsed(await tail(path)));
      return {
        unit: "ms",
        contenders: [
          counted(
            "skill-log entries({ reverse: true })",
            wanted,
            async () => (await lastEntries(path)).length,
          ),
          ...(has("tail")
            ? [
                counted(`tail -n ${wanted}`, wanted, async () => lineEnds(await tail(path)), {
                  atLeast: 1,
                }),
                counted(
                  `tail -n ${wanted} + JSON.parse`,
                  wanted,
                  async () => parsed(await tail(path)).length,
                ),
              ]
            : []),
        ],
      };
    },
  },
];

/** @param {string} path */
async function lastEntries(path) {
  const log = await SessionLog.from(path);
  const list = [];
  for await (const entry of log.entries({ reverse: true })) {
    list.push(entry);
    if (list.length === wanted) break;
  }
  await log.close();
  return list;
}

/** @param {string} path */
function tail(path) {
  return printed("tail", ["-n", String(wanted), path]);
}

/** @param {Buffer} lines @returns {object[]} */
function parsed(lines) {
  return lines
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
