// Paths of directories.

import { resolve } from "node:path";

import { isUrl } from "../../builtins.js";
import { invalidArgument } from "../../errors.js";
import { pathOf } from "./source.js";

/**
 * @param {unknown} dir
 * @returns {string} an absolute path, so that a change of the working directory does not matter
 */
export function checkDirectory(dir) {
  if (isUrl(dir)) return pathOf(dir, "dir");
  if (typeof dir !== "string" || dir === "" || dir.includes("\0"))
    throw invalidArgument("dir", dir, "a path");
  return resolve(dir);
}
