// Single facts about exports of hosts: which logs are read, and which entries are known.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { HostExport } from "../../../js/cli/exporting/lake/hosted-export.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { linesOf, segmentsOf } from "./exported-lake.js";

const line = (/** @type {string | number} */ skill) =>
  `{"session_id":"s","timestamp":"2026-01-01T00:00:00Z","skill":"${skill}","final_status":"x"}\n`;

/** Longer than files' times are coarse. */
const SETTLED = 2100;

/** @param {import("node:test").TestContext} t */
function furnish(t) {
  const folder = temporaryFolder(t);
  const [dir, lake] = [path.join(folder, "logs"), path.join(folder, "lake")];
  fs.mkdirSync(dir);
  const format = { extension: ".jsonl", compression: undefined, header: Buffer.alloc(0) };
  const start = (to = lake) => new HostExport(to, { host: "h", dir }, format, { recursive: true });
  return {
    ...{ dir, lake, start, log: path.join(dir, "s.jsonl") },
    run: (to = lake) => start(to).run(),
    exported: (to = lake) => linesOf(segmentsOf(to)).map(({ line }) => JSON.parse(line).skill),
  };
}

/** What happens to a log with the entries 1, 2 and 3, and what is there in the end. */
/** @type {[title: string, change: (log: string) => void, expected: string][]} */
const changes = [
  ["it is removed", (log) => fs.rmSync(log), "1 2 3"],
  ["it is cut", (log) => fs.truncateSync(log, line(1).length), "1 2 3"],
  ["it is cut, and grows", (log) => fs.writeFileSync(log, line(1) + line(4)), "1 2 3 4"],
  ["it is cut within a line", (log) => fs.truncateSync(log, line(1).length + 20), "1 2 3"],
  [
    "it is written anew with the same length",
    (log) => fs.writeFileSync(log, line(7) + line(8) + line(9)),
    "1 2 3 7 8 9",
  ],
  ["another file has its name", (log) => replace(log, line(5)), "1 2 3 5"],
  [
    "another file with the same bytes has its name",
    (log) => replace(log, line(1) + line(2) + line(3)),
    "1 2 3",
  ],
  ["an entry is taken out", (log) => fs.writeFileSync(log, line(1) + line(3)), "1 2 3"],
  [
    "an entry is put before",
    (log) => fs.writeFileSync(log, line(0) + line(1) + line(2) + line(3)),
    "0 1 2 3",
  ],
  ["an entry is there once more", (log) => fs.appendFileSync(log, line(2)), "1 2 2 3"],
  ["an entry is overwritten", (log) => overwrite(log, line(1).length), "1 2 3"],
  [
    "an entry moves, and is there once more",
    (log) => fs.writeFileSync(log, line(2) + line(2)),
    "1 2 2 3",
  ],
];

/** @param {string} log @param {string} text */
function replace(log, text) {
  fs.writeFileSync(`${log}.new`, text);
  fs.renameSync(`${log}.new`, log);
}

/** @param {string} log @param {number} at */
function overwrite(log, at) {
  const fd = fs.openSync(log, "r+");
  fs.writeSync(fd, "x".repeat(30), at);
  fs.closeSync(fd);
}

for (const [title, change, expected] of changes) {
  test(`has each entry once when ${title}`, async (t) => {
    const { log, run, exported } = furnish(t);
    fs.writeFileSync(log, line(1) + line(2) + line(3));
    await run();
    change(log);
    for (let times = 0; times < 2; times += 1) {
      await run();
      assert.equal(exported().sort().join(" "), expected);
    }
    // And when the log is as it was.
    fs.writeFileSync(log, line(1) + line(2) + line(3));
    await run();
    assert.equal(exported().sort().join(" "), expected);
  });
}

test("opens no log when none has changed", async (t) => {
  const { dir, run, lake } = furnish(t);
  fs.mkdirSync(path.join(dir, "below"));
  for (const name of ["a", "below/ü %"]) fs.writeFileSync(path.join(dir, `${name}.jsonl`), line(1));
  await new Promise((done) => setTimeout(done, SETTLED));
  assert.deepEqual(counts(await run()), { logs: 2, read: 2, entries: 2 });
  const state = fs.readdirSync(path.join(lake, "_skill-log", "host=h"));
  assert.deepEqual(counts(await run()), { logs: 2, read: 0, entries: 0 });
  assert.deepEqual(fs.readdirSync(path.join(lake, "_skill-log", "host=h")), state);
  fs.appendFileSync(path.join(dir, "a.jsonl"), line(2));
  assert.deepEqual(counts(await run()), { logs: 2, read: 1, entries: 1 });
});

test("reads a log again when it was changed just before", async (t) => {
  const { log, run, exported } = furnish(t);
  fs.writeFileSync(log, line(1));
  await run();
  // Even when the times are the same.
  const { atime, mtime } = fs.statSync(log);
  fs.writeFileSync(log, line(2));
  fs.utimesSync(log, atime, mtime);
  await run();
  assert.deepEqual(exported(), ["1", "2"]);
});

test("writes each entry once when several exports run at once", async (t) => {
  const { log, start, exported, lake } = furnish(t);
  fs.writeFileSync(log, Array.from({ length: 50 }, (_, number) => line(number)).join(""));
  // All know the same before any writes.
  const reports = await Promise.all([start(), start(), start()].map((each) => each.run()));
  assert.equal(exported().length, 50);
  assert.equal(
    reports.reduce((sum, { entries }) => sum + entries, 0),
    50,
  );
  const left = fs.readdirSync(path.join(lake, "_skill-log", "host=h"));
  assert.ok(!left.some((name) => name.endsWith(".tmp")), `${left}`);
});

test("goes on in a copy when the first directory is gone", async (t) => {
  const { log, run, exported, lake } = furnish(t);
  fs.writeFileSync(log, line(1));
  await run();
  fs.cpSync(lake, `${lake}-copy`, { recursive: true });
  fs.rmSync(lake, { recursive: true });
  fs.appendFileSync(log, line(2));
  await run(`${lake}-copy`);
  assert.deepEqual(exported(`${lake}-copy`), ["1", "2"]);
});

test("moves no file when a manifest names a place that no segment has", async (t) => {
  const { log, run, exported, lake } = furnish(t);
  fs.writeFileSync(log, line(1));
  await run();
  const batch = path.join(lake, "_skill-log", "host=h", "00000001");
  const manifest = path.join(batch, "manifest");
  const text = fs.readFileSync(manifest, "utf8");
  const [segment] = /date=[^"]+/.exec(text) ?? [];
  const file = path.basename(String(segment));
  for (const name of [
    `../${file}`,
    `date=2026-01-01/host=h/../../../${file}`,
    `date=2026-01-01/host=other/${file}`,
    `date=../host=h/${file}`,
    `${segment}/more`,
    "date=2026-01-01/host=h/a.jsonl",
  ]) {
    fs.writeFileSync(manifest, text.replace(String(segment), name));
    await assert.rejects(
      async () => run(),
      /the manifest names .*, which is no segment of the host/,
    );
  }
  fs.writeFileSync(manifest, text);
  await run();
  assert.deepEqual(exported(), ["1"]);
});

test("checks without writing when it only checks", async (t) => {
  const { log, start, lake } = furnish(t);
  fs.writeFileSync(log, `${line(1)}what is this?\n`);
  const report = await start().check();
  assert.equal(report.left.damagedLines, 1);
  assert.ok(!fs.existsSync(lake));
});

/** @param {import("../../../js/cli/exporting/lake/hosted-export.js").HostReport} report */
const counts = ({ logs, read, entries }) => ({ logs, read, entries });
