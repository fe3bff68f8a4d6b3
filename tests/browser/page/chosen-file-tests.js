// A file that a user chose is a snapshot. When the file changes on the disk, a log rejects with
// FILE_CHANGED instead of returning the changed bytes.

import assert from "node:assert/strict";
import test from "node:test";
import { SessionLog } from "skill-log";

import { UNCHANGED } from "../../js/indexing/holes.js";
import { rowsOf } from "../../js/indexing/row-of.js";
import { entry, line } from "../../js/support/lines.js";
import { chosen, disk } from "./user-files.js";

const entries = Array.from({ length: 50 }, (_, i) => entry(`e${i}`, { message: "x".repeat(300) }));
const textOf = (/** @type {{ skill: string }[]} */ list) =>
  list.map(({ skill, ...more }) => `${line(skill, more)}\n`).join("");
const text = textOf(entries);
const other = textOf(entries.map((each) => ({ ...each, skill: "other" })));

const gone = {
  name: "SkillLogError",
  code: "FILE_CHANGED",
  path: "s.jsonl",
  message:
    /^s\.jsonl has changed on the disk since it was chosen, or is gone: choose it again; or, to read on while it grows, open a FileSystemFileHandle,/,
};

/** The error of a file that could never be read, for a reason that no browser tells. */
const unreadable = {
  name: "SkillLogError",
  code: "IO_ERROR",
  path: "s.jsonl",
  message: /^cannot read s\.jsonl: \w+: .* \(is it a folder, /,
};

/**
 * What another program does to the file, and whether a browser may still read the snapshot.
 * Chromium never does.
 *
 * @type {[what: string, change: () => Promise<unknown>, mayBeRead: boolean][]}
 */
const changes = [
  ["is appended to", () => disk.append("s.jsonl", textOf([entry("more")])), true],
  ["is overwritten", () => disk.write("s.jsonl", other.slice(0, text.length)), false],
  ["is cut", () => disk.truncate("s.jsonl", text.length / 2), false],
  ["is emptied", () => disk.truncate("s.jsonl", 0), false],
  ["is removed", () => disk.remove("s.jsonl"), false],
  [
    "is replaced by a longer file",
    () => disk.write("new", other + other).then(() => disk.rename("new", "s.jsonl")),
    false,
  ],
];

/**
 * Checks that some work on a changed file returns what the file was, or rejects with FILE_CHANGED.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @param {(given: T) => void} check
 * @param {boolean} mayBeRead
 */
async function checkWork(work, check, mayBeRead) {
  let given;
  try {
    given = await work();
  } catch (error) {
    assert.throws(() => {
      throw error;
    }, gone);
    return;
  }
  assert(mayBeRead, `no error: ${work}`);
  check(given);
}

export function chosenFileTests() {
  for (const [what, change, mayBeRead] of changes) {
    test(`returns the snapshot or FILE_CHANGED when a chosen file ${what}`, async () => {
      await disk.write("s.jsonl", text);
      const file = await chosen("s.jsonl");
      const log = await SessionLog.from(file);
      const index = await log.index();
      const untouched = await SessionLog.from(file);
      await change();
      /** @type {[work: () => Promise<any>, check: (given: any) => void][]} */
      const works = [
        [() => log.read(), (read) => assert.deepEqual(read, entries)],
        [() => untouched.read(), (read) => assert.deepEqual(read, entries)],
        [
          () => log.records({ reverse: true }).next(),
          ({ value }) => assert.deepEqual(value.entry, entries.at(-1)),
        ],
        [
          () => log.verify(),
          (report) => assert.deepEqual([report.entries, report.bytes], [50, text.length]),
        ],
        [
          () => untouched.index(),
          (made) => assert.deepEqual([made.length, made.bytes], [50, text.length]),
        ],
        [() => index.refresh(), (counts) => assert.deepEqual(counts, UNCHANGED)],
        [() => index.entry(0), (first) => assert.deepEqual(first, entries[0])],
        [() => index.search("e49"), (rows) => assert.deepEqual([...rows], [49])],
        // The same File, which a page keeps when it does not ask its user again.
        [
          async () => (await SessionLog.from(file)).read(),
          (read) => assert.deepEqual(read.slice(0, 50), entries),
        ],
      ];
      for (const [work, check] of works) await checkWork(work, check, mayBeRead);
      if (what === "is removed") return;
      // A file that is chosen again is a new snapshot.
      const again = await SessionLog.from(await chosen("s.jsonl"));
      const skills = (await again.read({ onDamage() {} })).map(({ skill }) => skill);
      assert.notDeepEqual(
        skills,
        entries.map(({ skill }) => skill),
      );
    });
  }

  test("returns no new entries when a chosen file is overwritten while it is read", async () => {
    const times = 500;
    await disk.write("s.jsonl", text.repeat(times));
    const log = await SessionLog.from(await chosen("s.jsonl"));
    /** @type {string[]} */
    const skills = [];
    const read = async () => {
      for await (const { skill } of log.entries({ onDamage() {} })) {
        if (skills.push(skill) === 1)
          await disk.write(
            "s.jsonl",
            text.replaceAll("x", "y").replaceAll('"e', '"n').repeat(times),
          );
      }
    };
    await checkWork(read, () => assert(!skills.some((skill) => skill.startsWith("n"))), true);
  });

  test("rejects with IO_ERROR when a chosen file is gone before it is opened", async () => {
    await disk.write("s.jsonl", text);
    const file = await chosen("s.jsonl");
    await disk.remove("s.jsonl");
    await assert.rejects(SessionLog.from(file), unreadable);
  });

  test("rejects with FILE_CHANGED when a part of a chosen file is overwritten", async () => {
    await disk.write("s.jsonl", text);
    const log = await SessionLog.from((await chosen("s.jsonl")).slice(0, text.length / 2));
    const before = await log.read({ onDamage() {} });
    await disk.write("s.jsonl", other);
    await assert.rejects(log.read({ onDamage() {} }), {
      code: "FILE_CHANGED",
      path: "blob",
      message: /^blob has changed on the disk/,
    });
    assert.deepEqual(before, entries.slice(0, before.length));
  });

  test("rejects with IO_ERROR when a Blob in memory cannot be read", async () => {
    for (const source of [new Blob([text]), new File([text], "s.jsonl")]) {
      const log = await SessionLog.from(source);
      const { arrayBuffer, stream } = Blob.prototype;
      const reading = () => log.read({ onDamage() {} });
      try {
        // Errors as browsers throw when memory is short, or when reading is forbidden.
        for (const cause of [new RangeError("too much"), new DOMException("no", "SecurityError")]) {
          const fail = /** @type {() => any} */ (() => Promise.reject(cause));
          Blob.prototype.arrayBuffer = Blob.prototype.stream = fail;
          await assert.rejects(reading(), {
            code: "IO_ERROR",
            cause,
            message: new RegExp(`: ${cause.name}: ${cause.message} `),
          });
        }
      } finally {
        Object.assign(Blob.prototype, { arrayBuffer, stream });
      }
      assert.deepEqual(await reading(), entries);
    }
  });

  test("returns no new rows when a chosen file is overwritten while it is indexed", async () => {
    const times = 1_500;
    await disk.write("s.jsonl", text.repeat(times));
    const log = await SessionLog.from(await chosen("s.jsonl"));
    /** @type {Promise<unknown> | undefined} */
    let going;
    const change = () =>
      (going ??= disk.write(
        "s.jsonl",
        text.replaceAll("x", "y").replaceAll('"e', '"n').repeat(times),
      ));
    const index = async () => {
      const made = await log.index({ onProgress: change });
      await going;
      return made;
    };
    // The index may have been complete before the file was changed.
    await checkWork(
      index,
      (made) => assert(!rowsOf(made).some(({ skill }) => skill.startsWith("n"))),
      true,
    );
    await checkWork(
      () => log.index(),
      () => {},
      false,
    );
  });

  test("returns nothing or FILE_CHANGED when an empty chosen file grows", async () => {
    await disk.write("s.jsonl", "");
    const file = await chosen("s.jsonl");
    const log = await SessionLog.from(file);
    assert.deepEqual(await log.read(), []);
    assert.equal((await log.index()).length, 0);
    await disk.append("s.jsonl", text);
    await checkWork(
      () => log.read(),
      (read) => assert.deepEqual(read, []),
      true,
    );
    await checkWork(
      () => log.index(),
      (index) => assert.equal(index.length, 0),
      true,
    );
  });

  test("ends at the file's end when a chosen file is followed", async () => {
    await disk.write("s.jsonl", text);
    const log = await SessionLog.from(await chosen("s.jsonl"));
    /** @type {string[]} */
    const skills = [];
    for await (const { entry } of log.follow()) skills.push(entry.skill);
    assert.deepEqual(
      skills,
      entries.map(({ skill }) => skill),
    );
    for await (const { entry } of log.follow({ from: "end" })) assert.fail(entry.skill);
  });
}
