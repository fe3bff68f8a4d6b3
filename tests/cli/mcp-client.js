// Starts `skill-log mcp` for tests: with the SDK's own client, or with none.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

import { program } from "./running.js";

/** The least bytes of an answer, and the most. */
export const LEAST = 32 << 10;
export const MOST = 1 << 20;

/**
 * Starts the program with a client.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} dir
 * @param {string[]} [options]
 * @param {Record<string, string>} [env]
 */
export async function connected(t, dir, options = ["--no-cache"], env = {}) {
  const client = new Client({ name: "tests", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, "mcp", dir, ...options],
    env,
    stderr: "pipe",
  });
  await client.connect(transport);
  t.after(() => client.close());
  /** @returns {Promise<{ text: string, isError: boolean }>} */
  const call = async (/** @type {string} */ name, /** @type {Record<string, unknown>} */ args) => {
    const { content, isError = false } = /** @type {any} */ (
      await client.callTool({ name, arguments: args })
    );
    assert.equal(content.length, 1);
    return { text: content[0].text, isError };
  };
  /** @returns {Promise<any>} */
  const ask = async (
    /** @type {string} */ name,
    /** @type {Record<string, unknown>} */ args = {},
  ) => {
    const { text, isError } = await call(name, args);
    assert.ok(!isError, text);
    const bytes = Buffer.byteLength(text);
    assert.ok(bytes <= Number(args.max_bytes ?? 65_536), `${bytes} bytes`);
    return JSON.parse(text);
  };
  return { client, transport, call, ask };
}

/** @typedef {Awaited<ReturnType<typeof connected>>["ask"]} Ask */

/**
 * Asks for all pages.
 *
 * @param {Ask} ask
 * @param {string} tool
 * @param {Record<string, unknown>} args
 * @returns {Promise<any[]>}
 */
export async function pages(ask, tool, args) {
  const found = [await ask(tool, args)];
  for (let { next } = found[0]; next !== undefined; { next } = found[found.length - 1]) {
    assert.ok(found.length < 1000, "no end");
    found.push(await ask(tool, { ...args, [tool === "read_entries" ? "from" : "cursor"]: next }));
  }
  return found;
}

/**
 * Writes the log of a session.
 *
 * @param {string} dir
 * @param {string} id
 * @param {...string} lines
 */
export function write(dir, id, ...lines) {
  fs.writeFileSync(path.join(dir, `${id}.jsonl`), lines.join(""));
}

/** What a client sends first. */
export const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  },
};

/**
 * Starts the program without a client.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} dir
 */
export function started(t, dir) {
  const child = spawn(process.execPath, [program, "mcp", dir, "--no-cache"]);
  t.after(() => child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout.on("data", (data) => (output.out += data));
  child.stderr.on("data", (data) => (output.err += data));
  return { child, output };
}
