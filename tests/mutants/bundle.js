// Bundles the package in Stryker's copy of the project, whose files have the mutants.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { bundled } from "../../scripts/build.js";

await bundled();
const bundle = readFileSync(new URL("../../dist/index.js", import.meta.url), "utf8");
assert.match(bundle, /stryMutAct/, "dist/index.js has no mutants");
