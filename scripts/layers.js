// Checks that imports of values and of types only go downwards, by the rules in
// .dependency-cruiser.cjs. Also checks that in Rust only src/wasm/ knows JavaScript.
//
// dependency-cruiser reads no type imports in JSDoc, and no .d.ts files with this version of
// TypeScript. So it gets copies of js/ and viewer/ in which each type import is an import of values.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { Failure, root, script } from "./command.js";

const require = createRequire(import.meta.url);

/**
 * The files that a name in package.json's "imports" means, on any platform.
 *
 * @type {Record<string, string[]>}
 */
const aliases = {
  "#secrets": ["js/redaction/imported-secrets.js", "js/redaction/required-secrets.js"],
  "#storage": ["js/storage/node/storage.js", "js/storage/browser/storage.js"],
  "#wasm": ["js/wasm/inlined.js", "js/wasm/imported.js", "js/wasm/given.js"],
};

/**
 * The public shapes. Their own imports do not count, because they name the rooms' classes as types
 * and a file that imports a shape does not need those classes.
 */
const shapes = "js/types.d.ts";

/** `import … from "y"`, `@import … from "y"` and `import("y")`, in code and in comments. */
const imported = /\b(?:from\s+|import\s*\(?\s*)"([^"]+)"/g;

/**
 * Checks the layers of a working copy.
 *
 * @param {string} [folder]
 * @throws {Failure} with each import that is not allowed
 */
export async function checkLayers(folder = root) {
  const faults = [...(await javaScriptFaults(folder)), ...rustFaults(folder)];
  if (faults.length > 0) throw new Failure(`layers:\n  ${faults.join("\n  ")}`);
}

/**
 * Returns the imports that break a rule.
 *
 * @param {string} folder the working copy
 */
async function javaScriptFaults(folder) {
  const { cruise } = await import("dependency-cruiser");
  const { forbidden, options } = require(join(root, ".dependency-cruiser.cjs"));
  const copy = mkdtempSync(join(tmpdir(), "skill-log-layers-"));
  try {
    for (const part of ["js", "viewer"]) {
      cpSync(join(folder, part), join(copy, part), { recursive: true });
      for (const path of filesIn(copy, part)) writeImports(copy, path);
    }
    const ruleSet = { forbidden };
    const { output } = await cruise(["js", "viewer"], {
      ...options,
      ruleSet,
      validate: true,
      baseDir: copy,
    });
    const { violations } = /** @type {import("dependency-cruiser").ICruiseResult} */ (output)
      .summary;
    return violations.map(({ rule, from, to, cycle }) => {
      const way = cycle ? cycle.map(({ name }) => name).join(" → ") : to;
      return `${rule.name}: ${from} → ${way}`;
    });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/**
 * Replaces a file of the copy by its imports, all as imports of values.
 *
 * @param {string} folder
 * @param {string} path below the folder
 */
function writeImports(folder, path) {
  const text = readFileSync(join(folder, path), "utf8");
  const isDeclaration = path.endsWith(".d.ts");
  const found = path === shapes ? [] : [...text.matchAll(imported)].map(([, name]) => name);
  const specifiers = new Set(
    found.flatMap((name) => aliases[name]?.map((to) => from(path, to)) ?? name),
  );
  const imports = [...specifiers]
    .filter((name) => name.startsWith("."))
    .map((name) => `import "${name}";\n`);
  const file = isDeclaration ? path.replace(/\.d\.ts$/, ".js") : path;
  // Dynamic imports become static, because the rules are the same for both.
  writeFileSync(join(folder, file), imports.join(""));
  if (isDeclaration) rmSync(join(folder, path));
}

/**
 * Returns how a file imports another.
 *
 * @param {string} path
 * @param {string} to
 */
function from(path, to) {
  const way = relative(dirname(path), to).replaceAll("\\", "/");
  return way.startsWith(".") ? way : `./${way}`;
}

/**
 * Returns the lines of Rust outside src/wasm/ that name a crate for JavaScript. wasm_bindgen_test
 * is allowed, because it runs tests of any code.
 *
 * @param {string} folder the working copy
 */
function rustFaults(folder) {
  const files = filesIn(folder, "src").filter(
    (path) => path.endsWith(".rs") && !/^src\/wasm(\.rs$|\/)/.test(path),
  );
  return files.flatMap((path) => {
    const lines = readFileSync(join(folder, path), "utf8").split("\n");
    return lines.flatMap((line, index) => {
      const name = /\b(?:js_sys|wasm_bindgen|serde_wasm_bindgen|web_sys)\b/.exec(line)?.[0];
      return name ? [`rust-knows-no-javascript: ${path}:${index + 1} names ${name}`] : [];
    });
  });
}

/**
 * Returns the paths of the source files in a folder and below.
 *
 * @param {string} folder the working copy
 * @param {string} below
 */
function filesIn(folder, below) {
  const names = readdirSync(join(folder, below), { recursive: true, encoding: "utf8" });
  const paths = names.map((name) => `${below}/${name.replaceAll("\\", "/")}`);
  return paths.filter((path) => /\.(js|ts|rs)$/.test(path));
}

script(import.meta.url, () => checkLayers());
