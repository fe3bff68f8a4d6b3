// The hosts whose logs are exported: each a directory, by the operands and --host.

import fs from "node:fs";
import path from "node:path";

import { Failure, UsageError } from "../../failures.js";
import { refuseEmpty } from "../../selection/operands.js";

/** A host, and the directory of its logs. @typedef {{ host: string, dir: string }} HostDirectory */

/** What engines read as the absence of a value. */
const NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

/** Most file systems refuse a longer name. */
const MOST_NAME_BYTES = 255;

/**
 * Matches what Hive and Spark escape in the values of partitions, on any system; and what file names
 * on Windows cannot have.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: names may have them
// eslint-disable-next-line no-control-regex
const ESCAPED = /[\x00-\x1f\x7f"#%'*/:=?\\{[\]^<>|]|[. ]$/g;

/**
 * Returns the name of a host's folder, such as `host=runner-1`, with escapes as Hive has them: `%3A`
 * for a colon.
 *
 * @param {string} host
 * @throws {UsageError} when the name is empty, too long, or the one that means no value
 */
export function hostFolder(host) {
  if (host === "") throw new UsageError("the name of a host is empty");
  if (host === NO_VALUE)
    throw new UsageError(`${host} cannot be the name of a host, because engines read it as none`);
  if (/\p{Surrogate}/u.test(host))
    throw new UsageError(`the name of the host ${JSON.stringify(host)} is not valid Unicode`);
  const escaped = host.replace(
    ESCAPED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  const folder = `host=${escaped}`;
  if (Buffer.byteLength(folder) > MOST_NAME_BYTES)
    throw new UsageError(
      `the name of the host ${host.slice(0, 40)}… is too long for the name of a folder`,
    );
  return folder;
}

/**
 * Reports whether operands are hosts: with --host, several directories, or `HOST=DIRECTORY`.
 *
 * @param {string[]} operands
 * @param {string | undefined} host the value of --host
 */
export function nameHosts(operands, host) {
  if (host !== undefined) return true;
  const [first, ...rest] = operands;
  if (!isDirectory(first)) return namedDirectory(first) !== null;
  // `DIRECTORY SESSION` otherwise.
  return rest.some((operand) => isDirectory(operand) || namedDirectory(operand) !== null);
}

/**
 * Returns the hosts that operands name. A directory's own name is its host's, where no other is
 * given.
 *
 * @param {string[]} operands
 * @param {string | undefined} host the value of --host
 * @returns {HostDirectory[]}
 */
export function hostDirectories(operands, host) {
  refuseEmpty(operands);
  if (host !== undefined && operands.length > 1)
    throw new UsageError("--host names the host of one directory; for several, use HOST=DIRECTORY");
  const hosts = operands.map((operand) => {
    if (isDirectory(operand))
      return { host: host ?? path.basename(fs.realpathSync(operand)), dir: operand };
    const named = namedDirectory(operand);
    if (named && host !== undefined)
      throw new UsageError(`--host and ${operand} both name the host; use one of them`);
    if (named) return named;
    throw new Failure(`${operand} is not a directory; name a DIRECTORY or HOST=DIRECTORY`);
  });
  /** @type {Map<string, string>} */
  const folders = new Map();
  for (const { host, dir } of hosts) {
    // Some file systems take names that differ in case for one.
    const folder = hostFolder(host).toLowerCase();
    const other = folders.get(folder);
    if (other !== undefined)
      throw new UsageError(
        `${other} and ${dir} are both of the host ${host}; name them: HOST=DIRECTORY`,
      );
    folders.set(folder, dir);
  }
  return hosts;
}

/**
 * Splits `HOST=DIRECTORY`. Both may have further equals signs.
 *
 * @param {string} operand
 * @returns {HostDirectory | null} null when no part after an equals sign is a directory
 */
function namedDirectory(operand) {
  for (let at = operand.indexOf("="); at >= 0; at = operand.indexOf("=", at + 1)) {
    const dir = operand.slice(at + 1);
    if (isDirectory(dir)) return { host: operand.slice(0, at), dir };
  }
  return null;
}

/** @param {string} path */
function isDirectory(path) {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
