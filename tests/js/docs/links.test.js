// The pages link to files and headings that exist, their lines are not too wide, and README is
// short.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { pages, root, textOf } from "./pages.js";

/** Bytes that README.md may have: as many as a reader reads in a minute. */
const README_BYTES = 9216;

/** Columns of a line of prose. Tables, pictures and code may be wider. */
const COLUMNS = 100;

const all = [...pages, "bench/RESULTS.md", "CHANGELOG.md"];

test("has few bytes when the page is README.md", () => {
  assert.ok(fs.statSync(`${root}/README.md`).size <= README_BYTES);
});

for (const page of all) {
  test(`${page}: leads to a file or a heading when it has a link`, () => {
    for (const [, link] of prose(page).matchAll(/\]\(([^)]+)\)/g)) {
      if (link.startsWith("https://")) continue;
      const [file, anchor] = link.split("#");
      const target = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
      assert.ok(fs.existsSync(`${root}/${target}`), link);
      if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), link);
    }
  });

  test(`${page}: has at most ${COLUMNS} columns when a line is prose`, () => {
    const wide = prose(page)
      .split("\n")
      .filter((line) => line.length > COLUMNS && !/^(\||!\[|<)/.test(line));
    assert.deepEqual(wide, []);
  });
}

/** The text of a page without its blocks of code. @param {string} page */
function prose(page) {
  return textOf(page).replace(/^```.*\n[^]*?^```$/gm, "");
}

/** The anchors that a page's headings have. @param {string} page */
function anchorsOf(page) {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
