// Queries of an index, beside the same queries of objects in memory.

import { SessionLog } from "skill-log";

import { counted } from "../counted.js";
import { indexRow } from "../index-row.js";
import { logOf } from "../logs.js";
import { split } from "../peers/readers.js";

/** @typedef {ReturnType<typeof indexRow>} IndexRow */

const wanted = { skill: "tdd", final_status: "failed" };

/** @type {import("../measure.js").Row[]} */
export const rows = [
  {
    name: "query/select",
    title: "the failed runs of one skill, in an index of 256 MB",
    rounds: 15,
    setUp: ({ quick }) =>
      questions(quick, async (index, objects) => {
        const select = () =>
          objects.filter(
            (row) => row.skill === wanted.skill && row.final_status === wanted.final_status,
          ).length;
        return [
          counted("skill-log select", select(), () => index.select(wanted).length),
          counted("filter over rows as objects", select(), select),
        ];
      }),
  },
  {
    name: "query/stats",
    title: "the statistics of an index of 256 MB",
    rounds: 15,
    setUp: ({ quick }) =>
      questions(quick, async (index, objects) => [
        counted("skill-log stats", objects.length, () => index.stats().entries),
        counted("counts and sorted durations of rows as objects", objects.length, () =>
          statistics(objects),
        ),
      ]),
  },
];

/**
 * @param {boolean} quick
 * @param {(index: import("skill-log").LogIndex, objects: IndexRow[]) =>
 *   Promise<import("../measure.js").Contender[]>} ask
 * @returns {Promise<import("../measure.js").Job>}
 */
async function questions(quick, ask) {
  const { path } = logOf(quick ? 25.6 : 256);
  const log = await SessionLog.from(path);
  /** @type {IndexRow[]} */
  const objects = [];
  await split.read(path, (entry) => objects.push(indexRow(entry)));
  const contenders = await ask(await log.index(), objects);
  return { unit: "µs", value: (time) => 1_000 * time, contenders, end: () => log.close() };
}

/**
 * Counts rows per name, and computes percentiles per skill and model: a part of what `stats`
 * returns.
 *
 * @param {IndexRow[]} objects
 */
function statistics(objects) {
  let entries = 0;
  for (const key of /** @type {const} */ (["skill", "phase", "final_status", "model_used"])) {
    /** @type {Map<string, IndexRow[]>} */
    const groups = new Map();
    for (const row of objects) {
      const group = groups.get(row[key]);
      if (group) group.push(row);
      else groups.set(row[key], [row]);
    }
    if (key !== "skill" && key !== "model_used") continue;
    for (const group of groups.values()) {
      const durations = Float64Array.from(
        group.filter((row) => row.duration_ms !== undefined),
        (row) => row.duration_ms,
      ).sort();
      const [p50, p95] = [0.5, 0.95].map(
        (share) => durations[Math.ceil(share * durations.length) - 1],
      );
      const verified =
        group.filter((row) => row.verified).length / group.filter((row) => row.attempts > 0).length;
      if (p50 > p95 || verified > 1) throw new Error("the statistics are wrong");
      if (key === "skill") entries += group.length;
    }
  }
  return entries;
}
