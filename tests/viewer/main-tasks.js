// How long the main thread of a page was busy, from a trace of Chromium.

/**
 * Returns how much of a processor the main thread's tasks took, the longest first. Other programs do
 * not count, which a test has no say in.
 *
 * @param {{ name: string, pid: number, tid: number, tdur?: number, args: { name?: string } }[]} events
 * @returns {number[]} in milliseconds
 */
export function mainTasks(events) {
  const mains = events.filter(({ args }) => args.name === "CrRendererMain");
  return events
    .filter(({ name }) => /RunTask$/.test(name))
    .filter(({ pid, tid }) => mains.some((main) => main.pid === pid && main.tid === tid))
    .map(({ tdur = 0 }) => Math.round(tdur / 1000))
    .sort((one, other) => other - one);
}
