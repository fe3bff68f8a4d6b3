// Shows which functions take a contender's time.

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

import Table from "cli-table3";

import { root } from "../scripts/command.js";
import { percent } from "./report.js";

/** The functions in the table. */
const shown = 15;

/**
 * Runs the contender under the sampling profiler, and writes its profile for DevTools. Returns a
 * table of the functions that took the most time themselves.
 *
 * @param {import("./measure.js").Contender} contender
 * @param {number} rounds
 * @param {string} path
 */
export async function profile({ start }, rounds, path) {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 100 }); // µs
  // Round 0 does not count, as in measurements.
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) await session.post("Profiler.start");
    const { run, end } = await start();
    await run();
    await end?.();
  }
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  writeFileSync(path, JSON.stringify(profile));

  const table = new Table({
    head: ["time", "function"],
    colAligns: ["right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const [place, share] of [...ownTime(profile)].sort(([, a], [, b]) => b - a).slice(0, shown))
    table.push([percent(share), place]);
  return table.toString();
}

/**
 * Returns each function's share of the time, without its callees.
 *
 * @param {import("node:inspector").Profiler.Profile} profile
 */
function ownTime({ nodes, samples = [], timeDeltas = [] }) {
  // "dispatch" is the profiler's own start.
  const places = new Map(
    nodes
      .filter(({ callFrame }) => callFrame.functionName !== "dispatch")
      .map(({ id, callFrame }) => [id, describe(callFrame)]),
  );
  /** @type {Map<string, number>} */
  const times = new Map();
  let all = 0;
  for (const [i, id] of samples.entries()) {
    const place = places.get(id);
    if (place === undefined) continue;
    times.set(place, (times.get(place) ?? 0) + timeDeltas[i]);
    all += timeDeltas[i];
  }
  return new Map([...times].map(([place, time]) => [place, time / all]));
}

/** @param {import("node:inspector").Runtime.CallFrame} callFrame */
function describe({ functionName, url, lineNumber }) {
  const name = functionName || "(anonymous)";
  if (url === "") return name;
  const file = url.startsWith("file:")
    ? relative(root, fileURLToPath(url))
    : url.replace(/^(wasm:\/\/wasm\/).*/, "$1");
  return `${name} ${file}:${lineNumber + 1}`;
}
