/** @import { Command } from "commander" */

/**
 * Every command: what it does, and what defines it. Loaded only when it is meant, since a program that starts slowly is not used.
 *
 * @type {Record<string, { summary: string, load: () => Promise<{ define: (command: Command) => void }> }>}
 */
export const commands = {
  append: {
    summary: "append entries to a session's log",
    load: () => import("./commands/append.js"),
  },
  read: { summary: "show entries", load: () => import("./commands/read.js") },
  tail: {
    summary: "show the last entries, and those that come",
    load: () => import("./commands/tail.js"),
  },
  list: { summary: "list sessions", load: () => import("./commands/list.js") },
  stats: {
    summary: "count and measure entries: rates, attempts, durations, over time",
    load: () => import("./commands/stats.js"),
  },
  search: { summary: "find a text in entries", load: () => import("./commands/search.js") },
  verify: {
    summary: "check logs, and show what is damaged",
    load: () => import("./commands/verify.js"),
  },
  repair: {
    summary: "mend damaged logs in place; no byte is lost",
    load: () => import("./commands/repair.js"),
  },
  export: {
    summary: "write clean entries to a file or a directory, for other programs",
    load: () => import("./commands/export.js"),
  },
  schema: { summary: "print the schema of an entry", load: () => import("./commands/schema.js") },
};

const completionSummary = "print what completes commands in a shell: bash, zsh or fish";

/** The command that knows all the others. */
export const completion = {
  summary: completionSummary,
  async load() {
    const { addCompletion } = await import("./commands/completion.js");
    return {
      addCompletion: (/** @type {Command} */ program) => addCompletion(program, completionSummary),
    };
  },
};
