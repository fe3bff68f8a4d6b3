// Runs the same programs in each runtime that has files.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";
import { encode } from "skill-log";

import * as expected from "./program/expected.js";
import { project, run } from "./project.js";
import { bun, deno, node, nodes, unrunnable } from "./runtimes.js";

/** How a program gets the package → the program. */
const both = { "by import": "import.js", "by require": "require.cjs" };
const runtimes = [
  ...nodes.map((version) => ({
    name: `Node ${version}`,
    command: [node(version)],
    programs: both,
  })),
  { name: "Bun", command: [bun, "run"], programs: both },
  {
    name: "Deno",
    command: [deno, "run", "--cached-only", "--no-prompt", "--allow-read", "--allow-write"],
    programs: { ...both, "by its npm: specifier": "specifier.js" },
  },
];

for (const {
  name,
  command: [program, ...args],
  programs,
} of runtimes) {
  for (const [how, file] of Object.entries(programs)) {
    test(`does everything in ${name} when loaded ${how}`, { skip: unrunnable }, async (t) => {
      assert.deepEqual(
        JSON.parse(await run(project(t, ["node"]), program, ...args, file)),
        expected.everything,
      );
    });
  }
}

const lines = 5_000;
const log = Buffer.concat(
  Array(lines).fill(
    encode({ session_id: "s", skill: "tdd", final_status: "pass", message: "m".repeat(900) }),
  ),
);

/**
 * A server that supports range requests, and a server that ignores them.
 *
 * @type {Record<string, import("node:http").RequestListener>}
 */
const servers = {
  "a server with ranges": ({ headers }, response) => {
    const [from, last] = headers.range?.slice("bytes=".length).split("-").map(Number) ?? [];
    const bytes = log.subarray(from, last + 1);
    response
      .writeHead(206, { "content-range": `bytes ${from}-${from + bytes.length - 1}/${log.length}` })
      .end(bytes);
  },
  "a server without ranges": (_, response) => response.end(log),
};

for (const {
  name,
  command: [program, ...args],
} of runtimes) {
  for (const [what, listener] of Object.entries(servers)) {
    test(`ends a program in ${name} when it has read a log from ${what}`, {
      skip: unrunnable,
      timeout: 120_000,
    }, async (t) => {
      const server = createServer(listener).listen(0, "127.0.0.1");
      t.after(() => server.close());
      await once(server, "listening");
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      const allowed = name === "Deno" ? [`--allow-net=127.0.0.1:${port}`] : [];
      const out = await run(
        project(t, ["served"]),
        program,
        ...args,
        ...allowed,
        "main.js",
        `http://127.0.0.1:${port}/s.jsonl`,
      );
      assert.deepEqual(JSON.parse(out), [lines, lines, "tdd"]);
    });
  }
}

for (const [how, file] of Object.entries(both)) {
  test(`does everything in Node when ./slim is loaded ${how} and gets the package's wasm`, {
    skip: unrunnable,
  }, async (t) => {
    assert.deepEqual(
      JSON.parse(await run(project(t, ["slim"]), node(24), file)),
      expected.everything,
    );
  });
}
