// A directory of segments that appears whole, or not at all.

import fs from "node:fs";
import path from "node:path";

import { onExit } from "../cleanup.js";
import { Failure } from "../failures.js";
import { temporaryName } from "./output-file.js";

/** As the directories of logs. */
export const DIRECTORY_MODE = 0o700;

const DAY = /^date=\d{4}-\d\d-\d\d$/;
const SEGMENT = /^part-\d+\.(jsonl|csv)(\.gz|\.zst)?$/;
const TEMPORARY = /^\.skill-log-[\da-f]{12}\.tmp$/;

/** A directory whose files are elsewhere until all of them are complete. */
export class OutputDirectory {
  #path;
  #isNew;
  #mayReplace;
  #cancelCleanup;
  /** Where its files are until then. */
  folder;

  /**
   * @param {string} directory
   * @param {{ force?: boolean | undefined }} [options] `force`: whether it takes the place of what an export wrote there
   */
  constructor(directory, { force = false } = {}) {
    this.#path = directory;
    this.#mayReplace = force;
    this.#isNew = this.#checkExisting() === null;
    // Within a directory that is there: it may be a volume of its own, where nothing can be moved to.
    this.folder = path.join(
      this.#isNew ? path.dirname(path.resolve(directory)) : directory,
      temporaryName(),
    );
    fs.mkdirSync(this.folder, { mode: DIRECTORY_MODE });
    this.#cancelCleanup = onExit(() => this.#remove());
  }

  /** Gives what may be replaced, or null where there is no directory. */
  #checkExisting() {
    const stat = fs.statSync(this.#path, { throwIfNoEntry: false });
    if (!stat) return null;
    if (!stat.isDirectory())
      throw new Failure(`${this.#path} is there already, and is no directory`);
    const own = this.folder && path.basename(this.folder);
    const names = fs.readdirSync(this.#path).filter((name) => name !== own);
    if (names.length > 0 && !this.#mayReplace)
      throw new Failure(`${this.#path} is not empty; --force replaces what an export wrote there`);
    const other = names.find((name) => !isExported(path.join(this.#path, name)));
    if (other !== undefined)
      throw new Failure(
        `${this.#path} has ${other} in it, which no export wrote there and none replaces; choose another directory`,
      );
    return names;
  }

  /** Gives the files their place. */
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

  /** Leaves nothing of them, where they are not complete. */
  discard() {
    if (this.#cancelCleanup()) this.#remove();
  }

  #remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Tells whether an export wrote what is at a path, by its name and the names in it.
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
