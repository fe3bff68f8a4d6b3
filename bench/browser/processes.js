// The processes that this one started, and those they started, as Linux tells of them: a browser is many.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** @typedef {{ pid: number, command: string }} Process `command` with its arguments */

/** How many ticks of the clock that counts a process's time make a second: on every Linux. */
const TICKS = 100;

/**
 * Gives what is below this process now.
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
  return below(process.pid).map((pid) => ({ pid, command: (text(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ") }));
}

/** Gives the milliseconds of processor time that they have taken, with those of their children that have ended. */
export function timeOfDescendants() {
  const ticks = descendants().flatMap(({ pid }) => stat(pid)?.slice(11, 15) ?? []);
  return ticks.reduce((sum, each) => sum + (1000 * Number(each)) / TICKS, 0);
}

/** Whether pages run in a process: of Chromium, or of Firefox. @param {Process} process */
export function holdsPages({ command }) {
  return command.includes("--type=renderer") || (command.includes("-contentproc") && /\btab\s*$/.test(command));
}

/**
 * Starts to watch what processes hold in memory.
 *
 * @param {Process[]} processes
 * @returns {(of?: (process: Process) => boolean) => number} gives how many bytes those that are meant have held more at their peaks
 *   than when the watch began, all together
 */
export function watchMemory(processes) {
  const watched = processes.flatMap((each) => {
    // The peak until now is forgotten.
    writeFileSync(`/proc/${each.pid}/clear_refs`, "5");
    const start = resident(each, "VmRSS");
    return start === null ? [] : [{ ...each, start }];
  });
  return (of = () => true) => watched.filter(of).reduce((sum, each) => sum + Math.max(0, (resident(each, "VmHWM") ?? 0) - each.start), 0);
}

/**
 * @param {Process} process
 * @param {string} name of a line in its status
 */
function resident({ pid }, name) {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text(`/proc/${pid}/status`) ?? "")?.[1];
  return kibibytes === undefined ? null : 1024 * Number(kibibytes);
}

/** Its state, its parent, and so on: what follows its name, which may have blanks. @param {number} pid */
function stat(pid) {
  return text(`/proc/${pid}/stat`)?.replace(/^.*\) /s, "").split(" ");
}

/** @param {string} path @returns {string | undefined} undefined where the process has ended */
function text(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
