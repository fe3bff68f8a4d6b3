// Uses the package in tests, because test runners load modules in their own way.

import test from "node:test";
import { fileURLToPath } from "node:url";

import { project, run } from "./project.js";
import { node, unrunnable } from "./runtimes.js";

const checker = (/** @type {string} */ bin) =>
  fileURLToPath(new URL(`checkers/node_modules/${bin}`, import.meta.url));

test("works in Jest's tests", { skip: unrunnable }, async (t) => {
  await run(
    project(t, ["jest"], { "@jest/globals": "checkers" }),
    node(24),
    checker("jest/bin/jest.js"),
  );
});

test("works in Vitest's tests", { skip: unrunnable }, async (t) => {
  await run(
    project(t, ["vitest"], { vitest: "checkers" }),
    node(24),
    checker("vitest/vitest.mjs"),
    "run",
  );
});
