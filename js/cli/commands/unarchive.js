// `skill-log unarchive`: turns archives into logs.

import prettyBytes from "pretty-bytes";

import { DirectoryLocks } from "../archiving/directory-lock.js";
import { statAt } from "../archiving/regular-file.js";
import { sessionsNamed, sessionsOf } from "../archiving/session-files.js";
import { unarchive } from "../archiving/session-unarchiver.js";
import { zstdCodec } from "../archiving/zstd-codec.js";
import { onExit } from "../cleanup.js";
import { jsonText } from "../json-text.js";
import { isGlob } from "../selection/glob.js";
import { refuseEmpty } from "../selection/operands.js";
import { reportFailureOf, stderr, stdout } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { SessionFiles } from "../archiving/session-files.js" */

/** The level for what was appended since: it is compressed for a moment only. */
const LEVEL = 1;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY SESSION...")
    .argument("<DIRECTORY>", "a directory of logs")
    .argument("<SESSION...>", "ids of archived sessions in it, or patterns such as 'build-*'")
    .option("-r, --recursive", "unarchive sessions in subdirectories too; their ids are paths")
    .option("--json", "print one JSON object per session")
    .addHelpText(
      "after",
      `
SESSION.jsonl.zst becomes SESSION.jsonl, byte for byte what was archived. What was
appended since follows. Readers find every entry at each moment, also when the
command is interrupted: run it again to finish.

Exit status: 0 on success; 1 when a session could not be unarchived; 2 for wrong usage.

Examples:
  $ skill-log unarchive logs session-1
  $ skill-log unarchive logs 'build-*'`,
    )
    .action(unarchiveLogs);
}

/**
 * @param {string} dir
 * @param {string[]} operands
 * @param {{ json?: boolean, recursive?: boolean }} options
 */
async function unarchiveLogs(dir, operands, { json = false, recursive }) {
  refuseEmpty([dir, ...operands]);
  const codec = await zstdCodec(LEVEL);
  /** @type {[dir: string, error: unknown][]} */
  const unlisted = [];
  const onFailure = (/** @type {string} */ below, /** @type {unknown} */ error) =>
    void unlisted.push([below, error]);
  const find = () => {
    const sessions = sessionsOf(dir, { recursive, onFailure });
    // A pattern means those that are archived.
    const archived = new Map([...sessions].filter(([, files]) => isArchived(files)));
    const named = operands.flatMap((operand) =>
      sessionsNamed(isGlob(operand) ? archived : sessions, dir, [operand]),
    );
    return new Set(named);
  };
  const dirs = recursive ? [...find()].map((files) => files.dir) : [dir];
  for (const [below, error] of unlisted) await reportFailureOf(below, error);
  const lock = new DirectoryLocks(dirs);
  const cancelNotice = onExit(sayInterrupted);
  try {
    for (const files of find()) {
      // Its directory was made meanwhile.
      if (!lock.has(files.dir)) continue;
      const progress = new Progress("unarchiving", []);
      let done = 0;
      const onBytes = async (/** @type {number} */ bytes) => {
        done += bytes;
        progress.update({ bytes: done });
        await new Promise((next) => setImmediate(next));
      };
      try {
        const bytes = await unarchive(files, { lock, codec, onBytes });
        const { name: id, log } = files;
        if (json) await stdout.json(jsonText({ id, action: "unarchived", bytes }));
        else await stdout.line(`${stdout.style.bold(printable(log))}: ${prettyBytes(bytes)}`);
      } catch (error) {
        await reportFailureOf(files.log, error);
      } finally {
        progress.stop();
      }
    }
  } finally {
    cancelNotice();
    lock.release();
  }
}

/** @param {SessionFiles} files */
function isArchived({ archive, asides }) {
  return asides.size > 0 || statAt(archive) !== undefined;
}

/** Says that the command can be run again. Synchronous, because a signal ends the program. */
function sayInterrupted() {
  stderr.line(
    `${stderr.style.bold("skill-log:")} interrupted: no entry is lost. Run the command again to finish.`,
  );
  void stderr.flush();
}
