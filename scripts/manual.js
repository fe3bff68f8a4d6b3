// Writes the manual page from the command line's own help.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { Help } from "commander";

import { commands, completion } from "../js/cli/commands.js";
import { programWith } from "../js/cli/program.js";
import { FILTER } from "../js/cli/selection/filter.js";
import { version } from "../js/cli/version.js";
import { Failure, root } from "./command.js";

/** @import { Command, Option } from "commander" */

/** Describes an option or an argument with its choices and its default. */
const help = new Help();

/** The parts of the page that no command's help has. */
const introduction = `
skill-log reads, searches, checks and repairs session logs. A log is a file \`SESSION.jsonl\`: each line
is a JSON entry that records one run of a skill.

Most commands take a *DIRECTORY* of logs and the ids of *SESSION*s in it (none: all sessions), or
\`.jsonl\` files, or \`-\` for standard input.
`;

const rest = `
## EXIT STATUS

* 0: success. Commands that read past damage warn about it on standard error.
* 1: something failed, \`verify\` found damage, \`repair\` left some, or \`search\` found nothing.
* 2: wrong usage: an unknown command or option, or a wrong value.

## ENVIRONMENT

* \`NO_COLOR\`: when set, no output has colour. \`FORCE_COLOR\`: colour also in a pipe. \`--color\` overrides both.
* \`TZ\`: the time zone of printed times, and of typed times that name none. \`--tz\` and \`--utc\` override it.
* \`PAGER\`: the program that shows long output in a terminal; \`less\` when it is not set, none when it is empty or \`cat\`.
* \`XDG_CACHE_HOME\`: where the directory \`skill-log\` with the cache is; \`~/.cache\` when it is not set.
* \`TMPDIR\`: the directory for copies of standard input, which are removed at the end.
`;

/**
 * Returns the manual page.
 *
 * @returns {Promise<string>} roff
 */
export async function manual() {
  const program = await programWith(Object.keys(commands));
  (await completion.load()).addCompletion(program);
  const shown = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const filtered = shown.filter(({ options }) => options.some(isFilter));
  const parts = [
    "# skill-log(1) -- read, search, check and repair session logs\n\n## SYNOPSIS\n\n`skill-log` *COMMAND* [*options*]\n\n## DESCRIPTION\n" +
      introduction,
    "\n## OPTIONS\n",
    ...list(help.visibleOptions(program)),
    "\n## COMMANDS\n",
    ...shown.map(section),
    `## WHICH ENTRIES\n\n${filtered.map((command) => `\`${command.name()}\``).join(", ")} take these options, all of which must hold for an entry:\n`,
    ...list(filtered.flatMap(({ options }) => options).filter(isFilter)),
    rest,
  ];
  const tool = join(root, "node_modules", "marked-man", "bin", "marked-man.js");
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [tool, "--version", `skill-log ${version}`, "--manual", "skill-log", "--no-breaks"],
    { input: parts.join("\n"), encoding: "utf8" },
  );
  if (status !== 0) throw new Failure(`marked-man cannot make the manual page: ${stderr}`);
  return stdout;
}

/** Returns the section of a command. @param {Command} command */
function section(command) {
  const name = `skill-log ${command.name()}`;
  const [text, examples] = afterHelp(command).split(/^Examples:\n/m);
  // The introduction describes the other operands, which are logs.
  const operands = command.registeredArguments.filter((argument) => !argument.variadic);
  // OPTIONS has the program's own options.
  const shared = new Set((command.parent?.options ?? []).map(({ flags }) => flags));
  const own = command.options.filter(
    (option) => !option.hidden && !isFilter(option) && !shared.has(option.flags),
  );
  return [
    `### ${name}\n`,
    `\`${name}\` ${escaped(command.usage())}\n`,
    `${escaped(sentence(command.description()))}\n`,
    ...operands.map(
      (argument) => `* *${argument.name()}*: ${escaped(help.argumentDescription(argument))}\n`,
    ),
    ...list(own),
    ...(command.options.some(isFilter) ? ["And the options of WHICH ENTRIES, below.\n"] : []),
    `${blocks(text)}\n`,
    examples ? `Examples:\n\n${examples.replace(/^ {2}/gm, "    ")}\n` : "",
  ].join("\n");
}

/** Reports whether an option selects entries. @param {Option} option */
function isFilter({ helpGroupHeading }) {
  return helpGroupHeading === FILTER;
}

/** Returns a list of options, each once. @param {Option[]} options */
function list(options) {
  return [
    ...new Map(
      options.map((option) => [
        option.flags,
        `* \`${option.flags}\`: ${escaped(help.optionDescription(option))}\n`,
      ]),
    ).values(),
  ];
}

/** Returns what a command adds to its help. @param {Command} command */
function afterHelp(command) {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help.slice(command.helpInformation().length).trim();
}

/** Returns paragraphs as Markdown, and indented lines as code. @param {string} [text] */
function blocks(text = "") {
  return text
    .trim()
    .split("\n")
    .map((line) => (line.startsWith("  ") ? `  ${line}` : escaped(line)))
    .join("\n")
    .replace(/(\S)\n( {4})/, "$1\n\n$2");
}

/** @param {string} text */
function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** Escapes what Markdown would interpret. @param {string} text */
function escaped(text) {
  return text.replace(/[\\`*_<>[\]|]/g, "\\$&");
}
