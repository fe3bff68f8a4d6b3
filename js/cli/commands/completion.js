// `skill-log completion` prints a script for a shell; the script calls `skill-log complete` when
// Tab is pressed.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import tab from "@bomb.sh/tab/commander";
import { Argument } from "commander";

import { bashCompletion } from "../bash-completion.js";
import { stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */

const EXTENSION = ".jsonl";
const ARCHIVE = ".jsonl.zst";

/** Matches names that need no quoting in any shell; others are not offered. */
const PLAIN = /^(~\/)?[\p{L}\p{N}_.@%+=:,/-]+$/u;

/** The shells that the tests try a script with. */
const SHELLS = ["bash", "zsh", "fish"];

/**
 * Adds the commands `completion`, which prints a script for a shell, and `complete`, which that
 * script calls.
 *
 * @param {Command} program with all its commands
 * @param {string} summary of `completion`
 */
export function addCompletion(program, summary) {
  const root = tab(program, { completionCommandName: "completion" });
  for (const command of root.commands.values()) {
    const logs = command.arguments.get("DIRECTORY");
    if (logs) logs.handler = (complete) => operands().forEach((operand) => complete(operand, ""));
    const session = command.arguments.get("SESSION");
    if (session)
      session.handler = (complete) => operands().forEach((operand) => complete(operand, ""));
  }
  const suggested = root.commands.get("completion")?.arguments.get("shell");
  if (suggested) suggested.handler = (complete) => SHELLS.forEach((name) => complete(name, ""));
  const command = /** @type {Command} */ (
    program.commands.find((command) => command.name() === "completion")
  );
  const shell = new Argument("<SHELL>", "the shell that runs the script").choices(SHELLS);
  // Replace the library's argument: operands have names in capitals in all commands.
  /** @type {Argument[]} */ (command.registeredArguments).splice(0, 1, shell);
  command
    .summary(summary)
    .description(summary[0].toUpperCase() + summary.slice(1))
    .usage("[options] SHELL")
    .showHelpAfterError("See: skill-log completion --help")
    .addHelpText(
      "after",
      `
The script makes Tab complete commands, options, directories and sessions.

Examples:
  $ echo 'source <(skill-log completion bash)' >> ~/.bashrc
  $ echo 'source <(skill-log completion zsh)' >> ~/.zshrc      after compinit
  $ skill-log completion fish > ~/.config/fish/completions/skill-log.fish`,
    )
    .action((/** @type {string} */ name) =>
      name === "bash"
        ? stdout.write(bashCompletion)
        : root.setup(program.name(), program.name(), name),
    );
}

/**
 * Returns completions of the typed word: sessions when a directory comes before it, otherwise
 * paths.
 */
function operands() {
  const words = process.argv.slice(process.argv.indexOf("--") + 2);
  const typed = words.pop() ?? "";
  const directory = words.find((word) => isDirectory(word));
  const names = directory === undefined ? pathsFor(typed) : sessionsIn(directory);
  return names.filter((name) => PLAIN.test(name));
}

/**
 * Returns the sessions of a directory, also archived ones.
 *
 * @param {string} directory
 */
function sessionsIn(directory) {
  const ids = files(directory).flatMap((name) => {
    const end = [EXTENSION, ARCHIVE].find((end) => name.endsWith(end));
    return end === undefined ? [] : [name.slice(0, -end.length)];
  });
  return [...new Set(ids)];
}

/** @param {string} typed */
function pathsFor(typed) {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  return files(folder || ".")
    .map((name) => folder + name)
    .filter((name) => name.endsWith(EXTENSION) || isDirectory(name));
}

/** @param {string} folder */
function files(folder) {
  try {
    return fs.readdirSync(expanded(folder)).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

/** @param {string} name */
function isDirectory(name) {
  try {
    return fs.statSync(expanded(name)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Returns the path that the shell makes of a word: `~/` is the home directory.
 *
 * @param {string} word
 */
function expanded(word) {
  return word.startsWith("~/") ? path.join(os.homedir(), word.slice(2)) : word;
}
