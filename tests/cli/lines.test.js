// Lines in bulk are the lines of the entries that the same filter finds, one by one.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Command } from "commander";

import { canonicalBytes, changesOf } from "../../js/cli/canonical.js";
import { entriesOf } from "../../js/cli/selection/entries.js";
import { Filter } from "../../js/cli/selection/filter.js";
import { eachLine, linesOf } from "../../js/cli/selection/lines.js";
import { findLogs } from "../../js/cli/selection/operands.js";
import { addQuietOption } from "../../js/cli/terminal/damage-warnings.js";
import { damaged } from "../conformance/random-damage.js";
import { randomEntry } from "../conformance/random-entries.js";
import { randomLine } from "../conformance/random-lines.js";
import { Random } from "../conformance/random.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { encode, RawJson } from "skill-log";

/** @import { LinesChunk } from "skill-log" */
/** @import { FilterOptions } from "../../js/cli/selection/filter.js" */

addQuietOption(new Command()).parse(["--quiet"], { from: "user" });

/**
 * Returns a line with some other spelling, damage or line end in a fifth of all cases.
 *
 * @param {Random} random
 */
function anyLine(random) {
  const { input, ...fields } = randomEntry(random, "s");
  const whole = {
    ...fields,
    final_status: random.pick(["pass", "fail"]),
    timestamp: `2026-01-0${random.between(1, 9)}T00:00:0${random.below(9)}Z`,
    // Raw, so that lone surrogates stay, as other writers leave them.
    ...(input !== undefined && { input: new RawJson(JSON.stringify(input)) }),
  };
  const line = Buffer.from(encode(whole)).toString("latin1").slice(0, -1);
  const other = random.pick([
    () => line,
    () => damaged(random, line, line),
    () => randomLine(random, { sloppiness: 0.3, wrong: 0, mistyped: 0 }).replaceAll("\n", " "),
    () => line.replace(/T00:00:0\dZ/, random.pick(["T00:00:00+24:30", "T23:00:00-24:59"])),
    () => `${line}\r`,
    () => `\n${line.replace(/"skill":/, '"SKILL" : ')}`,
  ]);
  return `${random.chance(0.8) ? line : other()}\n`;
}

/** @type {FilterOptions[]} */
const filters = [
  {},
  { status: ["pass"] },
  { status: ["none has this"] },
  { since: () => "2026-01-04T00:00:00Z", until: () => "2026-01-07T00:00:00Z" },
  { last: 0 },
  { last: 1 },
  { last: 7 },
  { last: 1001 },
  { last: 5, status: ["fail"] },
  { last: 1500, since: () => "2026-01-03T00:00:00Z" },
  { grep: "a" },
];

for (const files of [1, 3]) {
  test(`returns the lines of the same entries when a filter selects from ${files} logs`, async (t) => {
    const folder = temporaryFolder(t);
    const random = new Random(files);
    for (let file = 0; file < files; file += 1) {
      const lines = Array.from({ length: 1200 }, () => anyLine(random));
      fs.writeFileSync(path.join(folder, `${file}.jsonl`), lines.join(""), "latin1");
    }
    const logs = await findLogs([folder]);
    assert.equal(logs.length, files);
    for (const options of filters) {
      /** @type {Uint8Array[]} */
      const expected = [];
      const sum = { lines: 0, timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 };
      const count = (/** @type {LinesChunk} */ { lines, changed }) => {
        sum.lines += lines;
        sum.timestamps += changed.timestamps;
        sum.invalidUtf8 += changed.invalidUtf8;
        sum.loneSurrogates += changed.loneSurrogates;
      };
      for await (const { entry } of entriesOf(logs, new Filter(options))) {
        expected.push(canonicalBytes(entry));
        count({ lines: 1, changed: changesOf(entry) });
      }
      const expectedSum = { ...sum };
      Object.assign(sum, { lines: 0, timestamps: 0, invalidUtf8: 0, loneSurrogates: 0 });
      const found = [];
      for await (const chunk of linesOf(logs, new Filter(options), {}, count))
        found.push(...eachLine(chunk));
      const text = (/** @type {Uint8Array[]} */ lines) => Buffer.concat(lines).toString("latin1");
      assert.equal(text(found), text(expected), JSON.stringify(options));
      assert.equal(found.length, expected.length);
      assert.deepEqual(sum, expectedSum, JSON.stringify(options));
      if (Object.keys(options).length === 0) {
        assert.ok(expectedSum.lines > 1000 * files);
        assert.ok(
          Object.values(expectedSum).every((count) => count > 0),
          JSON.stringify(sum),
        );
      }
    }
  });
}
