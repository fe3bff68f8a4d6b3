// Compares the package with the Go original: on the recorded vectors and on random input.
//
//   SKILL_LOG_SEED=7 SKILL_LOG_LINES=1000000 node --test tests/conformance/go-agreement.heavy.test.js

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { append, read, SessionLog } from "skill-log";

import { buildReference, howToGetGo, runReference } from "./go.js";
import { canonicalize, codeOf, strictRead } from "./outcome.js";
import { randomEntry } from "./random-entries.js";
import { randomFiles } from "./random-files.js";
import { randomLines } from "./random-lines.js";
import { Random } from "./random.js";
import { canonicalizeVectors } from "./vectors.js";

const program = buildReference();
const seed = Number(process.env.SKILL_LOG_SEED ?? 20_260_102);
const lineCount = Number(process.env.SKILL_LOG_LINES ?? 100_000);

/** The longest recorded lines to damage, in bytes, so that there is time for many. */
const shortLines = 8192;

/** Lines for one run of the program, which bounds the memory. */
const batchSize = 10_000;

const dir = mkdtempSync(join(tmpdir(), "skill-log-go-"));
after(() => rmSync(dir, { recursive: true }));

if (program) agreement(program);
else test("agrees with the Go original", { skip: howToGetGo });

/** @param {string} program */
function agreement(program) {
  test("finds the recorded outcomes again when the Go original repeats them", () => {
    const here = fileURLToPath(new URL(".", import.meta.url));
    assert.equal(
      runReference(program, ["remake", "--check", here]),
      "canonicalize.jsonl: 2512 vectors, 0 differ\nread.jsonl: 224 vectors, 0 differ\n",
    );
  });

  test(`writes ${lineCount} random lines as the Go original does, and refuses those that it refuses`, (t) => {
    t.diagnostic(`SKILL_LOG_SEED=${seed}`);
    const recorded = canonicalizeVectors().map(({ line }) => line.toString("latin1"));
    const short = recorded.filter((line) => line.length > 0 && line.length < shortLines);
    const counts = { accepted: 0, refused: 0 };
    /** @type {string[]} */
    const differences = [];
    for (const batch of batches(randomLines(new Random(seed), lineCount, short), batchSize)) {
      const outcomes = originalOutcomes(program, batch);
      for (const [i, line] of batch.entries()) {
        const original = outcomes[i];
        counts["out_b64" in original ? "accepted" : "refused"]++;
        const ours = outcome(line);
        const same =
          "out_b64" in original ? ours.out_b64 === original.out_b64 : ours.step === original.step;
        if (!same)
          differences.push(
            `line ${line.toString("base64")}\n  original ${shown(original)}\n  package  ${shown(ours)}`,
          );
      }
    }
    t.diagnostic(
      `${counts.accepted} accepted, ${counts.refused} refused, ${differences.length} differ`,
    );
    assert.equal(differences.length, 0, differences.slice(0, 10).join("\n"));
    bothHappen(counts, lineCount);
  });

  test("reads 2,000 random files strictly as the Go original's Read does", async (t) => {
    t.diagnostic(`SKILL_LOG_SEED=${seed}`);
    const files = [...randomFiles(new Random(seed), 2000)].map((bytes, i) => ({
      id: `random-${i}`,
      bytes,
    }));
    for (const { id, bytes } of files) writeFileSync(join(dir, `${id}.jsonl`), bytes);
    const answers = jsonLines(runReference(program, ["read", dir, ...files.map(({ id }) => id)]));
    const counts = { accepted: 0, refused: 0 };
    let tooLong = 0;
    const differences = [];
    for (const [i, { id, bytes }] of files.entries()) {
      const code = codeOf(answers[i].error);
      counts[code ? "refused" : "accepted"]++;
      if (code === "LINE_TOO_LONG") tooLong++;
      const ours = await strictOutcome(id);
      // On a line that it cannot parse, the Go original returns no entries and the package those
      // before.
      const entries = code === "INVALID_LINE" ? [] : ours.entries_b64;
      if (ours.code !== code || !same(entries, answers[i].entries_b64)) {
        differences.push(
          `file ${bytes.toString("base64")}\n  original ${shown(answers[i])}\n  package  ${shown(ours)}`,
        );
      }
    }
    t.diagnostic(
      `${counts.accepted} accepted, ${counts.refused} refused (${tooLong} too long), ${differences.length} differ`,
    );
    assert.equal(differences.length, 0, differences.slice(0, 10).join("\n"));
    bothHappen(counts, files.length);
    assert.ok(tooLong > 0, "no line was too long");
  });

  /** @type {[string, () => Promise<Writer>][]} */
  const writers = [
    ["append", async () => ({ append: (entry) => append(dir, "append", entry), async close() {} })],
    ["an open log", () => SessionLog.open(dir, "an-open-log")],
  ];
  for (const [name, open] of writers) {
    test(`shares a file with the Go original when ${name} and it append 200 entries each in turn`, async () => {
      const id = name.replaceAll(" ", "-");
      const random = new Random(seed);
      const entries = Array.from({ length: 400 }, () => randomEntry(random, id));
      const original = originalWriter(program, id);
      const ours = await open();
      try {
        for (const [i, entry] of entries.entries())
          await (i % 2 === 0 ? original : ours).append(entry);
      } finally {
        await original.close();
        await ours.close();
      }
      const given = entries.map((entry, i) =>
        Buffer.from(i % 2 === 0 ? JSON.stringify(entry) : wellFormed(JSON.stringify(entry))),
      );
      const expected = originalOutcomes(program, given).map((outcome) =>
        "out_b64" in outcome ? outcome.out_b64 : "",
      );
      const text = expected.map((line) => `${Buffer.from(line, "base64")}\n`).join("");
      assert.equal(readFileSync(join(dir, `${id}.jsonl`), "utf8"), text);
      assert.deepEqual(jsonLines(runReference(program, ["read", dir, id])), [
        { entries_b64: expected, error: "" },
      ]);
      const lines = text.trimEnd().split("\n");
      assert.equal(lines.length, 400);
      assert.deepEqual(
        await read(dir, id),
        lines.map((line) => JSON.parse(line)),
      );
    });
  }
}

