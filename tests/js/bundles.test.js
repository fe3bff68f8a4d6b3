// What the bundles must be, so that Node loads them soon.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

test("has only ASCII when Node loads a bundle, because V8 reads other text twice as wide", () => {
  for (const name of ["index.js", "index.cjs", "slim.js", "slim.cjs", "skill-log-thread.js"]) {
    const bytes = fs.readFileSync(new URL(`../../dist/${name}`, import.meta.url));
    const at = bytes.findIndex((byte) => byte > 0x7f);
    assert.equal(at, -1, `${name}: ${bytes.subarray(at - 40, at + 40)}`);
  }
});
