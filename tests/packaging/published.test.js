// The tarball itself: what is in it, and what those say who check packages.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { packed, run } from "./project.js";

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

test("publint finds nothing wrong", async () => {
  const { publint } = await import(pathToFileURL(join(checkers, "publint/src/index-node.js")).href);
  const tarball = readFileSync(packed().tarball);
  const { messages } = await publint({
    pack: {
      tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length),
    },
    strict: true,
  });
  // It would have "exports" alone tell browsers from Node. They do; "browser" is for Parcel, which reads none unless a project says so.
  assert.deepEqual(
    messages.map(({ code }) => code),
    ["USE_EXPORTS_BROWSER"],
  );
});

test("attw finds the types right for import and for require", async () => {
  const { folder, tarball } = packed();
  const args = [
    // Not how TypeScript looked for packages before Node had "exports": no supported Node does, and TypeScript 7 cannot.
    "--profile",
    "node16",
    // Files rather than modules: what importing one gives, the bundler or the runtime says.
    "--exclude-entrypoints",
    "skill_log.wasm",
    "worker",
  ];
  await run(
    folder,
    process.execPath,
    join(checkers, "@arethetypeswrong/cli/dist/index.js"),
    tarball,
    ...args,
  );
});
