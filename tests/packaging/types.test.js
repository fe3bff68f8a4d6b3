// The package's types, as TypeScript 5 and 7 read them with nothing left unchecked, and the first that can; what they compile is run.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { project, run } from "./project.js";

const oldest = fileURLToPath(
  new URL("checkers/node_modules/typescript-5.0/bin/tsc", import.meta.url),
);
const compilers = {
  "TypeScript 5": fileURLToPath(
    new URL("checkers/node_modules/typescript/bin/tsc", import.meta.url),
  ),
  "TypeScript 7": fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url)),
};

const outcome = {
  whole: true,
  damage: [],
  skill: "x",
  entries: 3,
  raw: '{"any":["thing"]}',
  code: "INVALID_ENTRY",
  removed: true,
  absent: "xyxyxyxyxyxxy",
  slim: "x",
};

test("TypeScript 5.0: a program for a bundler and the browser, without Node's types", async (t) => {
  const folder = project(t, ["types"]);
  await run(folder, process.execPath, oldest, "--project", "tsconfig.page.json");
  assert.equal(await run(folder, process.execPath, "built/page.js"), "x\n");
});

for (const [name, tsc] of Object.entries(compilers)) {
  test(`${name}: a program for Node, by import and by require`, async (t) => {
    const folder = project(t, ["types"], { "@types/node": "../.." });
    // The same text: what its imports compile to, the file's name says.
    copyFileSync(join(folder, "import.mts"), join(folder, "require.cts"));
    await run(folder, process.execPath, tsc, "--project", "tsconfig.node.json");
    assert.deepEqual(JSON.parse(await run(folder, process.execPath, "built/import.mjs")), outcome);
    assert.deepEqual(JSON.parse(await run(folder, process.execPath, "built/require.cjs")), outcome);
  });

  test(`${name}: a program for a bundler and the browser, without Node's types`, async (t) => {
    const folder = project(t, ["types"]);
    await run(folder, process.execPath, tsc, "--project", "tsconfig.page.json");
    assert.equal(await run(folder, process.execPath, "built/page.js"), "x\n");
  });
}
