// What `npm run evidence` does: counts, keeps, continues and replays.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import {
  codePaths,
  continued,
  countText,
  figuresOf,
  firstProgress,
  keep,
  readRows,
  runCases,
  withFigures,
} from "../../scripts/evidence.js";
import { SKIPPED } from "../evidence/row.js";

/** @import { Row } from "../evidence/row.js" */

/**
 * Returns a row whose cases count for two units, and what was called.
 *
 * @param {{ cases?: number, bad?: number }} [options] `bad`: the case that breaks a promise
 */
function countingRow({ cases, bad } = {}) {
  /** @type {(string | number)[]} */
  const calls = [];
  /** @type {Row} */
  const row = {
    name: "counting",
    about: "Counts cases",
    counts: "units",
    short: 4,
    full: 10,
    async open(seed) {
      calls.push(`open ${seed}`);
      return {
        cases,
        async run(number) {
          calls.push(number);
          if (number === bad) throw new Error("an entry was lost");
          return 2;
        },
        close: async (isFailed) => void calls.push(isFailed ? "close, failed" : "close"),
      };
    },
  };
  return { row, calls };
}

test("runs cases in their order when they do not count for enough yet", async () => {
  const { row, calls } = countingRow();
  const progress = firstProgress("code", 7);
  await runCases(row, progress, { count: 5 });
  assert.deepEqual(calls, ["open 7", 0, 1, 2, "close"]);
  assert.equal(progress.units, 6);
  assert.equal(progress.isComplete, false);
});

test("ends when there are no more cases", async () => {
  const { row, calls } = countingRow({ cases: 2 });
  const progress = firstProgress("code", 7);
  await runCases(row, progress, { count: 100 });
  assert.deepEqual(calls, ["open 7", 0, 1, "close"]);
  assert.equal(progress.isComplete, true);
});

test("names the command that runs a case again when the case fails", async () => {
  const { row, calls } = countingRow({ bad: 1 });
  const progress = firstProgress("code", 7);
  await assert.rejects(runCases(row, progress, { count: 5 }), {
    message: "an entry was lost\nreplay: npm run evidence -- counting --seed 7 --case 1",
  });
  assert.deepEqual(calls, ["open 7", 0, 1, "close, failed"]);
  assert.equal(progress.next, 1);
  assert.equal(countText(row, progress), "2 units, 1 failure");
});

test("counts no failure when a case fails because the run was stopped", async () => {
  const { row, calls } = countingRow({ bad: 1 });
  const progress = firstProgress("code", 7);
  // The signal comes to this process after it has ended the processes of the case.
  let isStopped = false;
  const late = setInterval(() => (isStopped = calls.includes(1)), 50);
  await runCases(row, progress, { count: 5, isStopped: () => isStopped });
  clearInterval(late);
  assert.deepEqual(calls, ["open 7", 0, 1, "close"]);
  assert.equal(progress.failed, 0);
  assert.equal(progress.next, 1);
});

test("says that all cases were run only when none of them was skipped", () => {
  const { row } = countingRow();
  const progress = { ...firstProgress("code", 7), units: 4, isComplete: true };
  assert.equal(countText(row, progress), "4 units, all cases");
  const met = { [`${SKIPPED}no browser`]: 1 };
  assert.equal(countText(row, { ...progress, met }), "4 units (1 skipped: no browser)");
});

test("continues a run when it was kept, and starts anew when its code or seed differs", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "evidence-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "counting.json");
  const { row, calls } = countingRow();
  const first = continued(path, "code", 7);
  assert.deepEqual(first, firstProgress("code", 7));
  await runCases(row, first, { count: 4 });
  keep(path, first);

  const second = continued(path, "code");
  await runCases(row, second, { count: 6 });
  assert.deepEqual(calls, ["open 7", 0, 1, "close", "open 7", 2, "close"]);
  assert.equal(second.units, 6);

  assert.deepEqual(continued(path, "code", 8), firstProgress("code", 8));
  const anew = continued(path, "other code");
  assert.deepEqual(anew, firstProgress("other code", anew.seed));
});

