// Checks the files of the tarball, and what tools that check packages report.

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

test("packs no other files, and has no dependencies", () => {
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

test("exports its .wasm file", () => {
  const wasm = createRequire(join(packed().folder, "a.js")).resolve("skill-log/skill_log.wasm");
  assert.ok(WebAssembly.validate(readFileSync(wasm)));
});

test("packs what its documents link to, or README.md says that only the repository has it", () => {
  const { files, folder } = packed();
  const read = (/** @type {string} */ name) =>
    readFileSync(join(folder, "node_modules/skill-log", name), "utf8");
  const [, sentence] = /Only the repository has ([^]*?)\.\n/.exec(read("README.md")) ?? [];
  // The paths may have `*`.
  const elsewhere = [...sentence.matchAll(/`([^`]+)`/g)].map(
    ([, path]) => new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}`),
  );
  const documents = files.filter((name) => name.endsWith(".md"));
  const links = documents.flatMap((name) => {
    return [...read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
      posix.join(posix.dirname(name), path),
    );
  });
  for (const path of elsewhere)
    assert.ok(
      links.some((link) => path.test(link)),
      `${path} is not linked`,
    );
  for (const link of links) {
    const isElsewhere = elsewhere.some((path) => path.test(link));
    assert.ok(
      isElsewhere ? !files.includes(link) && existsSync(join(root, link)) : files.includes(link),
      link,
    );
  }
  // The documents also name files without a link.
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

test("has the sizes that the documents state", async () => {
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

/** publint's findings, each with the reason why it stays. @type {Record<string, string>} */
const suggestions = {
  USE_EXPORTS_BROWSER:
    'publint asks for "exports" instead of "browser". package.json has both, because Parcel reads ' +
    '"exports" only in projects that enable it.',
};

test("has no findings by publint without a reason", async () => {
  const { publint } = await import(pathToFileURL(join(checkers, "publint/src/index-node.js")).href);
  const bytes = readFileSync(packed().tarball);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { messages } = await publint({ pack: { tarball }, strict: true });
  const codes = messages.map((/** @type {{ code: string }} */ { code }) => code);
  assert.deepEqual(codes, Object.keys(suggestions));
});

/** attw's findings, each with the reason why it stays. @type {Record<string, string>} */
const problems = {
  "./worker CJSResolvesToESM node16-cjs":
    "The worker's file is for `new Worker()`. `require.resolve` finds it, and it exports nothing.",
};

/** Exports that are no modules for TypeScript. */
const files = [
  // Each runtime or bundler imports the file in its own way: as a module, an instance or a URL.
  "skill_log.wasm",
];

test("has the right types for import and for require, by attw", async () => {
  const { folder, tarball } = packed();
  const attw = join(checkers, "@arethetypeswrong/cli/dist/index.js");
  // Its exit status is not 0 when it has findings, which are compared below.
  const args = [attw, tarball, "--format", "json", "--exclude-entrypoints", ...files];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const { analysis } = JSON.parse(stdout);
  assert.ok(Object.keys(analysis.entrypoints).includes("./slim"));
  const found = analysis.problems.flatMap(
    (/** @type {any} */ { kind, entrypoint, resolutionKind }) =>
      // node10 is the resolution before "exports", which no supported Node uses.
      resolutionKind === "node10"
        ? []
        : [`${entrypoint} ${kind} ${resolutionKind ?? "everywhere"}`],
  );
  assert.deepEqual(found, Object.keys(problems));
});
