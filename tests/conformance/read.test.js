// Reads each recorded file from the disk.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { read } from "skill-log";

import { canonicalize, codeOf, strictRead } from "./outcome.js";
import { failing, readVectors } from "./vectors.js";

const dir = mkdtempSync(join(tmpdir(), "skill-log-conformance-"));
after(() => rmSync(dir, { recursive: true }));

const sessions = readVectors().map((vector, i) => ({ ...vector, session: `vector-${i}` }));
for (const { session, file } of sessions)
  if (file) writeFileSync(join(dir, `${session}.jsonl`), file);

test("finds all 224 recorded files", () => {
  assert.equal(sessions.length, 224);
  assert.equal(sessions.filter(({ file }) => file === null).length, 1);
  const count = (/** @type {string} */ code) =>
    sessions.filter(({ error }) => codeOf(error) === code).length;
  assert.deepEqual([count(""), count("LINE_TOO_LONG"), count("INVALID_LINE")], [121, 21, 82]);
});

test("returns the Go original's entries and error when reading is strict", async () => {
  const failures = await failing(sessions, async ({ session, entries, error }) => {
    const got = await strictRead(dir, session);
    assert.equal(got.code, codeOf(error));
    // On a line that it cannot parse, the Go original returns no entries and the package those
    // before.
    if (got.code !== "INVALID_LINE") assert.deepEqual(got.entries.map(latin1), entries.map(latin1));
  });
  assert.deepEqual(failures, []);
});

test("reports the line number and the entries before it when a line is bad", async () => {
  const bad = sessions.filter(({ error }) => codeOf(error) === "INVALID_LINE");
  const failures = await failing(bad, async ({ session, file }) => {
    const { entries, error } = await strictRead(dir, session);
    const before = [];
    for (const [i, line] of lines(/** @type {Buffer} */ (file)).entries()) {
      if (line.length === 0) continue;
      const outcome = canonicalize(line);
      if ("step" in outcome && outcome.step === "unmarshal") {
        assert.equal(error?.line, i + 1);
        break;
      }
      before.push("out" in outcome ? outcome.out : null);
    }
    assert.deepEqual(entries.map(latin1), before.map(latin1));
  });
  assert.deepEqual(failures, []);
});

test("returns at least the Go original's entries, and never throws, when reading is not strict", async () => {
  const failures = await failing(sessions, async ({ session, entries }) => {
    const got = await read(dir, session, { onDamage() {} });
    assert.ok(got.length >= entries.length, `${got.length} of ${entries.length} entries`);
  });
  assert.deepEqual(failures, []);
});

/**
 * Splits a file into lines as Go's scanner does.
 *
 * @param {Buffer} file
 */
function lines(file) {
  return file
    .toString("latin1")
    .split("\n")
    .map((line) => Buffer.from(line.replace(/\r$/, ""), "latin1"));
}

/** @param {Buffer | null} entry */
function latin1(entry) {
  return entry?.toString("latin1") ?? null;
}
