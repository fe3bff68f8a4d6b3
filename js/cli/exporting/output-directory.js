// A directory of segments that appears complete, or not at all.

import fs from "node:fs";
import path from "node:path";

import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";
import { temporaryName } from "./output-file.js";

/** The mode of log directories. */
export const DIRECTORY_MODE = 0o700;

const DAY = /^date=\d{4}-\d\d-\d\d$/;
const SEGMENT = /^part-\d+\.(jsonl|csv)(\.gz|\.zst)?$/;
const TEMPORARY = /^\.skill-log-[\da-f]{12}\.tmp$/;

/** A directory whose files are written to a temporary folder, and moved when all are complete. */
export class OutputDirectory {
  #path;
  #isNew;
  #mayReplace;
  #cancelCleanup;
  /** The temporary folder. */
  folder;

  /**
   * @param {string} directory
   * @param {{ force?: boolean | undefined }} [options] `force`: whether to replace an earlier
   *   export
   */
  constructor(directory, { force = false } = {}) {
    this.#path = directory;
    this.#mayReplace = force;
    this.#isNew = this.#checkExisting() === null;
    // Inside an existing directory, because it may be a file system of its own: a move must stay
    // within it.
    this.folder = path.join(
      this.#isNew ? path.dirname(path.resolve(directory)) : directory,
      temporaryName(),
    );
    fs.mkdirSync(this.folder, { mode: DIRECTORY_MODE });
    this.#cancelCleanup = onExit(() => this.#remove());
  }

  /** Returns the names that may be replaced; null when the directory does not exist. */
  #checkExisting() {
    const stat = fs.statSync(this.#path, { throwIfNoEntry: false });
    if (!stat) return null;
    if (!stat.isDirectory())
      throw new Failure(`${this.#path} is not a directory; choose another path`);
    const own = this.folder && path.basename(this.folder);
    const names = fs.readdirSync(this.#path).filter((name) => name !== own);
    if (names.length > 0 && !this.#mayReplace)
      throw new Failure(
        `${this.#path} is not empty; add --force to replace an earlier export in it`,
      );
    const other = names.find((name) => !isExported(path.join(this.#path, name)));
    if (other !== undefined)
      throw new Failure(
        `${this.#path} contains ${other}, which no export wrote; choose another directory`,
      );
    return names;
  }

  /** Moves the files to the directory. */
  complete() {
    const old = this.#checkExisting();
    if (this.#isNew) {
      fs.renameSync(this.folder, this.#path);
    } else {
      for (const name of old ?? []) fs.rmSync(path.join(this.#path, name), { recursive: true });
      for (const name of fs.readdirSync(this.folder))
        fs.renameSync(path.join(this.folder, name), path.join(this.#path, name));
      fs.rmdirSync(this.folder);
    }
    this.#cancelCleanup();
  }

  /** Removes the files, unless they are complete. */
  discard() {
    if (this.#cancelCleanup()) this.#remove();
  }

  #remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Reports whether an export wrote the directory at a path: its name and the names in it say so.
 *
 * @param {string} there
 */
function isExported(there) {
  const name = path.basename(there);
  if (!fs.lstatSync(there).isDirectory()) return false;
  return (
    TEMPORARY.test(name) ||
    (DAY.test(name) && fs.readdirSync(there).every((inside) => SEGMENT.test(inside)))
  );
}
