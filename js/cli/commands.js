/** @import { Command } from "commander" */

/**
 * Every command: what it does, and what defines it. Loaded only when it is meant, since a program that starts slowly is not used.
 *
 * @type {Record<string, { summary: string, load: () => Promise<{ define: (command: Command) => void }> }>}
 */
export const commands = {
  append: { summary: "append entries to a session's log", load: () => import("./append.js") },
  read: { summary: "show entries", load: () => import("./read.js") },
  tail: { summary: "show the last entries, and those that come", load: () => import("./tail.js") },
  list: { summary: "list sessions", load: () => import("./list.js") },
  stats: { summary: "count and measure entries: rates, attempts, durations, over time", load: () => import("./stats.js") },
  search: { summary: "find a text in entries", load: () => import("./search.js") },
  verify: { summary: "check logs, and show what is damaged", load: () => import("./verify.js") },
  repair: { summary: "mend damaged logs in place; no byte is lost", load: () => import("./repair.js") },
  export: { summary: "write clean entries to a file or a directory, for other programs", load: () => import("./export.js") },
  schema: { summary: "print the schema of an entry", load: () => import("./schema.js") },
};

/** The command that knows all the others. */
export const completion = { summary: "print what completes commands in a shell: bash, zsh or fish", load: () => import("./completion.js") };
