// Runs of the simulator, without a browser: what they hold for every seed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf } from "../../../simulator/file-view.js";
import { readPlainly, readWithPackage } from "../../../simulator/readers.js";
import { simulate } from "../../../simulator/simulate.js";

const SEEDS = 300;

/** @param {Uint8Array} bytes */
const text = (bytes) => Buffer.from(bytes).toString();

test("makes the same steps again when the seed is the same", () => {
  assert.deepEqual(simulate(7), simulate(7));
  assert.notDeepEqual(simulate(7), simulate(8));
});

test("loses and invents no entry, with any reader, when the file is guarded", async () => {
  let guards = 0;
  let glued = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    /** @type {Set<string>} */
    const started = new Set();
    for (const { number, phase, guarded, acknowledged, plain } of simulate(seed)) {
      started.add(phase);
      for (const { entries } of [
        readPlainly(guarded.bytes),
        await readWithPackage(guarded.bytes),
      ]) {
        const lost = acknowledged.filter((phase) => !entries.includes(phase));
        assert.deepEqual(lost, [], `seed ${seed}, append ${number}`);
        assert.ok(entries.every((phase) => started.has(phase)));
        assert.equal(new Set(entries).size, entries.length);
      }
      guards += Number(guarded.isGuarded);
      const { entries } = readPlainly(plain.bytes);
      glued += acknowledged.filter((phase) => !entries.includes(phase)).length;
    }
  }
  // Else the page would have nothing to show.
  assert.ok(guards > SEEDS && glued > SEEDS, `${guards} guards, ${glued} entries not read`);
});

test("shows each byte once, by who wrote it, when a file has lines of several writers", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    for (const step of simulate(seed))
      for (const file of [step.guarded, step.plain]) {
        const shown = linesOf(file)
          .map(
            ({ parts, end }) =>
              parts.map((part) => part.text).join("") + (end === null ? "" : "\n"),
          )
          .join("");
        assert.equal(shown, text(file.bytes));
      }
  }
});
