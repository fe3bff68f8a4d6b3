// The fault: a file changes after it was indexed. After any change but an append or a repair, entries
// are refused with REPLACED. The next refresh removes all rows, and reads the file that is there now.

import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { encode, SessionLog } from "skill-log";

import { assertHoles, assertUnchanged } from "../js/indexing/holes.js";
import { numbersOf } from "../js/indexing/row-of.js";
import { run } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, lineOf, numberedEntry } from "./numbered-entry.js";

const session = "replaced";
const entry = (/** @type {number} */ number, length = 300) =>
  numberedEntry({ session, writer: "writer", number, length });
const lines = (/** @type {number[]} */ ...numbers) =>
  Buffer.concat(numbers.map((number) => lineOf(entry(number))));

const original = lines(0, 1, 2);

/**
 * `says` is what the error says happened; `now` are the numbers of the entries in the file now, none
 * by default.
 *
 * @type {{ name: string, replace: (path: string) => void, says: string, now?: number[] }[]}
 */
const replacements = [
  { name: "removed", replace: (path) => rmSync(path), says: "was removed" },
  {
    name: "removed with its directory",
    replace: (path) => rmSync(join(path, ".."), { recursive: true }),
    says: "was removed",
  },
  { name: "renamed away", replace: (path) => renameSync(path, `${path}.1`), says: "was removed" },
  {
    name: "renamed away, and another was made",
    replace(path) {
      renameSync(path, `${path}.1`);
      writeFileSync(path, original);
    },
    says: "is another file now",
    now: [0, 1, 2],
  },
  {
    name: "replaced by a longer file",
    replace(path) {
      writeFileSync(`${path}.1`, lines(0, 1, 2, 3));
      renameSync(`${path}.1`, path);
    },
    says: "is another file now",
    now: [0, 1, 2, 3],
  },
  { name: "emptied", replace: (path) => truncateSync(path, 0), says: "was truncated" },
  {
    name: "truncated by a line",
    replace: (path) => truncateSync(path, 600),
    says: "was truncated",
    now: [0, 1],
  },
  {
    name: "truncated by a line end",
    replace: (path) => truncateSync(path, original.length - 1),
    says: "was truncated",
    now: [0, 1, 2],
  },
  {
    name: "rewritten with fewer lines",
    replace: (path) => writeFileSync(path, lines(5)),
    says: "was truncated",
    now: [5],
  },
  {
    name: "rewritten with as many bytes",
    replace: (path) => writeFileSync(path, lines(5, 6, 7)),
    says: "was truncated and rewritten",
    now: [5, 6, 7],
  },
  {
    name: "rewritten with more lines",
    replace: (path) => writeFileSync(path, lines(5, 6, 7, 8, 9)),
    says: "was truncated and rewritten",
    now: [5, 6, 7, 8, 9],
  },
  {
    name: "rewritten as one line",
    replace: (path) => writeFileSync(path, lineOf(entry(5, 5000))),
    says: "was truncated and rewritten",
    now: [5],
  },
  {
    name: "rewritten as NULs",
    replace: (path) => writeFileSync(path, Buffer.alloc(original.length)),
    says: "was truncated and rewritten",
  },
];

for (const { name, replace, says, now = [] } of replacements) {
  test(`refuses entries, and has the new rows after a refresh, when the file was ${name}`, async () => {
    const path = join(temporaryDirectory(), "logs", `${session}.jsonl`);
    mkdirSync(join(path, ".."));
    writeFileSync(path, original);
    const logs = [await SessionLog.open(join(path, ".."), session), await SessionLog.from(path)];
    const indexes = await Promise.all(logs.map((log) => log.index()));
    const rows = indexes.map((index) => index.range(0, 3));
    replace(path);
    for (const [each, index] of indexes.entries()) {
      const expected = {
        code: "REPLACED",
        path,
        message: `${path} ${says} since it was indexed: refresh the index`,
      };
      // Repeated, because a call that was refused must change nothing.
      for (const call of [
        () => index.entry(0),
        () => index.search("writer"),
        () => index.entries({ start: 1, end: 3 }),
        () => index.entry(0),
      ]) {
        await assert.rejects(call, expected);
      }
      assert.deepEqual(index.range(0, 3), rows[each]);
      assert.equal(index.select({ skill: "writer" }).length, 3);

      const counts = await index.refresh();
      assert.deepEqual(counts, { added: now.length, removed: 3 });
      await assertHoles(index, [0, 1, 2]);
      assert.equal(index.length, 3 + now.length);
      const given = await index.entries({ start: 3, end: index.length });
      assert.deepEqual(
        given.map(({ phase }) => Number(phase)),
        now,
      );
      assert.deepEqual([...index.select({ skill: "writer" })], numbersOf(index));
      await assertUnchanged(index);
      await assertLikeReading(index, logs[each]);
    }
    // The next file at the path is read too, whatever there was.
    rmSync(path, { force: true });
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, lines(7));
    for (const index of indexes) {
      assert.deepEqual(await index.refresh(), { added: 1, removed: now.length });
      await assertHoles(
        index,
        Array.from({ length: 3 + now.length }, (_, i) => i),
      );
      assert.deepEqual(await index.entry(3 + now.length), entry(7));
    }
    assert.equal((await logs[0].index()).length, 1);
  });
}

