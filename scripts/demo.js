// The package's main job on real input: an agent and its reviewer append to one session from two
// processes at once; the reviewer is killed in the middle of a write; everything is read back.

import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { read } from "skill-log";

const sessionId = "2026-03-14-strassensuche";
/** The reviewer dies while it writes this one of its entries, the first being 1. */
const dies = 8;

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const sent = readFileSync(here("../examples/agent-run.jsonl"), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));

const directory = mkdtempSync(join(tmpdir(), "skill-log-demo-"));
try {
  const acknowledged = await appendFromTwoProcesses();
  const found = await readBack();
  if (!account(acknowledged, found)) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}

/** Gives the timestamps of the entries that were acknowledged: each entry here has its own. */
async function appendFromTwoProcesses() {
  const byReviewer = sent.filter((entry) => entry.skill === "review").slice(0, dies);
  const byAgent = sent.filter((entry) => entry.skill !== "review");
  const cut = byReviewer[dies - 1];

  const agent = writer();
  const reviewer = writer({
    execArgv: ["--import", here("demo/torn-write.js")],
    env: { ...process.env, TORN_WRITE: `${dies}` },
  });
  const death = once(reviewer, "exit");
  const end = once(agent, "exit");
  /** @type {string[]} */
  const acknowledged = [];
  for (const child of [agent, reviewer]) {
    child.on(
      "message",
      (/** @type {any} */ message) =>
        message.acknowledged && acknowledged.push(message.acknowledged),
    );
  }
  await Promise.all([once(agent, "message"), once(reviewer, "message")]); // both are ready
  console.log(
    `Two processes append to one session, ${agent.pid} (the agent) and ${reviewer.pid} (its reviewer).`,
  );

  await Promise.all([
    send(reviewer, byReviewer),
    send(
      agent,
      byAgent.filter((entry) => entry.timestamp < cut.timestamp),
    ),
  ]);
  const [, signal] = await death;
  if (signal !== "SIGKILL")
    throw new Error("the reviewer was to be killed in the middle of a write, and was not");
  console.log(
    `${reviewer.pid} was killed (SIGKILL) half-way through the write of its entry ${dies}; ${agent.pid} goes on.`,
  );
  await send(
    agent,
    byAgent.filter((entry) => entry.timestamp > cut.timestamp),
  );
  while (agent.connected && !acknowledged.includes(byAgent.at(-1).timestamp))
    await once(agent, "message");
  agent.disconnect();
  const [code] = await end;
  if (code !== 0) throw new Error(`the agent's process ended with ${code}`);
  return acknowledged;
}

/** @param {import("node:child_process").ForkOptions} [options] */
function writer(options) {
  return fork(here("demo/writer.js"), [directory, sessionId], options);
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {object[]} entries
 */
async function send(child, entries) {
  for (const entry of entries) {
    child.send(entry);
    await pause(Math.random() * 8);
  }
}

/** Shows the session and what is wrong with it, by the command line; gives the entries. */
async function readBack() {
  skillLog(["read", directory, sessionId], 0);
  // 1 says that there is damage.
  skillLog(["verify", directory, sessionId], 1);
  return read(directory, sessionId, { onDamage() {} });
}

/**
 * @param {string[]} args
 * @param {number} expected exit status
 */
function skillLog(args, expected) {
  console.log(`\n$ skill-log ${args.join(" ")}`);
  const { status } = spawnSync(process.execPath, [here("../dist/cli/skill-log.js"), ...args], {
    stdio: "inherit",
  });
  if (status !== expected) throw new Error(`skill-log ${args[0]} ended with ${status}`);
}

/**
 * Compares what was acknowledged with what was read; true where it is all there, as it was sent, and once.
 *
 * @param {string[]} acknowledged
 * @param {import("skill-log").Entry[]} entries
 */
function account(acknowledged, entries) {
  const intact = entries.filter((entry) =>
    sent.some((input) => isDeepStrictEqual({ session_id: sessionId, ...input }, entry)),
  );
  const found = new Set(intact.map((entry) => entry.timestamp));
  const lost = acknowledged.filter((timestamp) => !found.has(timestamp)).length;
  console.log(`
Of ${sent.length} entries ${acknowledged.length} were acknowledged; ${entries.length} were read, ${found.size} of them as they were sent; ${lost} lost.
Of the other ${sent.length - acknowledged.length}, one was cut by the kill, and what the reviewer had not begun was never written.`);
  return lost === 0 && found.size === entries.length;
}
