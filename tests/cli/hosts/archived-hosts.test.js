// Exports of hosts whose sessions have archives, at each moment of archiving and undoing it.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { Zstd } from "@hpcc-js/wasm-zstd";

import { Archive, writeArchive } from "../../../js/cli/archiving/archive-file.js";
import { SessionFiles } from "../../../js/cli/archiving/session-files.js";
import { zstdCodec } from "../../../js/cli/archiving/zstd-codec.js";
import { HostExport } from "../../../js/cli/exporting/lake/hosted-export.js";
import { LogReading, UNKNOWN } from "../../../js/cli/exporting/lake/log-reading.js";
import { NamedLog } from "../../../js/cli/selection/operands.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { linesOf, segmentsOf } from "./exported-lake.js";

const codec = await zstdCodec(1);
const zstd = await Zstd.load();

/** Longer than files' times are coarse. */
const SETTLED = 2100;

const line = (/** @type {string | number} */ skill) =>
  `{"session_id":"s","timestamp":"2026-01-01T00:00:00Z","skill":"${skill}","final_status":"x"}\n`;

/** @param {test.TestContext} t */
function furnish(t) {
  const folder = temporaryFolder(t);
  const [dir, lake] = [path.join(folder, "logs"), path.join(folder, "lake")];
  fs.mkdirSync(dir);
  const format = { extension: ".jsonl", compression: undefined, header: Buffer.alloc(0) };
  const files = new SessionFiles(dir, "s");
  return {
    files,
    run: () => new HostExport(lake, { host: "h", dir }, format, {}).run(),
    exported: () =>
      linesOf(segmentsOf(lake))
        .map(({ line }) => JSON.parse(line).skill)
        .join(" "),
  };
}

/**
 * Takes the steps of archiving up to one of them.
 *
 * @param {SessionFiles} files
 * @param {1 | 2 | 4} [last] the file is renamed, is in the archive, is removed
 */
async function archive(files, last = 4) {
  const before = fs.existsSync(files.archive) ? new Archive(files.archive, codec) : null;
  const parts = before?.table.parts ?? 0;
  const aside = files.aside(parts);
  fs.renameSync(files.log, aside);
  if (last === 1) return before?.close();
  const fd = fs.openSync(aside, "r");
  const owner = fs.fstatSync(fd);
  const text = { path: aside, fd, size: owner.size };
  await writeArchive(files.newArchive, { before, parts, text, codec, owner }, () => {});
  fs.closeSync(fd);
  before?.close();
  fs.renameSync(files.newArchive, files.archive);
  if (last === 4) fs.unlinkSync(aside);
}

/**
 * What happens to a log with the entries 1 and 2, which were exported: an export runs after each step.
 *
 * @type {[title: string, steps: ((files: SessionFiles) => unknown)[], expected: string][]}
 */
const cases = [
  ["it is archived", [(files) => archive(files)], "1 2"],
  [
    "it has a new log beside the archive",
    [(files) => archive(files), ({ log }) => fs.writeFileSync(log, line(3))],
    "1 2 3",
  ],
  [
    "it is archived again, and has a new log",
    [
      (files) => archive(files),
      ({ log }) => fs.writeFileSync(log, line(3)),
      (files) => archive(files),
      ({ log }) => fs.writeFileSync(log, line(4) + line(1)),
    ],
    "1 2 3 4 1",
  ],
  [
    "it ended in a line without an end",
    [
      ({ log }) => fs.appendFileSync(log, line(3).trimEnd()),
      (files) => archive(files),
      ({ log }) => fs.writeFileSync(log, line(4)),
      (files) => archive(files),
    ],
    "1 2 3 4",
  ],
  [
    "it ended in a cut line",
    [
      ({ log }) => fs.appendFileSync(log, line(3).slice(0, 30)),
      (files) => archive(files),
      ({ log }) => fs.writeFileSync(log, line(4)),
      (files) => archive(files),
    ],
    "1 2 4",
  ],
  [
    "archiving it was killed after the rename, and again after the archive",
    [
      (files) => archive(files, 1),
      ({ log }) => fs.writeFileSync(log, line(3)),
      async (files) => {
        const live = fs.readFileSync(files.log);
        fs.renameSync(files.aside(0), files.log);
        await archive(files, 2);
        fs.writeFileSync(files.log, live);
      },
      (files) => fs.unlinkSync(files.aside(0)),
    ],
    "1 2 3",
  ],
  [
    "a writer appends to the file that is being archived",
    [
      (files) => archive(files, 2),
      ({ log }) => fs.writeFileSync(log, line(3)),
      (files) => fs.appendFileSync(files.aside(0), line(4)),
      ({ log }) => fs.appendFileSync(log, line(5)),
    ],
    "1 2 3 4 5",
  ],
  [
    "it is unarchived",
    [
      (files) => archive(files),
      (files) => fs.writeFileSync(files.aside(0), line(1) + line(2)),
      (files) => fs.unlinkSync(files.archive),
      (files) => fs.linkSync(files.aside(0), files.log),
      (files) => fs.unlinkSync(files.aside(0)),
      ({ log }) => fs.appendFileSync(log, line(3)),
    ],
    "1 2 3",
  ],
  [
    "its archive is of another program",
    [
      ({ log, archive }) => {
        fs.writeFileSync(archive, zstd.compress(fs.readFileSync(log), 3));
        fs.unlinkSync(log);
      },
      ({ log }) => fs.writeFileSync(log, line(3)),
    ],
    "1 2 3",
  ],
];

