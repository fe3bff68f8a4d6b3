// Runs the installed command line in each runtime, by npx, and installed globally.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gunzipSync } from "node:zlib";

import { packed, project, run } from "./project.js";
import { bun, deno, node, nodes, unrunnable } from "./runtimes.js";

const runtimes = [
  ...nodes.map((version) => ({ name: `Node ${version}`, command: [node(version)] })),
  { name: "Bun", command: [bun, "run"] },
  { name: "Deno", command: [deno, "run", "--cached-only", "--no-prompt", "--allow-all"] },
];

const line =
  '{"session_id":"s","timestamp":"2026-03-01T10:00:00Z","skill":"tdd","input":{"n":12345678901234567890},"final_status":"pass","duration_ms":1500}\n';

for (const {
  name,
  command: [program, ...args],
} of runtimes) {
  test(`runs each command in ${name}`, { skip: unrunnable }, async (t) => {
    const folder = project(t, ["node"]);
    const skillLog = (/** @type {string[]} */ ...words) =>
      run(folder, program, ...args, "node_modules/skill-log/dist/cli/skill-log.js", ...words);
    const entry = [
      "--skill",
      "tdd",
      "--status",
      "pass",
      "--timestamp",
      "2026-03-01T10:00:00Z",
      "--input",
      '{"n":12345678901234567890}',
      "--duration",
      "1.5s",
    ];
    await skillLog("append", "logs", "s", ...entry);
    assert.equal(await skillLog("read", "logs", "--json"), line);
    assert.match(await skillLog("read", "logs"), /tdd {2}pass {2}1\.5s\n$/);
    assert.equal(await skillLog("tail", "logs", "--json"), line);
    assert.equal(await skillLog("search", "tdd", "logs", "--json"), line);
    assert.equal(
      JSON.parse(await skillLog("stats", "logs", "--json")).skills[0].duration_ms.max,
      1500,
    );
    assert.equal(JSON.parse(await skillLog("verify", "logs", "--json")).damaged, 0);
    assert.equal(JSON.parse(await skillLog("list", "logs", "--json")).id, "s");
    await skillLog("export", "logs", "-o", "s.jsonl.gz");
    await skillLog("export", "logs", "-o", "s.jsonl.zst");
    assert.equal(gunzipSync(readFileSync(join(folder, "s.jsonl.gz"))).toString(), line);
    assert.equal(await run(folder, "zstd", "-dc", "s.jsonl.zst"), line);
    assert.equal(JSON.parse(await skillLog("schema")).title, "Entry");
    assert.match(await skillLog("--version"), /^\d+\.\d+\.\d+\n$/);
  });
}

/** What a client of the Model Context Protocol sends first, and a call. */
const asked = [
  {
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  },
  { id: 2, method: "tools/call", params: { name: "read_entries", arguments: { session: "s" } } },
];

for (const {
  name,
  command: [program, ...args],
} of runtimes) {
  test(`serves an agent in ${name} when the SDK is installed beside it`, {
    skip: unrunnable,
  }, async (t) => {
    const folder = project(t, ["node"], { "@modelcontextprotocol/sdk": "../.." });
    mkdirSync(join(folder, "logs"));
    writeFileSync(join(folder, "logs", "s.jsonl"), line);
    const requests = asked.map((each) => `${JSON.stringify({ jsonrpc: "2.0", ...each })}\n`);
    writeFileSync(join(folder, "requests"), requests.join(""));
    const command = [
      program,
      ...args,
      "node_modules/skill-log/dist/cli/skill-log.js",
      "mcp",
      "logs",
    ];
    const printed = await run(folder, "sh", "-c", '"$@" < requests', "sh", ...command);
    const [, answer] = printed.trimEnd().split("\n");
    const { text } = JSON.parse(answer).result.content[0];
    assert.ok(text.includes(`{"offset":0,"entry":${line.trimEnd()}}`), text);
  });
}

test("runs by npx when the folder has the package", async () => {
  assert.match(
    await run(packed().folder, "npx", "--offline", "skill-log", "--version"),
    /^\d+\.\d+\.\d+\n$/,
  );
});

test("installs the program and its manual page when npm installs globally", async (t) => {
  const folder = project(t, ["node"]);
  await run(
    folder,
    "npm",
    "install",
    "--global",
    "--prefix",
    join(folder, "machine"),
    "--offline",
    "--no-audit",
    "--no-fund",
    packed().tarball,
  );
  assert.match(
    await run(folder, join(folder, "machine/bin/skill-log"), "--version"),
    /^\d+\.\d+\.\d+\n$/,
  );
  const page = join(folder, "machine/share/man/man1/skill-log.1");
  assert.match(await run(folder, "mandoc", "-T", "utf8", page), /check and repair session logs/);
});
