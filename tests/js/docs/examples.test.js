// Every example in README.md, FORMAT.md and docs/ runs in Node, or is type-checked.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";

import { temporaryFolder } from "../support/temporary-folder.js";
import { blocksOf, languages, modulesOf, pages, programsOf, root } from "./pages.js";

const run = promisify(execFile);

/** How long an example may run, in milliseconds. */
const LIMIT = 60_000;

for (const page of pages) {
  test(`${page}: names a tested language when it has a block of code`, () => {
    const blocks = blocksOf(page);
    for (const { language, line } of blocks)
      assert.ok(languages.includes(language), `${page}:${line}: ${language}`);
    blocks.forEach(({ language, line }, i) => {
      if (language === "text")
        assert.equal(blocks[i - 1]?.language, "js", `${page}:${line} is the output of no program`);
    });
  });

  const programs = programsOf(page);
  if (programs.length === 0) continue;
  test(`${page}: runs, and prints its output, when a block is a program`, async (t) => {
    const folder = projectFolder(t);
    for (const { text, line, printed } of programs) {
      await t.test(`runs when the program is at line ${line}`, async () => {
        const file = path.join(folder, `line-${line}.mjs`);
        fs.writeFileSync(file, text);
        const { stdout, stderr } = await run(
          process.execPath,
          ["--disable-warning=ExperimentalWarning", file],
          { cwd: folder, timeout: LIMIT },
        );
        if (printed !== undefined) assert.equal(stdout, printed);
        assert.equal(stderr, "");
      });
    }
  });
}

test("passes the type check when an example is a module", async (t) => {
  const folder = projectFolder(t);
  const found = pages.flatMap((page) =>
    modulesOf(page).map(({ text, line }) => ({
      name: `${page.replaceAll("/", "-")}-line-${line}.mjs`,
      text,
    })),
  );
  assert.ok(found.length > 10);
  for (const { name, text } of found) {
    assert.notEqual(text, "", `${name} has no module`);
    // An import or export makes it a module, whose names are its own.
    fs.writeFileSync(path.join(folder, name), `${text}\nexport {};\n`);
  }
  fs.copyFileSync(new URL("ambient.d.ts", import.meta.url), path.join(folder, "ambient.d.ts"));
  const compilerOptions = {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    strict: false,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    types: ["node"],
  };
  fs.writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.mjs", "*.d.ts"] }),
  );
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "--project", folder]).catch(({ stdout }) =>
    assert.fail(stdout),
  );
});

/**
 * Makes a folder in which the package is installed.
 *
 * @param {import("node:test").TestContext} t
 */
function projectFolder(t) {
  const folder = temporaryFolder(t);
  fs.mkdirSync(path.join(folder, "node_modules"));
  fs.symlinkSync(root, path.join(folder, "node_modules/skill-log"), "junction");
  fs.symlinkSync(
    path.join(root, "node_modules/@types"),
    path.join(folder, "node_modules/@types"),
    "junction",
  );
  return folder;
}
