// The version is package.json's. Other files that need a version have the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (/** @type {string} */ file) =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json"));

/** File → a pattern that finds the version in it. */
const places = {
  "Cargo.toml": /^version = "(.*)"$/m,
  "Cargo.lock": /^name = "skill-log"\nversion = "(.*)"$/m,
  "package-lock.json": /^ {2}"version": "(.*)",$/m,
};

for (const [file, place] of Object.entries(places)) {
  test(`${file} has the version of package.json`, () => {
    assert.equal(place.exec(read(file))?.[1], version);
  });
}

test("CHANGELOG.md has a section for unreleased changes, or for the version", () => {
  assert.match(
    read("CHANGELOG.md"),
    new RegExp(`^## (Unreleased|${version.replaceAll(".", "\\.")} - \\d{4}-\\d\\d-\\d\\d)$`, "m"),
  );
});
