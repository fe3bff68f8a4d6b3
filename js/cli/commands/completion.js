// What the shell offers when Tab is pressed.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import tab from "@bomb.sh/tab/commander";
import { Argument } from "commander";

import { bashCompletion } from "../bash-completion.js";
import { stdout } from "../terminal/output.js";

/** @import { Command } from "commander" */

const EXTENSION = ".jsonl";

/** What no shell takes for several words, or for something else than itself. */
const PLAIN = /^(~\/)?[\p{L}\p{N}_.@%+=:,/-]+$/u;

/** The shells that a script is there for, and tried with. */
const SHELLS = ["bash", "zsh", "fish"];

/**
 * Adds `completion`, which prints a script for a shell, and `complete`, which that script calls.
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
  const shell = new Argument("<SHELL>", "the shell").choices(SHELLS);
  // Under the library's own name for it, it would be called otherwise than elsewhere.
  /** @type {Argument[]} */ (command.registeredArguments).splice(0, 1, shell);
  command
    .summary(summary)
    .description(summary)
    .usage("[options] SHELL")
    .showHelpAfterError("See: skill-log completion --help")
    .addHelpText(
      "after",
      `
With it, Tab completes commands, options, directories and sessions.

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

/** Gives what the word that is being typed may become: a session, where a directory comes before it, or a path. */
function operands() {
  const words = process.argv.slice(process.argv.indexOf("--") + 2);
  const typed = words.pop() ?? "";
  const directory = words.find((word) => isDirectory(word));
  const found =
    directory === undefined
      ? pathsFor(typed)
      : files(directory)
          .filter((name) => name.endsWith(EXTENSION))
          .map((name) => name.slice(0, -EXTENSION.length));
  return found.filter((name) => PLAIN.test(name));
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
    return fs.readdirSync(meant(folder)).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

/** @param {string} name */
function isDirectory(name) {
  try {
    return fs.statSync(meant(name)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Gives the path that a word becomes when the shell runs the command.
 *
 * @param {string} word
 */
function meant(word) {
  return word.startsWith("~/") ? path.join(os.homedir(), word.slice(2)) : word;
}
