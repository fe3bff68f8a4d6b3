// Runs each row of docs/evidence.md to its short count, always with the same seed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { root } from "../../scripts/command.js";
import { figuresOf, firstProgress, readRows, runCases } from "../../scripts/evidence.js";
import { catchingRows } from "./planted.js";

const SEED = 1;

const planted = new URL("../planted/", import.meta.url);

/** The rows that a planted fault shows to work. */
const proved = new Set(
  readdirSync(planted)
    .filter((file) => file.endsWith(".patch"))
    .flatMap((file) => catchingRows(readFileSync(new URL(file, planted), "utf8")))
    .map(({ row }) => row),
);

const page = readFileSync(new URL("../../docs/evidence.md", import.meta.url), "utf8");

/** Matches where the page says what a row found. @param {string} name */
const foundBy = (name) => new RegExp(`### \`${name}\`|### Nothing so far\n[^#]*\`${name}\``);

test("can be planted when a patch of tests/planted is a fault", () => {
  for (const file of readdirSync(planted).filter((name) => name.endsWith(".patch"))) {
    const { status, stderr } = spawnSync(
      "git",
      ["apply", "--check", fileURLToPath(new URL(file, planted))],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stderr);
  }
});

for (const row of await readRows()) {
  const skip = row.skip?.() ?? false;
  test(`keeps every promise when ${row.name} runs ${row.short} ${row.counts}`, {
    skip,
  }, async () => {
    const progress = firstProgress("", SEED);
    await runCases(row, progress, { count: row.short });
    assert.ok(progress.isComplete || progress.units >= row.short, `${progress.units}`);
    assert.ok(progress.units > 0);
  });

  test(`has a line in docs/evidence.md when ${row.name} is a row`, () => {
    assert.ok(figuresOf(page).has(row.name), "run: npm run evidence -- --write");
    assert.ok(page.includes(`| \`${row.name}\` | ${row.about} (counts ${row.counts}) |`));
    assert.match(page, foundBy(row.name), "a heading under What was found, or in its last list");
  });

  // The row that plants the faults catches none itself.
  if (row.name === "planted") continue;
  test(`is named by a fault in tests/planted when ${row.name} is a row`, () => {
    assert.ok(proved.has(row.name), "plant a fault by hand, and keep it as a patch");
  });
}
