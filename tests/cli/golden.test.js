// Runs each transcript in this folder again, and compares the output. UPDATE=1 rewrites the
// transcripts.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { without } from "../programs.js";
import { casesOf, programsOf, transcriptOf } from "./console.js";
import { furnish } from "./places.js";

for (const file of fs
  .readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".console"))
  .sort()) {
  test(file, async (t) => {
    const path = `${import.meta.dirname}/${file}`;
    const cases = casesOf(fs.readFileSync(path, "utf8"));
    assert.notEqual(cases.length, 0, "no case in it");
    /** @type {string[]} */
    const transcripts = [];
    for (const each of cases) {
      const skip = without(...programsOf(each));
      if (skip) transcripts.push(each.text);
      await t.test(each.title, { skip }, async (t) => {
        assert.notEqual(each.steps.length, 0, "no command in it");
        const folder = temporaryFolder(t);
        furnish(folder);
        const transcript = await transcriptOf(each, folder);
        transcripts.push(transcript);
        if (!process.env.UPDATE) assertSame(transcript.split("\n"), each.text.split("\n"));
      });
    }
    if (process.env.UPDATE) fs.writeFileSync(path, `${transcripts.join("\n\n")}\n`);
  });
}

/**
 * Compares lines, and reports only the first difference.
 *
 * @param {string[]} actual
 * @param {string[]} expected
 */
function assertSame(actual, expected) {
  const at = actual.concat("").findIndex((line, at) => line !== expected[at]);
  if (actual.length === expected.length && at === actual.length) return;
  const around = (/** @type {string[]} */ lines) =>
    lines.slice(Math.max(0, at - 2), at + 3).join("\n");
  assert.fail(
    `line ${at + 1} of the case: printed\n${around(actual)}\n\nexpected\n${around(expected)}`,
  );
}
