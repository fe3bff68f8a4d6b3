// What the package says where its wasm cannot start, as each of its builds is loaded: under a limit of addresses, and with other modules.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Kilobytes of addresses: enough for Node, and less than V8 reserves for one module's memory. */
const LIMIT = 4_000_000;

const own = `require("node:fs").readFileSync("dist/skill_log_bg.wasm")`;

/** A module without anything in it; and one that asks for what nobody gives. */
const empty = "Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)";
const asking =
  "Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0)";

/** How the package is loaded, each as a promise. */
const loads = {
  import: 'import("skill-log")',
  require: '(async () => require("skill-log"))()',
  "init with bytes": `import("skill-log/slim").then(({ init }) => init(${own}))`,
  "init with a module": `import("skill-log/slim").then(({ init }) => init(new WebAssembly.Module(${own})))`,
};

/**
 * Loads the package in a process of its own.
 *
 * @param {string} load
 * @param {{ limit?: number | undefined, args?: string }} [options] `limit`: kilobytes of addresses
 */
function outcomeOf(load, { limit, args = "" } = {}) {
  const program = `${load}.then(() => console.log('"started"'), ({ name, code, message, cause }) => console.log(JSON.stringify({ name, code, message, cause: cause?.name })))`;
  const command = `${limit === undefined ? "" : `ulimit -v ${limit};`} exec "$0" ${args} -e "$1"`;
  return JSON.parse(
    execFileSync("sh", ["-c", command, process.execPath, program], { cwd: root, encoding: "utf8" }),
  );
}

for (const [name, load] of Object.entries(loads)) {
  test(`${name}: tells that there is no memory, and what helps, when addresses are limited`, () => {
    const { message, ...facts } = outcomeOf(load, { limit: LIMIT });
    assert.deepEqual(facts, { name: "SkillLogError", code: "NOT_STARTED", cause: "RangeError" });
    assert.match(message, /no memory to start in \(.*Out of memory.*--disable-wasm-trap-handler/);
  });

  test(`${name}: starts under the same limit when Node is told what helps`, () => {
    assert.equal(outcomeOf(load, { limit: LIMIT, args: "--disable-wasm-trap-handler" }), "started");
  });
}

for (const limit of [undefined, LIMIT]) {
  for (const [name, bytes] of Object.entries({
    "an empty module": empty,
    "a module with other imports": asking,
    "no module": "Uint8Array.of(1, 2)",
  })) {
    test(`init refuses ${name} as an argument when ${limit === undefined ? "there is memory" : "addresses are limited"}`, () => {
      const { code } = outcomeOf(`import("skill-log/slim").then(({ init }) => init(${bytes}))`, {
        limit,
      });
      assert.equal(code, "INVALID_ARGUMENT");
    });
  }
}
