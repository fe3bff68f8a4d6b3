// `skill-log view`: its options, its help, and the server while it runs.

import fs from "node:fs";

import { InvalidArgumentError } from "commander";

import { Sessions } from "../../index.js";
import { Failure } from "../failures.js";
import { stderr, stdout } from "../terminal/output.js";
import { hostOf } from "../viewing/guard.js";
import { openBrowser } from "../viewing/open-browser.js";
import { startViewer } from "../viewing/viewer-server.js";

/** @import { Command } from "commander" */

/**
 * @typedef {{ port?: number, open: boolean, publicHost?: string[], recursive?: boolean,
 *   cache: boolean }} ViewOptions
 */

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY")
    .argument("<DIRECTORY>", "the directory of the logs")
    .option("-p, --port <n>", "the port; default: any that is free", portOption)
    .option("--no-open", "print the address, and open no browser")
    .option(
      "--public-host <name>",
      "answer under this host too, as a tunnel has it: NAME or NAME:PORT; may be repeated",
      publicHostOption,
    )
    .option("-r, --recursive", "show the logs in subdirectories too; their ids are paths")
    .option("--no-cache", "read the logs without the cache, and write none")
    .addHelpText(
      "after",
      `
Shows the logs in a browser, and what is appended while it runs. Ctrl-C ends it.

Only programs on this machine can connect, and only who has the printed address can
see the logs: it ends in a secret, which is another one each time. Nothing is changed
from the page. To see the logs from another machine, forward the port, as in the last
example, and open the printed address there.

Exit status: 1 when there is no such directory, or the port is taken.

Examples:
  $ skill-log view logs
  $ skill-log view logs -r --port 4321 --no-open
  $ skill-log view logs --no-open --public-host logs.example.com
  $ ssh -t -L 4321:127.0.0.1:4321 host skill-log view logs --port 4321 --no-open`,
    )
    .action(async (/** @type {string} */ dir, /** @type {ViewOptions} */ options) => {
      const { port = 0, open, publicHost = [], recursive = false, cache } = options;
      if (!fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory())
        throw new Failure(`${dir}: no such directory`);
      const sessions = await Sessions.open(dir, { recursive, cache });
      const viewer = await startViewer(sessions, { port, publicHosts: publicHost }).catch(
        (error) => {
          throw error.code === "EADDRINUSE" || error.code === "EACCES"
            ? new Failure(`port ${port} is taken, or not allowed: choose another one by --port`)
            : error;
        },
      );
      await stdout.line(viewer.url);
      await stdout.flush();
      if (open && !(await openBrowser(viewer.url))) {
        stderr.line("No browser could be opened: open the address above.");
        await stderr.flush();
      }
      // A signal ends it.
      await new Promise(() => {});
    });
}

/** @param {string} text */
function portOption(text) {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("Expected a number from 0 to 65535.");
  return port;
}

/**
 * @param {string} text
 * @param {string[]} [before]
 */
function publicHostOption(text, before = []) {
  const host = hostOf(text);
  if (!host) throw new InvalidArgumentError("Expected a host name, or NAME:PORT.");
  return [...before, host];
}
