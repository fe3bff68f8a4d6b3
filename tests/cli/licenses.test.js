// dist/cli/LICENSES and dist/viewer/LICENSES have the licences of all bundled packages.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

/** For each folder of dist/, packages that are bundled there. */
const bundled = { cli: ["commander", "@hpcc-js/wasm-zstd"], viewer: ["lit-html", "comlink"] };

for (const [folder, some] of Object.entries(bundled)) {
  test(`names each bundled package once, with its licence, in ${folder}/`, () => {
    const parts = fs
      .readFileSync(new URL(`../../dist/${folder}/LICENSES`, import.meta.url), "utf8")
      .split(`\n${"-".repeat(72)}\n\n`);
    const names = parts.map(
      (part) => /** @type {RegExpExecArray} */ (/^(\S+) [\d.]+ \(\S+\)\n\n/.exec(part))[1],
    );
    assert.deepEqual(names, [...new Set(names)]);
    for (const name of some) assert.ok(names.includes(name), name);
    for (const part of parts) {
      assert.match(part, /copyright/i);
      assert.match(part, /WITHOUT WARRANT|WARRANTIES/i);
    }
    if (folder === "cli") assert.match(parts[names.indexOf("@hpcc-js/wasm-zstd")], /Zstandard/);
  });
}
