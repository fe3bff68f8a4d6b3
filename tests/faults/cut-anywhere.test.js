// The fault: a file ends at any byte, because its last write was cut or its disk was lost.

import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, append, encode, read } from "skill-log";

import { temporaryDirectory } from "./directory.js";

const session = "cut";
const fields = {
  session_id: session,
  timestamp: "2026-01-02T03:04:05.000000006+07:00",
  skill: "tdd",
  final_status: "ok",
};

/** Entries with values that a cut may fall into. */
const entries = [
  fields,
  { ...fields, message: 'Ümläute, "quotes", \\ and 🪵 \u2028 <b>' },
  { ...fields, input: { a: [1, "two", { three: null }, -4.5e-6], '{"session_id":"x': "{}" } },
  {
    ...fields,
    phase: "p",
    project_root: "/r",
    attempts: [
      { attempt: 1, model: "m", output_summary: "s", runner_output: "line\nline", verified: false },
      { attempt: 2, model: "m", verified: true },
    ],
    file_path: "f",
    model_used: "m",
    duration_ms: 1234,
  },
  { ...fields, duration_ms: -(2n ** 63n) },
  { ...fields, message: "the last one" },
];

const file = Buffer.concat(entries.map((entry) => encode(entry)));
const ends = [...file.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);

test("loses only the cut line when a file is cut at any byte", async () => {
  assert.equal(ends.length, entries.length);
  const dir = temporaryDirectory();
  const later = { ...fields, message: "later" };
  const path = join(dir, `${session}.jsonl`);
  for (let cut = 0; cut <= file.length; cut++) {
    writeFileSync(path, file.subarray(0, cut));
    // An entry is whole even without its line end.
    const whole = ends.filter((end) => end - 1 <= cut).length;
    const rest = cut - (ends.filter((end) => end <= cut).at(-1) ?? 0);
    const isTorn = rest > 0 && !ends.includes(cut + 1);
    assert.deepEqual(await read(dir, session), entries.slice(0, whole), `cut at ${cut}`);

    const log = await SessionLog.open(dir, session);
    const before = await log.verify();
    const pending = isTorn
      ? { offset: cut - rest, length: rest, modified: new Date(statSync(path).mtimeMs) }
      : null;
    assert.deepEqual(
      { damage: before.damage, pending: before.pending },
      { damage: [], pending },
      `cut at ${cut}`,
    );

    await append(dir, session, later);
    assert.deepEqual(
      await read(dir, session, { onDamage() {} }),
      [...entries.slice(0, whole), later],
      `cut at ${cut}`,
    );
    const { damage, pending: left } = await log.verify();
    const expected = isTorn
      ? [{ kind: "torn", offset: cut - rest, length: rest, recovered: 0 }]
      : [];
    const found = damage.map(({ kind, offset, length, recovered }) => ({
      kind,
      offset,
      length,
      recovered,
    }));
    assert.deepEqual({ found, left }, { found: expected, left: null }, `cut at ${cut}`);
    await log.close();
  }
});
