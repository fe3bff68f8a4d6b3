// The tarball itself: what is in it, and what those say who check packages.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { packed, run } from "./project.js";

const checkers = fileURLToPath(new URL("checkers/node_modules", import.meta.url));

test("the tarball: nothing that does not belong, and nothing to install besides", () => {
  const { files, folder } = packed();
  const strangers = files.filter((name) => !/^dist\/|^(README|FORMAT|CHANGELOG)\.md$|^LICENSE-|^package\.json$/.test(name));
  assert.deepEqual(strangers, []);
  assert.deepEqual(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")), ["skill-log"]);
});

test("the tarball: its .wasm file is to be found", () => {
  const wasm = createRequire(join(packed().folder, "a.js")).resolve("skill-log/skill_log.wasm");
  assert.ok(WebAssembly.validate(readFileSync(wasm)));
});

test("publint finds nothing wrong", async () => {
  const { publint } = await import(pathToFileURL(join(checkers, "publint/src/index-node.js")).href);
  const tarball = readFileSync(packed().tarball);
  const { messages } = await publint({ pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) }, strict: true });
  // It would have "exports" alone tell browsers from Node. They do; "browser" is for Parcel, which reads none unless a project says so.
  assert.deepEqual(messages.map(({ code }) => code), ["USE_EXPORTS_BROWSER"]);
});

test("attw finds the types right for import and for require", async () => {
  const { folder, tarball } = packed();
  const args = [
    // Not how TypeScript looked for packages before Node had "exports": no supported Node does, and TypeScript 7 cannot.
    "--profile", "node16",
    // Files rather than modules: what importing one gives, the bundler or the runtime says.
    "--exclude-entrypoints", "skill_log.wasm", "worker",
  ];
  await run(folder, process.execPath, join(checkers, "@arethetypeswrong/cli/dist/index.js"), tarball, ...args);
});
