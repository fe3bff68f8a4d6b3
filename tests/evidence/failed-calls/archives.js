// Archives of the command line while calls fail, in a process of their own.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { archivedText } from "../../faults/archived-text.js";
import { lineOf } from "../../faults/numbered-entry.js";
import { run } from "./command.js";
import { SESSION } from "./world.js";

/** @import { Workload } from "./workloads.js" */
/** @import { World } from "./world.js" */

const NAME = `${SESSION}.jsonl`;
/** What an archive has before the log: its text is known. */
const BEFORE = Buffer.from("\n".repeat(300));

/** @param {World} world */
function expected(world) {
  return Buffer.concat([BEFORE, ...world.entries(SESSION).map(lineOf)]);
}

/**
 * Runs a command that must succeed.
 *
 * @param {World} world
 * @param {string[]} words
 */
async function succeed(world, ...words) {
  const { code, stderr } = await run(world, words);
  assert.equal(code, 0, stderr);
}

/**
 * Runs a command while calls fail, and checks that each entry is there.
 *
 * @param {World} world
 * @param {string[]} words
 */
async function attempt(world, ...words) {
  const { code, stderr } = await run(world, words);
  if (code !== 0) {
    assert.ok(world.calls.fired.length > 0, `it fails without a reason: ${stderr}`);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^skill-log: /m);
    assert.doesNotMatch(stderr, /^\s+at /m, "a stack instead of a message");
  }
  assert.ok((await textOf(world)).equals(expected(world)), "an entry is not there, or there twice");
}

/** @param {World} world */
function textOf(world) {
  return world.calls.aside(() => archivedText(world.dir, SESSION));
}

/** @type {readonly Workload[]} */
export const archives = [
  {
    name: "archive",
    async prepare(world) {
      await world.write(SESSION, 4);
      const path = join(world.dir, NAME);
      const log = world.calls.aside(() => readFileSync(path));
      world.calls.aside(() => writeFileSync(path, BEFORE));
      await succeed(world, "archive", world.dir, "--idle", "0s");
      world.calls.aside(() => writeFileSync(path, log));
    },
    act: (world) => attempt(world, "archive", world.dir, "--idle", "0s"),
    async check(world) {
      await succeed(world, "unarchive", world.dir, SESSION);
      const names = world.calls.aside(() => readdirSync(world.dir));
      assert.deepEqual(
        names.filter((name) => !name.endsWith(".lock")),
        [NAME],
      );
    },
  },
];
