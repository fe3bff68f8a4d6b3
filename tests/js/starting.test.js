// How the package starts, and what it reports when its wasm cannot start: with little address
// space, or with the wrong module. Each way to load the package is tested.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Kilobytes of address space: enough for Node, and less than V8 reserves for one wasm memory. */
const LIMIT = 4_000_000;

const own = `require("node:fs").readFileSync("dist/skill_log_bg.wasm")`;

/** A module with nothing in it, and a module with an import that the package does not have. */
const empty = "Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)";
const asking =
  "Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0)";

/** The ways to load the package, as expressions of a promise. */
const loads = {
  import: 'import("skill-log")',
  require: '(async () => require("skill-log"))()',
  "init with bytes": `import("skill-log/slim").then(({ init }) => init(${own}))`,
  "init with a module": `import("skill-log/slim").then(({ init }) => init(new WebAssembly.Module(${own})))`,
};

/**
 * Loads the package in a process of its own, and returns "started" or the facts of the error.
 *
 * @param {string} load
 * @param {{ limit?: number | undefined, args?: string }} [options] `limit`: kilobytes of address
 *   space
 */
function outcomeOf(load, { limit, args = "" } = {}) {
  const program = `${load}.then(
    () => console.log('"started"'),
    ({ name, code, message, cause }) =>
      console.log(JSON.stringify({ name, code, message, cause: cause?.name })),
  )`;
  const command = `${limit === undefined ? "" : `ulimit -v ${limit};`} exec "$0" ${args} -e "$1"`;
  return JSON.parse(
    execFileSync("sh", ["-c", command, process.execPath, program], { cwd: root, encoding: "utf8" }),
  );
}

for (const [name, load] of Object.entries(loads)) {
  test(`${name}: reports what helps when address space is limited`, () => {
    const { message, ...facts } = outcomeOf(load, { limit: LIMIT });
    assert.deepEqual(facts, { name: "SkillLogError", code: "NOT_STARTED", cause: "RangeError" });
    assert.match(message, /no memory to start in \(.*Out of memory.*--disable-wasm-trap-handler/);
  });

  test(`${name}: starts under the same limit when Node has the option that helps`, () => {
    assert.equal(outcomeOf(load, { limit: LIMIT, args: "--disable-wasm-trap-handler" }), "started");
  });
}

for (const limit of [undefined, LIMIT]) {
  for (const [name, bytes] of Object.entries({
    "an empty module": empty,
    "a module with other imports": asking,
    "no module": "Uint8Array.of(1, 2)",
  })) {
    const memory = limit === undefined ? "memory suffices" : "address space is limited";
    test(`refuses ${name} as the argument of init when ${memory}`, () => {
      const { code } = outcomeOf(`import("skill-log/slim").then(({ init }) => init(${bytes}))`, {
        limit,
      });
      assert.equal(code, "INVALID_ARGUMENT");
    });
  }
}