/**
 * @typedef {{ append(entry: ReturnType<typeof randomEntry>): Promise<unknown>, close():
 *   Promise<void> }} Writer
 */

/**
 * Starts a process that appends with the Go original. `append` resolves when the process confirms.
 *
 * @param {string} program
 * @param {string} id
 * @returns {Writer}
 */
function originalWriter(program, id) {
  const child = spawn(program, ["append", dir, id], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const answers = child.stdout.setEncoding("utf8")[Symbol.asyncIterator]();
  return {
    async append(entry) {
      child.stdin.write(`${JSON.stringify(entry)}\n`);
      assert.equal((await answers.next()).value, "ok\n");
    },
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}

/**
 * @param {string} program
 * @param {Buffer[]} lines
 * @returns {({ out_b64: string } | { step: string, error: string })[]}
 */
function originalOutcomes(program, lines) {
  const input = lines.map((line) => `${line.toString("base64")}\n`).join("");
  const outcomes = jsonLines(runReference(program, ["canonicalize"], input));
  assert.equal(outcomes.length, lines.length);
  return outcomes;
}

/**
 * Returns the package's outcome in the form of the Go original's. An unexpected error is an outcome
 * too, so that the failure shows the line that caused it.
 *
 * @param {Buffer} line
 * @returns {{ out_b64?: string, step?: string, error?: string }}
 */
function outcome(line) {
  try {
    const made = canonicalize(line);
    return "out" in made ? { out_b64: made.out.toString("base64") } : made;
  } catch (error) {
    return { step: "thrown", error: String(error) };
  }
}

/** @param {string} id */
async function strictOutcome(id) {
  try {
    const { entries, code } = await strictRead(dir, id);
    return { entries_b64: entries.map((entry) => entry && entry.toString("base64")), code };
  } catch (error) {
    return { entries_b64: [], code: `thrown: ${error}` };
  }
}

/**
 * Checks that many lines were accepted and many refused, because otherwise the test proves little.
 *
 * @param {{ accepted: number, refused: number }} counts
 * @param {number} total
 */
function bothHappen({ accepted, refused }, total) {
  assert.equal(accepted + refused, total);
  assert.ok(accepted >= total / 5, `only ${accepted} of ${total} were accepted`);
  assert.ok(refused >= total / 5, `only ${refused} of ${total} were refused`);
}

/**
 * @template T
 * @param {Iterable<T>} items
 * @param {number} size
 */
function* batches(items, size) {
  /** @type {T[]} */
  let batch = [];
  for (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Replaces each lone surrogate, which JSON.stringify escapes, with U+FFFD, as `append` does.
 *
 * @param {string} json
 */
function wellFormed(json) {
  return json.replace(/(\\\\)|\\ud[89a-f][0-9a-f]{2}/g, (_, backslash) => backslash ?? "\ufffd");
}

/** @param {string} text */
function jsonLines(text) {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/**
 * @param {unknown[]} left
 * @param {unknown[]} right
 */
function same(left, right) {
  return left.length === right.length && left.every((value, i) => value === right[i]);
}

/** @param {unknown} value */
function shown(value) {
  return JSON.stringify(value).slice(0, 2000);
}
