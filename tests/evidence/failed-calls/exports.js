// Exports of the command line while calls fail, in a process of their own.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { lineOf } from "../../faults/numbered-entry.js";
import { run } from "./command.js";
import { SESSION } from "./world.js";

/** @import { Workload } from "./workloads.js" */
/** @import { World } from "./world.js" */

/** The bytes of all exported files below a path. @param {string} path */
function bytesBelow(path) {
  if (!path.endsWith("days")) return readFileSync(path);
  const files = readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  return Buffer.concat(files.map((name) => readFileSync(join(path, name))));
}

/**
 * @param {string} name
 * @param {string} output
 * @param {string[]} words
 * @returns {Workload}
 */
function exporting(name, output, words) {
  const expected = (/** @type {World} */ world) =>
    Buffer.concat(world.entries(SESSION).map(lineOf));
  const exported = (/** @type {World} */ world, /** @type {string[]} */ ...more) =>
    run(world, ["export", world.dir, "-o", join(world.base, output), "--quiet", ...words, ...more]);
  return {
    name,
    prepare: (world) => world.write(SESSION, 4),
    async act(world) {
      const path = join(world.base, output);
      const { code, stderr } = await exported(world);
      const isHit = world.calls.fired.length > 0;
      if (code !== 0) {
        assert.ok(isHit, `it fails without a reason: ${stderr}`);
        assert.equal(code, 1, stderr);
        assert.match(stderr, /^skill-log: /m);
        assert.doesNotMatch(stderr, /^\s+at /m, "a stack instead of a message");
      }
      // The file appears complete, or not at all.
      if (code === 0 || existsSync(path))
        assert.ok(world.calls.aside(() => bytesBelow(path)).equals(expected(world)));
      const isKept = world.calls.fired.some((call) => call.startsWith("rm"));
      const left = world.calls
        .aside(() => readdirSync(world.base))
        .filter((each) => each.endsWith(".tmp"));
      if (!isKept) assert.deepEqual(left, [], "what a failed export leaves");
    },
    async check(world) {
      const { code, stderr } = await exported(world, "--force");
      assert.equal(code, 0, stderr);
      assert.ok(bytesBelow(join(world.base, output)).equals(expected(world)));
    },
  };
}

/** @type {readonly Workload[]} */
export const exports = [
  exporting("export to a file", "out.jsonl", []),
  exporting("export by days", "days", ["--partition"]),
];
