// Compiles programs with the package's types, which the compiler checks too, and runs the programs.
// TypeScript 5.0 is the oldest version that reads the types.

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

test("compiles a program for a browser, without Node's types, by TypeScript 5.0", async (t) => {
  const folder = project(t, ["types"]);
  await run(folder, process.execPath, oldest, "--project", "tsconfig.page.json");
  assert.equal(await run(folder, process.execPath, "built/page.js"), "x\n");
});

for (const [name, tsc] of Object.entries(compilers)) {
  test(`compiles a program for Node, by import and by require, by ${name}`, async (t) => {
    const folder = project(t, ["types"], { "@types/node": "../.." });
    // The same text, whose imports compile to `import` or `require` by the file's extension.
    copyFileSync(join(folder, "import.mts"), join(folder, "require.cts"));
    await run(folder, process.execPath, tsc, "--project", "tsconfig.node.json");
    assert.deepEqual(JSON.parse(await run(folder, process.execPath, "built/import.mjs")), outcome);
    assert.deepEqual(JSON.parse(await run(folder, process.execPath, "built/require.cjs")), outcome);
  });

  test(`compiles a program for a browser, without Node's types, by ${name}`, async (t) => {
    const folder = project(t, ["types"]);
    await run(folder, process.execPath, tsc, "--project", "tsconfig.page.json");
    assert.equal(await run(folder, process.execPath, "built/page.js"), "x\n");
  });
}
