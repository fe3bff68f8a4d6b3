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

import { root } from "../../scripts/command.js";
import { SKIPPED } from "./row.js";

/** @import { Caught } from "../planted/run-row.js" */
/** @import { Row } from "./row.js" */

const folder = join(root, "tests", "planted");

/**
 * The seed of the row that is run, and how many times its short count. Only a fault that is not
 * caught takes all of that.
 */
const SEED = 1;
const TIMES = 10;

/** Those that the tests plant: they are caught within seconds. */
const QUICK = ["leaked-descriptor", "read-error-as-end", "sync-failure-ignored"];

/** Returns the names of the patches, the quick ones first. */
function patches() {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .map((file) => basename(file, ".patch"))
    .filter((name) => !QUICK.includes(name));
  return [...QUICK, ...names.sort()];
}

/** Matches the row that catches a patch, the case before which it need not look, and what it says. */
const CAUGHT_BY = /^Caught by ([\w-]+)(?: from case (\d+))?: (.+)$/gm;

/**
 * Returns which rows catch a patch, and what each of them says then.
 *
 * @param {string} text of the patch
 */
export function catchingRows(text) {
  const [head] = text.split("\ndiff --git ");
  const found = [...head.matchAll(CAUGHT_BY)];
  assert.ok(found.length > 0, "a patch names the rows that catch it: Caught by ROW: WHAT IT SAYS");
  return found.map(([, row, from = "0", says]) => ({
    row,
    from: Number(from),
    says: new RegExp(says),
  }));
}

/** What patches change, and what is made of it. */
const CHANGED = ["js", "dist", "src"];

/** What rows need beside it. */
const UNCHANGED = ["Cargo.lock", "Cargo.toml", "LICENSE-MIT", "package.json", "scripts", "tests"];

/** Copies what rows need, without what set-up installs. @param {string} copy */
function copyProject(copy) {
  for (const name of [...CHANGED, ...UNCHANGED])
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

/** Puts back what patches change. @param {string} copy */
function restore(copy) {
  for (const name of CHANGED) {
    rmSync(join(copy, name), { recursive: true, force: true });
    // Cargo compiles what is newer than it was.
    const preserveTimestamps = name !== "src";
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps });
  }
}

/**
 * Plants a fault in a copy, which has no other one then, and bundles the package again.
 *
 * @param {string} copy
 * @param {string} name of the patch
 */
async function plant(copy, name) {
  restore(copy);
  const patch = join(folder, `${name}.patch`);
  const apply = ["apply", `--directory=${relative(root, copy)}`, patch];
  const applied = spawnSync("git", apply, { cwd: root, encoding: "utf8" });
  assert.equal(applied.status, 0, `${name} does not apply: ${applied.stderr}`);
  /** @type {typeof import("../../scripts/build.js")} */
  const builder = await import(pathToFileURL(join(copy, "scripts", "build.js")).href);
  await builder.bundled();
  // It imports the package, so it has no fault of the package's.
  if (readFileSync(patch, "utf8").includes("+++ b/js/cli/")) await builder.commandLine();
}

/**
 * Runs a row in a copy.
 *
 * @param {string} copy
 * @param {Row} row
 * @param {number} from its first case
 * @param {number} [to] the case before which it ends
 * @returns {Promise<Caught | null>} null when every promise was kept
 */
async function caughtIn(copy, row, from, to = Infinity) {
  const program = join(copy, "tests", "planted", "run-row.js");
  const args = [program, row.name, `${row.short * TIMES}`, `${SEED}`, `${from}`, `${to}`];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const code = await new Promise((done, failed) => child.on("close", done).on("error", failed));
  if (code === 0) return null;
  assert.equal(code, 3, `${row.name} cannot run: ${stderr}`);
  return JSON.parse(/** @type {string} */ (stdout.trim().split("\n").at(-1)));
}

/** @type {Row} */
export const row = {
  name: "planted",
  about:
    "Plants each fault of `tests/planted/` in a copy of the package, and fails unless every row that it names catches it",
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
    /** The cases that rows ran without a fault. @type {{ name: string, from: number, to: number }[]} */
    const controlled = [];
    /**
     * Checks that a row keeps quiet without a fault.
     *
     * @param {Row} row
     * @param {number} from
     * @param {number} to
     */
    const control = async (row, from, to) => {
      const { name } = row;
      if (controlled.some((each) => each.name === name && each.from <= from && each.to >= to))
        return;
      const caught = await caughtIn(copy, row, from, to);
      assert.equal(caught, null, `${name} fails without a fault: ${caught?.says}`);
      controlled.push({ name, from, to });
    };
    return {
      cases: names.length,
      async run(number) {
        const name = names[number];
        const catching = catchingRows(readFileSync(join(folder, `${name}.patch`), "utf8"));
        /** @type {Record<string, number>} */
        const met = {};
        /** @type {{ row: Row, from: number, says: RegExp }[]} */
        const able = [];
        for (const { row: named, from, says } of catching) {
          const row = rows.get(named);
          assert.ok(row, `${name}: there is no row ${named}`);
          const reason = row.skip?.();
          if (reason) met[`${SKIPPED}${named}: ${reason}`] = 1;
          else able.push({ row, from, says });
        }
        /** @type {{ row: Row, from: number, to: number }[]} */
        const caughtAt = [];
        if (able.length > 0) await plant(copy, name);
        for (const { row, from, says } of able) {
          const caught = await caughtIn(copy, row, from);
          assert.ok(caught, `${name} is not caught by ${row.name}`);
          const why = `${row.name} catches ${name} for another reason: ${caught.says}`;
          assert.match(caught.says, says, why);
          caughtAt.push({ row, from, to: caught.number + 1 });
          met[`by ${row.name}`] = 1;
        }
        restore(copy);
        for (const { row, from, to } of caughtAt) await control(row, from, to);
        return { units: able.length > 0 ? 1 : 0, met };
      },
      close: async () => rmSync(copy, { recursive: true, force: true }),
    };
  },
};
