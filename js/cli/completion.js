// What the shell offers when Tab is pressed.

import fs from "node:fs";
import path from "node:path";
import tab from "@bomb.sh/tab/commander";

/** @import { Command } from "commander" */

const EXTENSION = ".jsonl";

/** What no shell takes for several words, or for something else than itself. */
const PLAIN = /^[\p{L}\p{N}_.@%+=:,/-]+$/u;

/**
 * Adds `completion`, which prints a script for a shell, and `complete`, which that script calls.
 *
 * @param {Command} program with all its commands
 */
export function addCompletion(program) {
  const root = tab(program, { completionCommandName: "completion" });
  for (const command of root.commands.values()) {
    const logs = command.arguments.get("logs") ?? command.arguments.get("directory");
    if (logs) logs.handler = (complete) => operands().forEach((operand) => complete(operand, ""));
    const session = command.arguments.get("session");
    if (session) session.handler = (complete) => operands().forEach((operand) => complete(operand, ""));
  }
}

/** Gives what the word that is being typed may become: a session, where a directory comes before it, or a path. */
function operands() {
  const words = process.argv.slice(process.argv.indexOf("--") + 2);
  const typed = words.pop() ?? "";
  const directory = words.find((word) => isDirectory(word));
  const found = directory === undefined ? pathsFor(typed) : files(directory).filter((name) => name.endsWith(EXTENSION)).map((name) => name.slice(0, -EXTENSION.length));
  return found.filter((name) => PLAIN.test(name));
}

/** @param {string} typed */
function pathsFor(typed) {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  return files(folder || ".").map((name) => folder + name).filter((name) => name.endsWith(EXTENSION) || isDirectory(name));
}

/** @param {string} folder */
function files(folder) {
  try {
    return fs.readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

/** @param {string} name */
function isDirectory(name) {
  return fs.statSync(path.resolve(name), { throwIfNoEntry: false })?.isDirectory() === true;
}
