// Checks the rules of FORMAT.md on damage, doubtful entries, pending bytes and the spelling of
// `input`.

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { RawJson, SessionLog } from "skill-log";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { appendedInputs, damageVectors } from "./vectors.js";

/** @import { Damage, Stretch } from "skill-log" */

const vectors = damageVectors();
const inputs = appendedInputs();

test("reads 36 damaged files as the vectors say", async () => {
  assert.equal(vectors.length, 36);
  for (const { id, file, maxLineBytes, ...expected } of vectors) {
    const log = await SessionLog.from(file);
    const entries = [];
    /** @type {Damage[]} */
    const damage = [];
    const onDamage = (/** @type {Damage} */ each) => damage.push(each);
    const options = { doubtful: true, maxLineBytes, onDamage };
    for await (const { offset, length, recovered, doubtful } of log.records(options)) {
      entries.push([offset, length, doubtful ? "doubtful" : recovered ? "recovered" : "whole"]);
    }
    assert.deepEqual(entries, expected.entries, id);
    const found = damage.map(({ kind, offset, length, lines = 1, doubtful }) => {
      return { kind, offset, length, lines, doubtful: places(doubtful) };
    });
    assert.deepEqual(found, expected.damage, id);
    const certain = await log.read({ maxLineBytes, onDamage() {} });
    assert.equal(certain.length, entries.filter(([, , sort]) => sort !== "doubtful").length, id);
    if (maxLineBytes !== undefined) continue;
    const { pending, foreign } = await log.verify();
    assert.deepEqual(
      [pending && [pending.offset, pending.length], foreign],
      [expected.pending, expected.foreign],
      id,
    );
  }
});

test("spells 18 inputs as the vectors say when they are appended", async (t) => {
  assert.equal(inputs.length, 18);
  const folder = temporaryFolder(t);
  const log = await SessionLog.open(folder, "s");
  for (const { input } of inputs) {
    await log.append({ skill: "k", final_status: "ok", input: new RawJson(input) });
  }
  const text = await fs.readFile(path.join(folder, "s.jsonl"), "utf8");
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    const { id, input, appended } = inputs[index];
    assert.match(line, /^\{"session_id":"s",/, id);
    assert.equal(
      line.slice(line.indexOf('"input":') + 8, line.indexOf(',"final_status"')),
      appended,
      id,
    );
    const isEqual = !/\\u[dD][89a-fA-F]/.test(input) || id === "pair" || id === "backslashes";
    if (isEqual) assert.deepEqual(JSON.parse(appended), JSON.parse(input), id);
  }
});

/** @param {Stretch[]} [stretches] */
function places(stretches = []) {
  return stretches.map(({ offset, length }) => [offset, length]);
}
