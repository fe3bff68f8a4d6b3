// Turns what Node throws into errors of the package.

import { isError } from "../../builtins.js";
import { SkillLogError } from "../../errors.js";

/**
 * @param {string} path
 * @param {string} doing
 * @param {unknown} cause
 */
export function fileError(path, doing, cause) {
  if (cause instanceof SkillLogError) return cause;
  const code = isError(cause) ? cause.code : "";
  if (code === "ELOOP" || code === "EMLINK" || code === "EISDIR" || code === "ENXIO")
    return notRegular(path, cause);
  return new SkillLogError("IO_ERROR", `cannot ${doing} ${path}: ${reasonOf(cause)}`, {
    path,
    cause,
  });
}

/**
 * Makes the error of a sync that failed.
 *
 * @param {string} path
 * @param {unknown} cause
 */
export function syncError(path, cause) {
  const message = `${path}: the appended bytes may not be on the disk: ${reasonOf(cause)}`;
  return new SkillLogError("SYNC_FAILED", message, { path, cause });
}

/**
 * Returns the system's message without the call and the path.
 *
 * @param {unknown} cause
 */
export function reasonOf(cause) {
  return isError(cause) ? cause.message.replace(/, \w+(?: '.*)?$/s, "") : String(cause);
}

/**
 * @param {string} path
 * @param {unknown} [cause]
 */
export function notRegular(path, cause) {
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path}: not a regular file, or a symbolic link`,
    { path, cause },
  );
}

/**
 * Makes the error of a path that has something else than a file.
 *
 * @param {string} path
 * @param {import("node:fs").Stats} stat of the path itself, not of the target of a link
 * @param {string} consequence what is therefore not done, and what to do
 */
export function inTheWay(path, stat, consequence) {
  const kinds = {
    Directory: "a directory",
    SymbolicLink: "a symbolic link",
    FIFO: "a named pipe",
    Socket: "a socket",
  };
  const kind =
    Object.entries(kinds).find(([name]) => /** @type {any} */ (stat)[`is${name}`]())?.[1] ??
    "a device";
  return new SkillLogError(
    "NOT_A_REGULAR_FILE",
    `${path} is ${kind} and no regular file: ${consequence}`,
    { path },
  );
}

/**
 * @param {unknown} error
 * @param {string} code
 */
export function hasCode(error, code) {
  return isError(error) && error.code === code;
}
