// Describes what a figure depends on besides the code: the machine and the other work on it.

import { cpus, release, totalmem, type } from "node:os";

import { output } from "../scripts/command.js";

/** @param {string} folder where the bench writes */
export function machine(folder) {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memory: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    fileSystem:
      output("findmnt", ["--noheadings", "--output", "FSTYPE,SOURCE", "--target", folder])?.replace(
        /\s+/,
        " on ",
      ) ?? "unknown",
  };
}

/**
 * Starts to watch the processors. The function returned returns the share of all processors that
 * other processes have taken since.
 *
 * @param {() => number} [children] returns the milliseconds taken by processes that belong to the
 *   bench
 */
export function watchOthers(children = () => 0) {
  const before = time(children);
  return () => {
    const after = time(children);
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.max(0, others / (after.all - before.all));
  };
}

/**
 * Returns processor times in milliseconds, over all processors. A child that has ended counts as
 * another process.
 *
 * @param {() => number} children
 */
function time(children) {
  const times = cpus().map((each) => each.times);
  const sum = (/** @type {number[]} */ numbers) =>
    numbers.reduce((total, number) => total + number, 0);
  const busy = sum(times.map(({ user, nice, sys, irq }) => user + nice + sys + irq));
  const { user, system } = process.cpuUsage();
  return {
    busy,
    all: busy + sum(times.map(({ idle }) => idle)),
    own: (user + system) / 1000 + children(),
  };
}
