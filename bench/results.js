// Keeps the last results for --write.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { Failure } from "../scripts/command.js";
import { folder } from "./scratch.js";

/** @typedef {import("./report.js").Results} Results */

export class ResultsFile {
  #names;

  /**
   * @param {string} name of the file, below target/bench
   * @param {string[]} names of all rows, in their order
   */
  constructor(name, names) {
    this.path = join(folder, name);
    this.#names = names;
  }

  /** @returns {Results | null} */
  last() {
    return existsSync(this.path) ? JSON.parse(readFileSync(this.path, "utf8")) : null;
  }

  /**
   * Keeps results with those of other rows from the same machine, so that a disturbed row can be
   * run again.
   *
   * @param {Results} results
   */
  keep(results) {
    const before = this.last();
    const same =
      before?.quick === results.quick && isDeepStrictEqual(before.machine, results.machine);
    const known = new Map(
      [...(same ? before.rows : []), ...results.rows].map((row) => [row.name, row]),
    );
    const rows = this.#names.map((name) => known.get(name)).filter((row) => row !== undefined);
    writeFileSync(
      this.path,
      `${JSON.stringify({ ...(same ? before : {}), ...results, rows }, null, 2)}\n`,
    );
  }

  /**
   * Returns the last results, or throws when rows are missing or the run was quick.
   *
   * @param {string} command that makes them
   * @param {(results: Results) => string[]} [alsoMissing] returns the names of other missing parts
   */
  whole(command, alsoMissing = () => []) {
    const results = this.last();
    if (!results) throw new Failure(`there are no results yet: run \`${command}\` first`);
    if (results.quick)
      throw new Failure(
        `the last run was quick, so its figures say little: run \`${command}\` first`,
      );
    const missing = [
      ...this.#names.filter((name) => !results.rows.some((row) => row.name === name)),
      ...alsoMissing(results),
    ];
    if (missing.length > 0)
      throw new Failure(`these rows have no results yet: ${missing.join(", ")}. Run them first`);
    return results;
  }
}
