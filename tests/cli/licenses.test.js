// dist/cli/LICENSES has the licences of all bundled packages.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

test("names each bundled package once, with its licence, when the program is built", () => {
  const parts = fs
    .readFileSync(new URL("../../dist/cli/LICENSES", import.meta.url), "utf8")
    .split(`\n${"-".repeat(72)}\n\n`);
  const names = parts.map(
    (part) => /** @type {RegExpExecArray} */ (/^(\S+ [\d.]+) \(\S+\)\n\n/.exec(part))[1],
  );
  assert.deepEqual(names, [...new Set(names)]);
  assert.ok(names.some((name) => name.startsWith("commander ")));
  for (const part of parts) {
    assert.match(part, /copyright/i);
    assert.match(part, /WITHOUT WARRANT|WARRANTIES/i);
  }
  assert.match(
    /** @type {string} */ (parts.find((part) => part.startsWith("@hpcc-js/wasm-zstd "))),
    /Zstandard/,
  );
});
