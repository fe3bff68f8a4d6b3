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
  const options = { recursive: true, summaryEvery: 2 };
  const start = (to = lake) => new HostExport(to, { host: "h", dir }, format, options);
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

/**
 * What becomes of the summary of four batches, beside a fifth one. Each changes the files in the
 * folder of the batches; `earlier` is the summary of the first two.
 *
 * @type {[title: string, change: (summary: string, earlier: Buffer) => void][]}
 */
const summaries = [
  ["as it was", () => {}],
  ["missing", (summary) => fs.rmSync(summary)],
  ["empty", (summary) => fs.truncateSync(summary)],
  ["cut", (summary) => fs.truncateSync(summary, fs.statSync(summary).size - 1)],
  ["changed", (summary) => overwrite(summary, 60)],
  ["an earlier one", (summary, earlier) => fs.writeFileSync(summary, earlier)],
  [
    "of batches that are not all there",
    (summary) => {
      const folder = path.dirname(summary);
      for (const name of ["00000004", "00000005"])
        fs.rmSync(path.join(folder, name), { recursive: true });
      const segments = path.join(folder, "../../date=2026-01-01/host=h");
      for (const name of fs.readdirSync(segments))
        if (/^0000000[45]/.test(name)) fs.rmSync(path.join(segments, name));
    },
  ],
  [
    "of another last batch",
    (summary) => {
      // Its manifest has one more space.
      const manifest = path.join(path.dirname(summary), "00000004", "manifest");
      fs.writeFileSync(manifest, fs.readFileSync(manifest, "utf8").replace(",", ", "));
    },
  ],
];

for (const [title, change] of summaries) {
  test(`has each entry once when the summary of its batches is ${title}`, async (t) => {
    const { log, run, exported, lake } = furnish(t);
    const summary = path.join(lake, "_skill-log", "host=h", "summary");
    let earlier = Buffer.alloc(0);
    for (let number = 1; number <= 5; number += 1) {
      fs.appendFileSync(log, line(number));
      await run();
      if (number === 2) earlier = fs.readFileSync(summary);
    }
    change(summary, earlier);
    await run();
    assert.deepEqual(exported(), ["1", "2", "3", "4", "5"]);
    fs.appendFileSync(log, line(6));
    await run();
    assert.deepEqual(exported(), ["1", "2", "3", "4", "5", "6"]);
  });
}

test("reads no manifest when a summary has it, and moves segments that wait", async (t) => {
  const { log, run, exported, lake } = furnish(t);
  for (const number of [1, 2, 3]) {
    fs.appendFileSync(log, line(number));
    await run();
  }
  const state = path.join(lake, "_skill-log", "host=h");
  fs.writeFileSync(path.join(state, "00000001", "manifest"), "");
  // As in a copy that was made while the first export ran.
  const segments = path.join(lake, "date=2026-01-01", "host=h");
  const [first] = fs.readdirSync(segments).sort();
  fs.renameSync(path.join(segments, first), path.join(state, "00000001", "0.segment"));
  assert.equal((await run()).missing.segments, 0);
  assert.deepEqual(exported(), ["1", "2", "3"]);
  fs.rmSync(path.join(state, "summary"));
  await assert.rejects(async () => run(), /manifest is not complete/);
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
