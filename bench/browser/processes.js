// Reads from Linux about the processes below this process, because a browser is many processes.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** @typedef {{ pid: number, command: string }} Process `command` with its arguments */

/** Ticks per second of the clock that counts processor time: the same on every Linux. */
const TICKS = 100;

/**
 * Returns the processes below this process.
 *
 * @returns {Process[]}
 */
export function descendants() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(stat(Number(name))?.[1]);
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  /** @type {(pid: number) => number[]} */
  const below = (pid) => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(process.pid).map((pid) => ({
    pid,
    command: (text(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " "),
  }));
}

/** Returns the milliseconds of processor time of the processes below, also of those that ended. */
export function timeOfDescendants() {
  const ticks = descendants().flatMap(({ pid }) => stat(pid)?.slice(11, 15) ?? []);
  ticks.push(...(stat(process.pid)?.slice(13, 15) ?? []));
  return ticks.reduce((sum, each) => sum + (1000 * Number(each)) / TICKS, 0);
}

/** Returns whether a process of Chromium or Firefox holds pages. @param {Process} process */
export function holdsPages({ command }) {
  return (
    command.includes("--type=renderer") ||
    (command.includes("-contentproc") && /\btab\s*$/.test(command))
  );
}

/**
 * Starts to watch the memory of processes.
 *
 * @param {Process[]} processes
 * @returns {(of?: (process: Process) => boolean) => number} returns the sum, in bytes, of the rises
 *   of memory since now, at the peak of each process that `of` accepts
 */
export function watchMemory(processes) {
  const watched = processes.flatMap((each) => {
    // Reset the peak.
    writeFileSync(`/proc/${each.pid}/clear_refs`, "5");
    const start = resident(each, "VmRSS");
    return start === null ? [] : [{ ...each, start }];
  });
  return (of = () => true) =>
    watched
      .filter(of)
      .reduce((sum, each) => sum + Math.max(0, (resident(each, "VmHWM") ?? 0) - each.start), 0);
}

/**
 * Starts to watch the peak of the memory of processes.
 *
 * @param {Process[]} processes
 * @returns {() => number} returns the largest of the peaks since now, in bytes
 */
export function watchPeak(processes) {
  for (const { pid } of processes) writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return () => Math.max(...processes.map((each) => resident(each, "VmHWM") ?? 0));
}

/**
 * @param {Process} process
 * @param {string} name of a line in its status
 */
function resident({ pid }, name) {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(
    text(`/proc/${pid}/status`) ?? "",
  )?.[1];
  return kibibytes === undefined ? null : 1024 * Number(kibibytes);
}

/** Returns the fields after a process's name, which may have blanks. @param {number} pid */
function stat(pid) {
  return text(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
}

/** @param {string} path @returns {string | undefined} undefined when the process has ended */
function text(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