for (const [title, steps, expected] of cases) {
  for (const isEach of [true, false]) {
    const when = isEach ? "after each step" : "at the end";
    test(`has each entry once when ${title}, and is exported ${when}`, async (t) => {
      const { files, run, exported } = furnish(t);
      fs.writeFileSync(files.log, line(1) + line(2));
      await run();
      for (const step of steps) {
        await step(files);
        if (isEach) await run();
      }
      for (let times = 0; times < 2; times += 1) {
        await run();
        assert.equal(exported(), isEach ? expected : inOrder(expected, exported()));
      }
    });
  }
}

/** Returns the same entries in the order of others. @param {string} expected @param {string} order */
const inOrder = (expected, order) =>
  expected.split(" ").sort().join(" ") === order.split(" ").sort().join(" ") ? order : expected;

test("opens no archive when nothing has changed", async (t) => {
  const { files, run } = furnish(t);
  fs.writeFileSync(files.log, line(1));
  await archive(files);
  await new Promise((done) => setTimeout(done, SETTLED));
  assert.equal((await run()).read, 1);
  assert.equal((await run()).read, 0);
  fs.writeFileSync(files.log, line(2));
  const { read, entries } = await run();
  assert.deepEqual({ read, entries }, { read: 1, entries: 1 });
});

/** What happens to the files after the first entry was read. @type {[string, (files: SessionFiles) => unknown][]} */
const meanwhile = [
  ["archived", (files) => archive(files)],
  ["removed", ({ log }) => fs.unlinkSync(log)],
  [
    "replaced by a copy with another entry before",
    ({ log }) => {
      fs.writeFileSync(`${log}.new`, line(0) + line(1) + line(2));
      fs.renameSync(`${log}.new`, log);
    },
  ],
];

for (const [title, change] of meanwhile)
  test(`reads one text to its end when the log is ${title} meanwhile`, async (t) => {
    const { files } = furnish(t);
    fs.writeFileSync(files.log, line(1) + line(2));
    const { dir, id, log } = files;
    const named = new NamedLog(log, { dir, id, bytes: 0, modified: new Date(0) });
    const known = { before: UNKNOWN, identities: () => null };
    const reading = new LogReading(named, known, () => assert.fail());
    const found = [];
    for await (const { offset, line } of reading.entries()) {
      if (found.length === 0) await change(files);
      found.push(`${offset} ${JSON.parse(Buffer.from(line).toString()).skill}`);
    }
    assert.deepEqual(found, ["0 1", `${line(1).length} 2`]);
  });

test("refuses a text when its first bytes say that it is compressed", async (t) => {
  const { files, run, exported } = furnish(t);
  t.mock.method(process.stderr, "write", () => true);
  fs.writeFileSync(files.log, gzipSync(line(1)));
  assert.equal((await run()).unreadable, 1);
  await archive(files);
  assert.equal((await run()).unreadable, 1);
  assert.equal(exported(), "");
  process.exitCode = 0;
});
