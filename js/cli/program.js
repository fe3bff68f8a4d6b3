// Parses the command line and runs the typed command.

import { Command, CommanderError, Option } from "commander";

import { watchSignals } from "./cleanup.js";
import { commands, completion } from "./commands.js";
import { Failure, UsageError } from "./failures.js";
import { warnOfRemainingDamage } from "./terminal/damage-warnings.js";
import { COLORS, reportError, setColor, stderr, stdout, watchOutputs } from "./terminal/output.js";
import { printable } from "./terminal/printable.js";
import { parseTimeZone, setTimeZone } from "./selection/times.js";
import { version } from "./version.js";

/** Exit statuses. */
export const FAILED = 1;
export const WRONG_USAGE = 2;

/**
 * Runs the program.
 *
 * @param {string[]} args without the program's name
 * @returns {Promise<number>} its exit status
 */
export async function main(args) {
  watchSignals();
  watchOutputs();
  const commandName = args.find((arg) => Object.hasOwn(commands, arg));
  const wantsCompletion =
    args[0] === "complete" || args[args[0] === "help" ? 1 : 0] === "completion";
  try {
    const program = await programWith(
      wantsCompletion ? Object.keys(commands) : commandName ? [commandName] : [],
    );
    if (wantsCompletion) (await completion.load()).addCompletion(program);
    else program.command("completion <SHELL>").summary(completion.summary);
    await program.parseAsync(withoutHelpForUnknown(args, program), { from: "user" });
    await warnOfRemainingDamage();
    await stdout.flush();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    await warnOfRemainingDamage();
    await stdout.flush();
    return await reportFailure(error, commandName);
  } finally {
    await stdout.release();
  }
}

/**
 * Removes the word `help` before an unknown command, so that the error names the command.
 *
 * @param {string[]} args
 * @param {Command} program
 */
function withoutHelpForUnknown(args, program) {
  const isThere = program.commands.some((command) => command.name() === args[1]);
  return args[0] === "help" && args.length > 1 && !isThere ? args.slice(1) : args;
}

/**
 * Builds the program. Its help lists all commands, but only the named ones are loaded.
 *
 * @param {string[]} names of the commands to load
 */
export async function programWith(names) {
  const program = new Command("skill-log")
    .description(
      "Read, search, check and repair session logs. A log is a file SESSION.jsonl: each line is a JSON entry that records one run of a skill.",
    )
    .usage("COMMAND [options]")
    // Options after a command belong to the command: a value may look like an option of the
    // program.
    .enablePositionalOptions()
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [COMMAND]", "show help for a command")
    .configureHelp({ sortSubcommands: false, styleTitle: (title) => stdout.style.bold(title) })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) =>
        void (text.startsWith("error: ")
          ? reportError(text.slice(7).trimEnd())
          : stderr.write(text)),
      getOutHelpWidth: () => Math.min(stdout.width, 100),
      getErrHelpWidth: () => Math.min(stderr.width, 100),
      getOutHasColors: () => stdout.style.isColorSupported,
      getErrHasColors: () => stderr.style.isColorSupported,
    })
    .showSuggestionAfterError()
    .showHelpAfterError("See: skill-log --help")
    .exitOverride()
    .addHelpText(
      "after",
      `
Examples:
  $ skill-log list logs
  $ skill-log read logs session-1 --status fail
  $ skill-log tail -f logs
  $ skill-log stats logs --since 7d

For the options of a command: skill-log COMMAND --help`,
    );
  addCommon(program);
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program
      .command(name)
      .summary(summary)
      .description(summary[0].toUpperCase() + summary.slice(1))
      .copyInheritedSettings(program)
      .showHelpAfterError(`See: skill-log ${name} --help`);
    if (!names.includes(name)) continue;
    (await load()).define(command);
    addCommon(command);
  }
  return program;
}

/**
 * Adds the options of all commands to the program or to a command.
 *
 * @param {Command} command
 */
function addCommon(command) {
  const color = new Option(
    "--color <when>",
    "when to use colour; auto: in terminals, unless NO_COLOR is set",
  ).choices(COLORS);
  const zone = new Option(
    "--tz <zone>",
    "the time zone of times that are shown, and of times that are given without an offset",
  ).argParser(parseTimeZone);
  // Commander calls these after it has checked the values.
  command
    .addOption(color)
    .on("option:color", setColor)
    .addOption(zone)
    .on("option:tz", (/** @type {string} */ name) => setTimeZone(parseTimeZone(name)))
    .option("--utc", "the same as --tz UTC")
    .on("option:utc", () => setTimeZone("UTC"));
}

/**
 * Reports an error on standard error.
 *
 * @param {unknown} error
 * @param {string | undefined} name of the command
 * @returns {Promise<number>} the exit status
 */
async function reportFailure(error, name) {
  if (error instanceof CommanderError) {
    await stderr.flush();
    return error.exitCode === 0 ? 0 : WRONG_USAGE;
  }
  const { message = String(error), code } = /** @type {{ message?: string, code?: string }} */ (
    error
  );
  if (error instanceof UsageError) {
    await reportError(`${message}\nSee: skill-log ${name} --help`);
    return WRONG_USAGE;
  }
  await reportError(message);
  if (!(error instanceof Failure) && code === undefined && error instanceof Error) {
    // An unexpected error: print where in the program it happened.
    for (const line of error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [])
      stderr.line(printable(line));
    await stderr.flush();
  }
  return FAILED;
}
