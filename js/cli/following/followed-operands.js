// Finds the logs to follow among the operands: also logs that do not exist yet, and standard input
// as it comes.

import path from "node:path";

import { SessionLog, Sessions } from "../../index.js";
import { UsageError } from "../failures.js";
import {
  EXTENSION,
  findLogs,
  isArchived,
  logBelow,
  NamedLog,
  refuseEmpty,
  refuseFileName,
  sessionsIn,
  StandardInput,
  statOf,
} from "../selection/operands.js";
import { startSpool } from "../selection/standard-input.js";
import { warn } from "../terminal/output.js";

/** The facts of a file that does not exist yet. */
const nothing = { bytes: 0, modified: new Date(0) };

/** Standard input while it comes. */
export class ComingInput extends StandardInput {
  /**
   * @param {string} path of the file that keeps the input
   * @param {Promise<void>} complete resolves after all input has come
   */
  constructor(path, complete) {
    super(path, nothing);
    this.complete = complete;
    // Whoever waits for `complete` reports its error.
    complete.catch(() => {});
  }
}

/**
 * Finds the logs that the operands name. A first operand that does not exist yet is a directory,
 * unless it has the ending of a log.
 *
 * @param {string[]} operands
 * @param {boolean} recursive
 * @returns {Promise<{ logs: NamedLog[], dir: string | null }>} `dir` is the directory of which all
 *   sessions are followed, also later sessions; else null. Its logs are sorted by their last write,
 *   the latest last
 */
export async function findFollowed(operands, recursive) {
  refuseEmpty(operands);
  const [first, ...rest] = operands;
  const stat = statOf(first);
  const isDirectory = first !== "-" && (stat ? stat.isDirectory() : !first.endsWith(EXTENSION));
  if (isDirectory && rest.length === 0) {
    if (!stat) await warn(`${first}: does not exist yet; waiting for it`);
    return { logs: stat ? await sessionsIn(first, recursive) : [], dir: first };
  }
  if (isDirectory)
    return {
      logs: await Promise.all(rest.map((id) => sessionIn(first, id, recursive))),
      dir: null,
    };
  if (operands.filter((operand) => operand === "-").length > 1)
    throw new UsageError("standard input (-) can be named only once");
  return {
    logs: await Promise.all(
      operands.map((operand) => (operand === "-" ? comingInput() : fileAt(operand))),
    ),
    dir: null,
  };
}

/**
 * @param {string} dir
 * @param {string} id
 * @param {boolean} recursive
 */
async function sessionIn(dir, id, recursive) {
  refuseFileName(dir, id);
  const file = path.join(dir, id + EXTENSION);
  if (id === "-" || statOf(file) || isArchived(file))
    return (await findLogs([dir, id], { recursive }))[0];
  // Fails when no log can have that id.
  if (recursive) (await Sessions.open(dir, { recursive })).open(id);
  else await (await SessionLog.open(dir, id)).close();
  return logBelow(dir, id, nothing);
}

/** @param {string} file */
async function fileAt(file) {
  const stat = statOf(file);
  if (!stat) return new NamedLog(file, nothing);
  if (stat.isDirectory())
    throw new UsageError(
      `${file} is a directory; name it first, alone or followed by sessions in it`,
    );
  return (await findLogs([file]))[0];
}

function comingInput() {
  if (process.stdin.isTTY)
    throw new UsageError("standard input (-) is a terminal; pipe a log into it");
  const { path, done } = startSpool();
  return new ComingInput(path, done);
}
