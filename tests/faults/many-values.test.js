// The fault: an entry needs more memory than there is. That is a limit of the machine, never
// damage.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decode, RawJson, SessionLog } from "skill-log";

import { line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";

/** More attempts, and more values, than the core returns in one entry. */
const ATTEMPTS = 2 ** 22 + 1;
const VALUES = 2 ** 24 + 1;

/** @param {string} member @param {string} item @param {number} count */
const large = (member, item, count) =>
  line("large").replace(/\}$/, `,"${member}":[${`${item},`.repeat(count - 1)}${item}]}`);

for (const [what, text, attempts] of /** @type {const} */ ([
  ["attempts", large("attempts", "{}", ATTEMPTS), ATTEMPTS],
  ["values of its input", large("input", "1", VALUES), 0],
])) {
  test(`reports OUT_OF_MEMORY and no damage when an entry has too many ${what}`, async (t) => {
    const dir = temporaryFolder(t);
    const file = join(dir, "s.jsonl");
    writeFileSync(file, `${line("a")}\n${text}\n${line("b")}\n`);
    const before = readFileSync(file);
    const log = await SessionLog.open(dir, "s");
    const { entries, damaged } = await log.verify();
    assert.deepEqual({ entries, damaged }, { entries: 3, damaged: 0 });
    const index = await log.index();
    assert.equal(index.row(1).attempts, attempts);
    const offset = line("a").length + 1;
    await assert.rejects(log.read(), { code: "OUT_OF_MEMORY", offset });
    await assert.rejects(index.entry(1), { code: "OUT_OF_MEMORY" });
    assert.throws(() => decode(text), { code: "OUT_OF_MEMORY" });
    // The memory of the refused entry is free again, so its neighbours can be read.
    assert.deepEqual(
      (await index.entries(Uint32Array.of(0, 2))).map(({ skill }) => skill),
      ["a", "b"],
    );
    const { repaired, left } = await log.repair();
    assert.deepEqual({ repaired, left }, { repaired: 0, left: 0 });
    assert.ok(readFileSync(file).equals(before));
  });
}

test("refuses to append an entry when it has too many values to be read back", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "s");
  const input = new RawJson(`[${"1,".repeat(VALUES - 1)}1]`);
  const refused = { code: "INVALID_ENTRY", field: "input" };
  await assert.rejects(log.append({ skill: "x", final_status: "ok", input }), refused);
  assert.deepEqual(await log.read(), []);
});
