// Checks that imports go downwards only, those of types too, and that in Rust only src/wasm/ knows JavaScript.
//
// dependency-cruiser reads no JSDoc and no .d.ts without a compiler that it knows. So it is handed a copy of js/ in which each type
// import is an import of values.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { Failure, root, script } from "./command.js";

const require = createRequire(import.meta.url);

/** What one name of package.json stands for, on one platform or another. @type {Record<string, string[]>} */
const aliases = {
  "#storage": ["js/storage/node/storage.js", "js/storage/browser/storage.js"],
  "#wasm": ["js/wasm/inlined.js", "js/wasm/imported.js", "js/wasm/given.js"],
};

/** The public shapes: they name classes of the rooms, as types, and nothing else. What imports a shape does not come to need these. */
const shapes = "js/types.d.ts";

/** In code, in comments and in declarations: `import … from "y"`, `@import … from "y"`, `import("y")`. */
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

/** @param {string} folder */
async function javaScriptFaults(folder) {
  const { cruise } = await import("dependency-cruiser");
  const { forbidden, options } = require(join(root, ".dependency-cruiser.cjs"));
  const copy = mkdtempSync(join(tmpdir(), "skill-log-layers-"));
  try {
    cpSync(join(folder, "js"), join(copy, "js"), { recursive: true });
    for (const path of filesIn(copy, "js")) writeImports(copy, path);
    const ruleSet = { forbidden };
    const { output } = await cruise(["js"], { ...options, ruleSet, validate: true, baseDir: copy });
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
 * Leaves of a file its imports alone, those of types too, as imports of values.
 *
 * @param {string} folder
 * @param {string} path in it
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
  // Dynamic imports are there to load late, and go upwards no more than others.
  writeFileSync(join(folder, file), imports.join(""));
  if (isDeclaration) rmSync(join(folder, path));
}

/**
 * @param {string} path
 * @param {string} to
 */
function from(path, to) {
  const way = relative(dirname(path), to).replaceAll("\\", "/");
  return way.startsWith(".") ? way : `./${way}`;
}

/**
 * Finds what of JavaScript is named in Rust outside of src/wasm/. (`wasm_bindgen_test` runs tests, of any code.)
 *
 * @param {string} folder
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
 * @param {string} folder
 * @param {string} below
 */
function filesIn(folder, below) {
  const names = readdirSync(join(folder, below), { recursive: true, encoding: "utf8" });
  const paths = names.map((name) => `${below}/${name.replaceAll("\\", "/")}`);
  return paths.filter((path) => /\.(js|ts|rs)$/.test(path));
}

script(import.meta.url, () => checkLayers());