/**
 * Asserts that an index has what its log has now: nothing is lost, and nothing invented.
 *
 * @param {import("skill-log").LogIndex} index
 * @param {SessionLog} log
 */
async function assertLikeReading(index, log) {
  // A path without a file cannot be read.
  const report = await log.verify().catch(({ code }) => code);
  if (report === "NOT_FOUND") {
    assert.deepEqual([numbersOf(index), index.bytes, index.damaged], [[], 0, 0]);
    return;
  }
  const { entries, bytes, damaged, damage, pending } = report;
  assert.equal(numbersOf(index).length, entries);
  assert.deepEqual(await index.entries(numbersOf(index)), await log.read({ onDamage() {} }));
  assert.deepEqual([index.bytes, index.damaged, index.pending], [bytes, damaged, pending]);
  assert.deepEqual(
    index.damage.map(({ session: _, ...each }) => each),
    damage,
  );
}

test("rejects a row with its offset when its bytes are no longer an entry", async () => {
  const path = join(temporaryDirectory(), `${session}.jsonl`);
  const long = Buffer.concat([original, lines(3, 4, 5, 6)]);
  writeFileSync(path, long);
  const index = await (await SessionLog.from(path)).index();
  // Changed in the middle, because the index compares the last bytes.
  const changed = Buffer.from(long);
  changed.fill(0, 320, 340);
  writeFileSync(path, changed);
  await assert.rejects(index.entry(1), {
    code: "REPLACED",
    offset: 300,
    path,
    message: `${path}: the entry is not there any more`,
  });
  assert.deepEqual(await index.entries(Uint32Array.of(2, 0)), [entry(2), entry(0)]);
});

/** The fields of a row, each with a value and with other values. */
const facts = {
  timestamp: ["2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"],
  skill: ["tdd", "tdx"],
  phase: ["red", "rex"],
  final_status: ["pass", "fail"],
  model_used: ["m-1", "m-2"],
  duration_ms: [12, 13],
  attempts: [
    [true, false],
    [true, false, false],
    [true, true],
    [false, false],
  ].map((verified) => verified.map((each, i) => ({ attempt: i, model: "m", verified: each }))),
};

for (const [field, [known, ...others]] of Object.entries(facts)) {
  test(`rejects a row when an entry with another ${field} was written over its own`, async () => {
    const rest = lines(0, 1, 2, 3);
    for (const other of others) {
      const path = join(temporaryDirectory(), `${session}.jsonl`);
      const lineWith = (/** @type {unknown} */ value, /** @type {number} */ length) => {
        const fields = {
          session_id: session,
          timestamp: "2026-01-02T03:04:05Z",
          skill: "tdd",
          final_status: "pass",
          [field]: value,
        };
        return encode({
          ...fields,
          message: "there".padEnd(length - encode({ ...fields, message: "." }).length, "."),
        });
      };
      const [before, after] = [lineWith(known, 600), lineWith(other, 600)];
      assert.equal(before.length, after.length);
      writeFileSync(path, Buffer.concat([before, rest]));
      const index = await (await SessionLog.from(path)).index();
      assert.deepEqual([...(await index.search("there"))], [0]);
      writeFileSync(path, Buffer.concat([after, rest]));
      const refused = {
        code: "REPLACED",
        offset: 0,
        path,
        message: `${path}: the entry is not there any more`,
      };
      for (const call of [
        () => index.entry(0),
        () => index.entry(0, { input: "raw" }),
        () => index.search("there"),
      ])
        await assert.rejects(call, refused);
      assert.deepEqual(await index.entries({ start: 1, end: 3 }), [entry(0), entry(1)]);
    }
  });
}

