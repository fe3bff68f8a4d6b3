// The tarball itself: what is in it, and what those say who check packages.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { packed } from "./project.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const checkers = fileURLToPath(new URL("checkers/node_modules", import.meta.url));

test("the tarball: nothing that does not belong, and nothing to install besides", () => {
  const { files, folder } = packed();
  const strangers = files.filter(
    (name) =>
      !/^dist\/|^docs\/[a-z]+\.md$|^(README|FORMAT|CHANGELOG)\.md$|^LICENSE-|^package\.json$/.test(
        name,
      ),
  );
  assert.deepEqual(strangers, []);
  assert.deepEqual(
    readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
    ["skill-log"],
  );
});

test("the tarball: its .wasm file is to be found", () => {
  const wasm = createRequire(join(packed().folder, "a.js")).resolve("skill-log/skill_log.wasm");
  assert.ok(WebAssembly.validate(readFileSync(wasm)));
});

test("the tarball: what its documents link to is in it, or said to be in the repository", () => {
  const { files, folder } = packed();
  const read = (/** @type {string} */ name) =>
    readFileSync(join(folder, "node_modules/skill-log", name), "utf8");
  const [, sentence] = /Only the repository has ([^]*?)\.\n/.exec(read("README.md")) ?? [];
  const elsewhere = [...sentence.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
  const documents = files.filter((name) => name.endsWith(".md"));
  const links = documents.flatMap((name) => {
    return [...read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
      posix.join(posix.dirname(name), path),
    );
  });
  for (const path of elsewhere)
    assert.ok(
      links.some((link) => link.startsWith(path)),
      `${path} is not linked`,
    );
  for (const link of links) {
    const isElsewhere = elsewhere.some((path) => link.startsWith(path));
    assert.ok(
      isElsewhere ? !files.includes(link) && existsSync(join(root, link)) : files.includes(link),
      link,
    );
  }
  // Files are named too, without a link.
  const named = documents.flatMap((name) =>
    [...read(name).matchAll(/`((?:js|dist|tests|scripts)\/[\w./-]+)`/g)].map(([, path]) => path),
  );
  assert.ok(named.length > 4);
  for (const path of named)
    assert.ok(
      path.startsWith("dist/")
        ? existsSync(join(folder, "node_modules/skill-log", path))
        : existsSync(join(root, path)),
      path,
    );
});

test("what the documents say of sizes is so", async () => {
  const { folder } = packed();
  const read = (/** @type {string} */ name) =>
    readFileSync(join(folder, "node_modules/skill-log", name));
  const { buildSync } = createRequire(join(root, "tests/packaging/bundlers/a.js"))("esbuild");
  const bundled = (/** @type {string} */ contents) =>
    buildSync({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    }).outputFiles[0].contents;
  const [whole, slim] = ["dist/browser.js", "dist/slim-browser.js"].map(read);
  const [one, all] = [
    'import { decode } from "skill-log"; decode("")',
    'import * as all from "skill-log"; globalThis.all = all',
  ].map(bundled);
  const page = String(read("docs/browsers.md")).replace(/\s+/g, " ");
  const [, less, lessCompressed] = /\((\d+) KB less, or (\d+) KB under gzip\)/.exec(page) ?? [];
  const said =
    /`decode` alone is (\d+) KB minified, everything (\d+) KB \((\d+) and (\d+) KB under gzip\)/.exec(
      page,
    ) ?? [];
  const compressed = (/** @type {Uint8Array} */ bytes) => gzipSync(bytes, { level: 9 }).length;
  const measured = [
    whole.length - slim.length,
    compressed(whole) - compressed(slim),
    one.length,
    all.length,
    compressed(one),
    compressed(all),
  ];
  assert.equal(said.length, 5);
  for (const [index, kilobytes] of [less, lessCompressed, ...said.slice(1)].entries()) {
    const bytes = measured[index];
    assert.ok(
      Math.abs(Number(kilobytes) * 1000 - bytes) < 0.03 * bytes,
      `${kilobytes} KB: ${bytes} bytes`,
    );
  }
});

/** What publint says, each with the reason why it stays. @type {Record<string, string>} */
const suggestions = {
  USE_EXPORTS_BROWSER:
    'It would have "exports" alone tell browsers from Node. "exports" does; Parcel reads "browser", and reads "exports" only in projects that say so.',
};

test("publint finds nothing but what has a reason", async () => {
  const { publint } = await import(pathToFileURL(join(checkers, "publint/src/index-node.js")).href);
  const bytes = readFileSync(packed().tarball);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { messages } = await publint({ pack: { tarball }, strict: true });
  const codes = messages.map((/** @type {{ code: string }} */ { code }) => code);
  assert.deepEqual(codes, Object.keys(suggestions));
});

/** What attw says of each way to load a part, with the reason why it stays. @type {Record<string, string>} */
const problems = {
  "./worker CJSResolvesToESM node16-cjs":
    "The worker's file is for `new Worker()`. `require.resolve` finds it; `require` has nothing to get from it.",
};

/** What is no module for TypeScript. */
const files = [
  // A runtime or a bundler says what importing it gives: a module, an instance or a URL.
  "skill_log.wasm",
];

test("attw finds the types right for import and for require, but for what has a reason", async () => {
  const { folder, tarball } = packed();
  const attw = join(checkers, "@arethetypeswrong/cli/dist/index.js");
  // It fails when it finds something: what it found is looked at below.
  const args = [attw, tarball, "--format", "json", "--exclude-entrypoints", ...files];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const { analysis } = JSON.parse(stdout);
  assert.ok(Object.keys(analysis.entrypoints).includes("./slim"));
  const found = analysis.problems.flatMap(
    (/** @type {any} */ { kind, entrypoint, resolutionKind }) =>
      // Not how TypeScript looked for packages before Node had "exports": no supported Node does.
      resolutionKind === "node10"
        ? []
        : [`${entrypoint} ${kind} ${resolutionKind ?? "everywhere"}`],
  );
  assert.deepEqual(found, Object.keys(problems));
});
