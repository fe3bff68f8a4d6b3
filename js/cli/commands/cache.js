// `skill-log cache`: the size of the cache, and its removal.

import { Argument } from "commander";
import prettyBytes from "pretty-bytes";

import { Sessions } from "../../index.js";
import { jsonText } from "../json-text.js";
import { stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] ACTION")
    .addArgument(new Argument("<ACTION>", "what to do").choices(["size", "clear"]))
    .option("--json", "print the bytes as a JSON object")
    .addHelpText(
      "after",
      `
Commands that read many logs keep an index of them in the user's cache directory,
so that the next command reads only what was appended. The cache holds no text of
entries but skills, phases, statuses, models and session ids. It is never needed,
and never larger than 1 GiB: the caches that were written first are removed.

size prints how large it is, and clear removes it. With --no-cache, a command
neither reads the cache nor writes it.

Examples:
  $ skill-log cache size
  $ skill-log cache clear`,
    )
    .action(
      async (
        /** @type {"size" | "clear"} */ action,
        /** @type {{ json?: boolean }} */ { json = false },
      ) => {
        const bytes = await Sessions.cacheSize();
        if (action === "clear") await Sessions.clearCache();
        if (json) await stdout.json(jsonText({ bytes }));
        else if (action === "size") await stdout.line(prettyBytes(bytes));
        else await stdout.line(`${prettyBytes(bytes)} removed`);
      },
    );
}
