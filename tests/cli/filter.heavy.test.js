// A filter selects the same entries one by one (`tail --follow`) and from the rows of an index
// (`read`).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { Random } from "../conformance/random.js";
import { randomEntry, randomText } from "../conformance/random-entries.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { program } from "./running.js";

/**
 * Entries with members that occur twice, with a lone surrogate, and with JSON syntax inside a
 * string.
 */
const odd = [
  '{"session_id":"s","timestamp":"2025-01-01T00:00:00Z","skill":"odd","input":{"a":"first","a":{"b":["second\\ud83d"]}},"final_status":"pass"}',
  '{"session_id":"s","timestamp":"2025-01-01T00:00:00.000000001+05:45","skill":"odd","input":"a \\"quoted\\\\\\" {[text,","final_status":"pass"}',
];

/** @param {Random} random @param {any[]} entries */
function randomFilter(random, entries) {
  const entry = random.pick(entries);
  const shown = JSON.stringify(entry);
  const at = random.below(shown.length);
  // Half of the texts occur in the JSON of some entry, though perhaps not in a string.
  const text = random.chance(0.5)
    ? randomText(random)
    : shown.slice(at, at + random.between(1, 5)).replaceAll("\\", "");
  const args = [
    ...(random.chance(0.3) ? ["--skill", entry.skill, "--skill", random.pick(entries).skill] : []),
    ...(random.chance(0.3)
      ? ["--status", entry.final_status, "--status", random.pick(entries).final_status]
      : []),
    ...(random.chance(0.3) ? ["--phase", entry.phase ?? ""] : []),
    ...(random.chance(0.2) ? ["--model", entry.model_used ?? ""] : []),
    ...(random.chance(0.3) ? ["--since", entry.timestamp] : []),
    ...(random.chance(0.3) ? ["--until", random.pick(entries).timestamp] : []),
    ...(random.chance(0.2) ? [random.pick(["--verified", "--no-verified"])] : []),
    ...(random.chance(0.2) ? [`--min-duration=${random.below(100)}s`] : []),
    ...(random.chance(0.7) ? [`--grep=${text.replaceAll("\0", "")}`] : []),
    ...(random.chance(0.5) ? ["-i"] : []),
  ];
  // Arguments of a program are UTF-8.
  return args.map((arg) => Buffer.from(arg).toString());
}

test("selects the same entries when it filters entries and when it filters rows", (t) => {
  const random = new Random(11);
  const file = path.join(temporaryFolder(t), "s.jsonl");
  const entries = Array.from({ length: 400 }, () => randomEntry(random, "s"));
  const log = Buffer.from(
    [...entries.map((entry) => JSON.stringify(entry)), ...odd, ""].join("\n"),
  );
  fs.writeFileSync(file, log);
  const run = (/** @type {string[]} */ args, /** @type {Buffer} */ input) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      input,
      maxBuffer: 1 << 26,
    });
    assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
    return stdout.toString().split("\n").slice(0, -1);
  };
  let some = 0;
  for (let i = 0; i < 30; i += 1) {
    const args =
      [["--grep=first"], ["--grep=SECOND\ufffd", "-i"], ['--grep=quoted\\" {[']][i] ??
      randomFilter(random, entries);
    const rows = run(["read", "--json", ...args, file], Buffer.alloc(0));
    assert.deepEqual(run(["tail", "-f", "--json", ...args, "-"], log), rows, args.join(" "));
    if (rows.length > 0 && rows.length < entries.length) some += 1;
    if (i < 3) assert.equal(rows.length, 1, args.join(" "));
  }
  assert.ok(some > 8, `${some} filters selected some of the entries`);
});
