// What is asked to be followed: also what does not exist yet, and standard input as it comes.

import path from "node:path";

import { SessionLog } from "../../index.js";
import { UsageError } from "../failures.js";
import {
  EXTENSION,
  findLogs,
  NamedLog,
  refuseEmpty,
  refuseFileName,
  sessionsIn,
  StandardInput,
  statOf,
} from "../selection/operands.js";
import { startSpool } from "../selection/standard-input.js";
import { warn } from "../terminal/output.js";

/** What is known of a file before it is there. */
const nothing = { bytes: 0, modified: new Date(0) };

/** Standard input while it comes. */
export class ComingInput extends StandardInput {
  /**
   * @param {string} path of the file it is kept in
   * @param {Promise<void>} complete when all of it has come
   */
  constructor(path, complete) {
    super(path, nothing);
    this.complete = complete;
    // Told by who waits for it.
    complete.catch(() => {});
  }
}

/**
 * Finds what was named. What is not there yet is a directory, unless it is called as a log is or follows a directory.
 *
 * @param {string[]} operands
 * @returns {Promise<{ logs: NamedLog[], dir: string | null }>} `dir` where all of its sessions are wanted, also those to come; of them
 *   those that were written to last come last
 */
export async function findFollowed(operands) {
  refuseEmpty(operands);
  const [first, ...rest] = operands;
  const stat = statOf(first);
  const isDirectory = first !== "-" && (stat ? stat.isDirectory() : !first.endsWith(EXTENSION));
  if (isDirectory && rest.length === 0) {
    if (!stat) await warn(`${first}: does not exist yet; waiting for it`);
    return { logs: stat ? await sessionsIn(first) : [], dir: first };
  }
  if (isDirectory)
    return { logs: await Promise.all(rest.map((id) => sessionIn(first, id))), dir: null };
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
 */
async function sessionIn(dir, id) {
  refuseFileName(dir, id);
  const file = path.join(dir, id + EXTENSION);
  if (id === "-" || statOf(file)) return (await findLogs([dir, id]))[0];
  // Fails where no log can be called so.
  await (await SessionLog.open(dir, id)).close();
  return new NamedLog(file, { dir, id, ...nothing });
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
