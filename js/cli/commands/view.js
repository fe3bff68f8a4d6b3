// `skill-log view`: its options, its help, and the server while it runs.

import { createHash } from "node:crypto";
import fs from "node:fs";
import { basename } from "node:path";

import { InvalidArgumentError } from "commander";

import { Sessions } from "../../index.js";
import { Failure } from "../failures.js";
import { stderr, stdout } from "../terminal/output.js";
import { hostOf } from "../viewing/guard.js";
import { openBrowser } from "../viewing/open-browser.js";
import { isTaken, startViewer } from "../viewing/viewer-server.js";

/** @import { Command } from "commander" */

/**
 * @typedef {{ port?: number, open: boolean, publicHost?: string[], recursive?: boolean,
 *   cache: boolean }} ViewOptions
 */

/** The ports of which a directory has one. */
const FIRST_PORT = 49_152;
const LAST_PORT = 65_535;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY")
    .argument("<DIRECTORY>", "the directory of the logs")
    .option(
      "-p, --port <n>",
      "the port; default: the same for a directory each time, if it is free",
      portOption,
    )
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
      const { port, open, publicHost = [], recursive = false, cache } = options;
      if (!fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory())
        throw new Failure(`${dir}: no such directory`);
      const sessions = await Sessions.open(dir, { recursive, cache });
      // Of several viewers of a directory, the first one has its usual port.
      const ports = port === undefined ? [usualPort(dir), 0] : [port];
      const viewer = await startViewer(sessions, {
        ports,
        publicHosts: publicHost,
        source: sourceOf(dir),
      }).catch((error) => {
        throw isTaken(error)
          ? new Failure(`port ${port} is taken, or not allowed: choose another one by --port`)
          : error;
      });
      await stdout.line(viewer.url);
      await stdout.flush();
      if (open && !(await openBrowser(viewer.urlForOnce()))) {
        stderr.line("No browser could be opened: open the address above.");
        await stderr.flush();
      }
      // A signal ends it.
      await new Promise(() => {});
    });
}

/**
 * Returns the port that a directory has each time, among those that no program may claim (RFC 6335,
 * section 6). A browser keeps names, favourites and what was seen by address.
 *
 * @param {string} dir
 */
function usualPort(dir) {
  const digest = createHash("sha256").update(fs.realpathSync(dir)).digest();
  return FIRST_PORT + (digest.readUInt16BE() % (LAST_PORT + 1 - FIRST_PORT));
}

/**
 * Returns what the page calls a directory, and by what it remembers it. The id does not tell where
 * the directory is.
 *
 * @param {string} dir
 */
function sourceOf(dir) {
  const path = fs.realpathSync(dir);
  const id = createHash("sha256").update(`skill-log view ${path}`).digest("base64url");
  return { id, name: basename(path) || path };
}

/** @param {string} text */
function portOption(text) {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > LAST_PORT)
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