test("writes the figures of one row, and keeps the others', when the page is written", () => {
  const page = [
    "# Evidence",
    "",
    "<!-- figures: written by `npm run evidence -- ROW --write` -->",
    "old",
    "| `kept` | About (counts kills) | 3 kills | 1 | 2026-01-02 | `abc` |",
    "<!-- end of the figures -->",
    "",
    "after",
  ].join("\n");
  const { row } = countingRow();
  const kept = { ...row, name: "kept", about: "Keeps" };
  const figures = ["6 units", "7", "2026-01-03", "`def`"];
  const written = withFigures(page, [row, kept], { name: "counting", figures });
  assert.deepEqual(
    written,
    [
      "# Evidence",
      "",
      "<!-- figures: written by `npm run evidence -- ROW --write` -->",
      "",
      "| row | what it does | count | seed | date | commit |",
      "| --- | --- | --: | --: | --- | --- |",
      "| `counting` | Counts cases (counts units) | 6 units | 7 | 2026-01-03 | `def` |",
      "| `kept` | Keeps (counts units) | 3 kills | 1 | 2026-01-02 | `abc` |",
      "",
      "<!-- end of the figures -->",
      "",
      "after",
    ].join("\n"),
  );
  assert.equal(withFigures(written, [row, kept]), written);
  assert.deepEqual(figuresOf(written).get("counting"), figures);
  assert.match(withFigures(page, [row]), /counting.*not run yet/);
});

const folder = fileURLToPath(new URL("../..", import.meta.url));

/** @param {...string} words */
function evidence(...words) {
  return spawnSync(process.execPath, ["scripts/evidence.js", ...words], {
    cwd: folder,
    encoding: "utf8",
  });
}

const wrong = [
  { words: ["no-such-row"], message: /^evidence: no row no-such-row\. The rows are: / },
  { words: ["--case", "x"], message: /^evidence: --case takes a whole number from 0, not x$/m },
  { words: ["--cas", "1"], message: /^evidence: Unknown option '--cas'/ },
];

for (const { words, message } of wrong) {
  test(`exits with 2 and says what is possible when the words are ${words.join(" ")}`, () => {
    const { status, stderr } = evidence(...words);
    assert.match(stderr, message);
    assert.equal(status, 2);
  });
}

test("lists the rows when none is named", async () => {
  const { stdout } = evidence();
  const names = (await readRows()).map(({ name, about }) => `${name}: ${about}\n`);
  assert.equal(stdout, names.join(""));
});

test("finds a row when its file exports it, and imports no other file", async (t) => {
  const rows = mkdtempSync(join(tmpdir(), "evidence-"));
  t.after(() => rmSync(rows, { recursive: true }));
  writeFileSync(join(rows, "helper.js"), "throw new Error('imported')\n");
  writeFileSync(join(rows, "one.js"), 'export const row = { name: "one" };\n');
  assert.deepEqual(
    (await readRows(rows)).map(({ name }) => name),
    ["one"],
  );
  writeFileSync(join(rows, "two.js"), 'export const row = { name: "other" };\n');
  await assert.rejects(readRows(rows), { message: /two\.js has the row other$/ });
});

for (const [name, paths] of Object.entries({
  interleavings: [
    "js",
    "src",
    "tests/evidence/interleavings.js",
    "tests/evidence/interleavings/process.js",
    "tests/evidence/disk-states/virtual-disk.js",
  ],
  "power-cuts": ["tests/fuse", "tests/evidence/children", "tests/evidence/written-log.js"],
  "chromium-kills": [
    "tests/evidence/browser-kills/page.js",
    "tests/evidence/browser-kills/tear.js",
    "tests/browser/server.js",
  ],
}))
  test(`starts the count of ${name} anew when code changes that it loads from elsewhere`, async () => {
    const row = (await readRows()).find((each) => each.name === name);
    const code = codePaths(/** @type {Row} */ (row));
    for (const path of paths) assert.ok(code.includes(path), path);
  });
