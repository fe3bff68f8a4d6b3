// The package where there are files: the same program in each runtime.

import assert from "node:assert/strict";
import test from "node:test";

import * as expected from "./program/expected.js";
import { project, run } from "./project.js";
import { bun, deno, node, nodes, unrunnable } from "./runtimes.js";

const both = { "by import": "import.js", "by require": "require.cjs" };
const runtimes = [
  ...nodes.map((version) => ({ name: `Node ${version}`, command: [node(version)], programs: both })),
  { name: "Bun", command: [bun, "run"], programs: both },
  {
    name: "Deno",
    command: [deno, "run", "--cached-only", "--no-prompt", "--allow-read", "--allow-write"],
    programs: { ...both, "by its npm: specifier": "specifier.js" },
  },
];

for (const { name, command: [program, ...args], programs } of runtimes) {
  for (const [how, file] of Object.entries(programs)) {
    test(`${name}: ${how}`, { skip: unrunnable }, async (t) => {
      assert.deepEqual(JSON.parse(await run(project(t, ["node"]), program, ...args, file)), expected.everything);
    });
  }
}

for (const [how, file] of Object.entries(both)) {
  test(`./slim in Node, with its wasm from the package's file: ${how}`, { skip: unrunnable }, async (t) => {
    assert.deepEqual(JSON.parse(await run(project(t, ["slim"]), node(24), file)), expected.everything);
  });
}