test("rejects the rows of a line when the line changes while they are read", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  // The row of `{}` lies beyond the bytes that are read first.
  writeFileSync(path, Buffer.concat([original, Buffer.alloc(100_000, "\n"), Buffer.from("{}")]));
  const index = await (await SessionLog.from(path)).index();
  assert.equal(index.length, 4);
  appendFileSync(path, "junk\n");
  const reading = index.entries(Uint32Array.from([2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 3]));
  const [refreshed, read] = await Promise.allSettled([index.refresh(), reading]);
  assert.deepEqual(refreshed, { status: "fulfilled", value: { added: 0, removed: 1 } });
  assert.equal(read.status, "rejected");
  assert.equal(read.reason.code, "REPLACED");
  await assertHoles(index, [3]);
  assert.deepEqual(await index.entries([2, 1, 0]), [entry(2), entry(1), entry(0)]);
});

test("indexes whole lines when another process appends meanwhile", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  writeFileSync(path, "");
  const log = await SessionLog.open(dir, session);
  const count = 5000;
  let isDone = false;
  const writer = run("writer.js", [dir, session, "other", 7, count, 300, 30_000]).finally(
    () => (isDone = true),
  );
  const grown = await log.index();
  let times = 0;
  while (!isDone) {
    const { added, removed } = await grown.refresh();
    assert.equal(removed, 0);
    if (added > 0) times += 1;
    assert.deepEqual(grown.damage, []);
    if (grown.length > 0)
      assert.deepEqual((await grown.entry(grown.length - 1)).phase, `${grown.length - 1}`);
    await pause(1);
  }
  assert.equal((await writer).code, 0);
  assert(times > 2, `only ${times} refreshes found entries`);
  await grown.refresh();
  assert.equal(grown.length, count);
  assert.deepEqual([grown.damage, grown.pending], [[], null]);
  const entries = await log.read();
  assert.deepEqual(briefly(await grown.entries({ start: 0, end: grown.length })), briefly(entries));
  await log.close();
});

test("leaves no file open when indexing ends in any way", {
  skip: process.platform !== "linux" && "only Linux has /proc",
}, async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  writeFileSync(path, Buffer.concat(Array.from({ length: 5000 }, (_, i) => lineOf(entry(i, 600)))));
  const log = await SessionLog.from(path);
  const index = await log.index();
  await index.entries({ start: 0, end: index.length });
  assert.deepEqual(openFiles(path), []);
  const aborting = (/** @type {(options: object) => Promise<unknown>} */ call, times = 1) => {
    const controller = new AbortController();
    const onProgress = () => {
      times -= 1;
      if (times === 0) controller.abort();
    };
    return call({ signal: controller.signal, onProgress });
  };
  const failing = () => {
    throw new Error("no more");
  };
  /** @type {(() => Promise<unknown>)[]} */
  const calls = [
    () => log.index({ signal: AbortSignal.abort() }),
    () => aborting((options) => log.index(options)),
    () => aborting((options) => log.index(options), 3),
    () => log.index({ onProgress: failing }),
    () => index.refresh({ onProgress: failing }),
    () => aborting((options) => index.refresh(options)),
    () => index.entries({ start: 0, end: 10 }, { signal: AbortSignal.abort() }),
    () => {
      const controller = new AbortController();
      const reading = index.entries({ start: 0, end: 5000 }, { signal: controller.signal });
      setImmediate(() => controller.abort());
      return reading;
    },
    () => index.entries({ start: 0, end: 9999 }),
  ];
  for (const call of calls) {
    appendFileSync(path, lineOf(entry(0)));
    await assert.rejects(call(), String(call));
    assert.deepEqual(openFiles(path), [], String(call));
  }
  await index.refresh();
  assert.equal(index.length, 5000 + calls.length);
  truncateSync(path, 600);
  const { length } = index;
  for (const call of [() => index.entry(0), () => index.entries({ start: 9, end: 5000 })])
    await assert.rejects(call, { code: "REPLACED" });
  assert.deepEqual(openFiles(path), []);
  await assert.rejects(aborting((options) => index.refresh(options)));
  assert.deepEqual([index.length, index.removed], [length + 1, length]);
  await index.refresh();
  assert.deepEqual(await index.entries([length]), [entry(0, 600)]);
  for (const call of [() => index.entry(0), () => index.entries({ start: 9, end: length + 1 })])
    await assert.rejects(call, { code: "REPLACED" });
  rmSync(path);
  await index.refresh();
  assert.deepEqual([index.length, index.removed], [length + 1, length + 1]);
  assert.deepEqual(openFiles(path), []);
});

/**
 * Lists the descriptors that are open on files in the folder of a path.
 *
 * @param {string} path
 */
function openFiles(path) {
  const folder = join(path, "..");
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      // This descriptor read /proc/self/fd and is closed by now.
      return false;
    }
  });
}
