// `skill-log mcp`: its options and its help.

import fs from "node:fs";

import { Failure } from "../failures.js";
import { serve } from "../mcp/mcp-server.js";
import { addRedactOption } from "../selection/redacted.js";
import { exitWhenReaderLeaves, stderr } from "../terminal/output.js";

/** @import { Command } from "commander" */

/** @typedef {{ recursive?: boolean, cache: boolean, redact?: boolean }} McpOptions */

/** @param {Command} command */
export function define(command) {
  addRedactOption(command)
    .usage("[options] DIRECTORY")
    .argument("<DIRECTORY>", "the directory of the logs")
    .option("-r, --recursive", "serve the logs in subdirectories too; their ids are paths")
    .option("--no-cache", "read the logs without the cache, and write none")
    .addHelpText(
      "after",
      `
An agent's client starts this program, and speaks the Model Context Protocol with it
on standard input and output. It has three tools: list_sessions, search_entries and
read_entries. They see what was appended up to each call, and change nothing. Answers
are bounded, and say how to read on. The program ends when standard input ends.

What entries hold was written by models and tools, and goes to the model that asks, with
the secrets in it: serve no logs that this model may not see, and trust no text of them.
With --redact, secrets of a known shape are replaced in every answer, and no search
finds them.

It needs the package @modelcontextprotocol/sdk:
  npm install skill-log @modelcontextprotocol/sdk

Exit status: 1 when there is no such directory, or that package is missing.

Examples:
  $ skill-log mcp logs
  $ npx --package=skill-log --package=@modelcontextprotocol/sdk skill-log mcp /home/me/logs`,
    )
    .action(async (/** @type {string} */ directory, /** @type {McpOptions} */ options) => {
      const { recursive = false, cache, redact = false } = options;
      if (!fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory())
        throw new Failure(`${directory}: no such directory`);
      if (process.stdin.isTTY) {
        stderr.line("Waiting for a client of the Model Context Protocol. Ctrl-D ends.");
        await stderr.flush();
      }
      exitWhenReaderLeaves();
      await serve(directory, { recursive, cache, redact });
    });
}
