// Remembers what the bench made for later runs, and by which code.

import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { folder } from "./scratch.js";

/**
 * Facts about files below target/bench, which the code of some modules made. They are in a file
 * of their own.
 *
 * @template {object} Facts
 */
export class KeptFacts {
  #version;

  /** @param {...URL} modules whose code makes the files: when it changes, they are made again */
  constructor(...modules) {
    const maker = createHash("sha256");
    for (const module of modules) maker.update(readFileSync(fileURLToPath(module)));
    this.#version = maker.digest("hex");
  }

  /**
   * Returns the facts about what was made, or `null` when other code made it.
   *
   * @param {string} name
   * @returns {Facts | null}
   */
  of(name) {
    const path = pathOf(name);
    if (!statSync(path, { throwIfNoEntry: false })) return null;
    const { version, ...facts } = JSON.parse(readFileSync(path, "utf8"));
    return version === this.#version ? facts : null;
  }

  /**
   * @param {string} name
   * @param {Facts} facts
   */
  keep(name, facts) {
    writeFileSync(pathOf(name), `${JSON.stringify({ version: this.#version, ...facts })}\n`);
  }
}

/** @param {string} name */
function pathOf(name) {
  return join(folder, `${name}.json`);
}
