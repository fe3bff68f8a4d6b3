// Plants a fault in a copy of the package, and runs the row that must catch it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

import { root } from "../../scripts/command.js";

/** @import { Row } from "./row.js" */

const folder = join(root, "tests", "planted");

/** The seed of the row that is run, and how many times its short count. */
const SEED = 1;
const TIMES = 3;

/** Those that the tests plant: they are caught within seconds. */
const QUICK = ["leaked-descriptor", "read-error-as-end", "sync-failure-ignored"];

/** The options of both bundles that Node loads. */
const shared = /** @type {const} */ ({
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
});

/** Returns the names of the patches, the quick ones first. */
function patches() {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .map((file) => basename(file, ".patch"))
    .filter((name) => !QUICK.includes(name));
  return [...QUICK, ...names.sort()];
}

/**
 * Returns the rows that catch a patch, the first one first.
 *
 * @param {string} text of the patch
 */
function rowsOf(text) {
  const [, names] = /^Caught by: ([\w-]+(?:, [\w-]+)*)\.?$/m.exec(text) ?? [];
  assert.ok(names, "a patch names the rows that catch it: Caught by: ROW");
  return names.split(", ");
}

/** Copies what rows need, without what set-up installs. @param {string} copy */
function copyProject(copy) {
  for (const name of ["js", "dist", "scripts", "tests", "package.json"])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => basename(path) !== "node_modules",
    });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, "target"));
  // The program of the rows that cut the power.
  if (existsSync(join(root, "target", "fuse")))
    symlinkSync(join(root, "target", "fuse"), join(copy, "target", "fuse"));
}

/**
 * Bundles the package again.
 *
 * @param {string} copy
 * @param {boolean} isCommandLine whether the command line was changed
 */
async function bundle(copy, isCommandLine) {
  const options = { ...shared, absWorkingDir: copy };
  await build({
    ...options,
    entryPoints: ["js/index.js"],
    outfile: "dist/index.js",
    external: ["./skill_log_bg.wasm"],
    allowOverwrite: true,
  });
  await build({
    ...options,
    entryPoints: ["js/thread.js"],
    outfile: "dist/skill-log-thread.js",
    conditions: ["slim"],
  });
  if (!isCommandLine) return;
  const script = pathToFileURL(join(copy, "scripts", "build.js")).href;
  const { commandLine } = await import(script);
  await commandLine();
}

/**
 * Runs a row in a copy.
 *
 * @param {string} copy
 * @param {Row} row
 * @returns {Promise<string | null>} the promise that was broken; null when none was
 */
async function brokenBy(copy, row) {
  const program = join(copy, "tests", "planted", "run-row.js");
  const args = [program, row.name, `${row.short * TIMES}`, `${SEED}`];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const code = await new Promise((done, failed) => child.on("close", done).on("error", failed));
  if (code === 0) return null;
  assert.equal(code, 3, `${row.name} cannot run: ${stderr}`);
  return stdout;
}

/** @type {Row} */
export const row = {
  name: "planted",
  about:
    "Plants a fault of `tests/planted/` in a copy of the package, and fails unless the row that the fault names catches it",
  counts: "faults",
  short: QUICK.length,
  full: 1_000,
  code: ["tests/planted"],
  async open() {
    const names = patches();
    // Imported here, because it reads this row too.
    const { readRows } = await import("../../scripts/evidence.js");
    const rows = new Map((await readRows()).map((each) => [each.name, each]));
    mkdirSync(join(root, "target"), { recursive: true });
    const copy = mkdtempSync(join(root, "target", "planted-"));
    copyProject(copy);
    return {
      cases: names.length,
      async run(number) {
        const name = names[number];
        const patch = join(folder, `${name}.patch`);
        const text = readFileSync(patch, "utf8");
        const able = rowsOf(text).find((each) => {
          const named = rows.get(each);
          assert.ok(named, `${name}: there is no row ${each}`);
          return !named.skip?.();
        });
        if (!able) return 0;
        cpSync(join(root, "js"), join(copy, "js"), { recursive: true });
        const apply = ["apply", `--directory=${relative(root, copy)}`, patch];
        const applied = spawnSync("git", apply, { cwd: root, encoding: "utf8" });
        assert.equal(applied.status, 0, `${name} does not apply: ${applied.stderr}`);
        await bundle(copy, text.includes("+++ b/js/cli/"));
        const broken = await brokenBy(copy, /** @type {Row} */ (rows.get(able)));
        assert.ok(broken, `${name} is not caught by ${able}`);
        return { units: 1, met: { [`by ${able}`]: 1 } };
      },
      close: async () => rmSync(copy, { recursive: true, force: true }),
    };
  },
};
