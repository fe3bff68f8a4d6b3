/** @import { Command } from "commander" */

/**
 * Every command with its summary and the module that defines it. Only the module of the typed
 * command is loaded, so that the program starts fast.
 *
 * @type
 *   {Record<string, { summary: string,
 *   load: () => Promise<{ define: (command: Command) => void }> }>}
 */
export const commands = {
  append: {
    summary: "add entries to the log of a session",
    load: () => import("./commands/append.js"),
  },
  read: { summary: "print the entries of session logs", load: () => import("./commands/read.js") },
  tail: {
    summary: "print the newest entries, and with -f each new entry as it is written",
    load: () => import("./commands/tail.js"),
  },
  list: { summary: "list the sessions in a directory", load: () => import("./commands/list.js") },
  stats: {
    summary: "count entries and report success rates, attempts and durations",
    load: () => import("./commands/stats.js"),
  },
  search: {
    summary: "find the entries that contain a text",
    load: () => import("./commands/search.js"),
  },
  verify: {
    summary: "check logs for damage, and show where it is",
    load: () => import("./commands/verify.js"),
  },
  repair: {
    summary: "repair damaged logs in place, and save the overwritten bytes",
    load: () => import("./commands/repair.js"),
  },
  export: {
    summary: "write entries to JSON lines or CSV files for other programs",
    load: () => import("./commands/export.js"),
  },
  view: {
    summary: "show session logs in a browser, and new entries as they are written",
    load: () => import("./commands/view.js"),
  },
  mcp: {
    summary: "serve session logs to an agent, by the Model Context Protocol",
    load: () => import("./commands/mcp.js"),
  },
  du: {
    summary: "show which sessions, days, skills and fields take the space",
    load: () => import("./commands/du.js"),
  },
  archive: {
    summary: "compress the logs of sessions that nobody writes to any more",
    load: () => import("./commands/archive.js"),
  },
  unarchive: {
    summary: "turn archives into plain logs again",
    load: () => import("./commands/unarchive.js"),
  },
  prune: {
    summary: "remove old sessions, and write down what was removed",
    load: () => import("./commands/prune.js"),
  },
  cache: {
    summary: "print the size of the cache of many logs, or clear it",
    load: () => import("./commands/cache.js"),
  },
  schema: {
    summary: "print the schema of an entry: JSON Schema, or that of an engine",
    load: () => import("./commands/schema.js"),
  },
};

const completionSummary = "print the script that lets Tab complete commands in bash, zsh or fish";

/** The command `completion`, kept apart because it loads all the others. */
export const completion = {
  summary: completionSummary,
  async load() {
    const { addCompletion } = await import("./commands/completion.js");
    return {
      addCompletion: (/** @type {Command} */ program) => addCompletion(program, completionSummary),
    };
  },
};
