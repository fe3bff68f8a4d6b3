// Shows the package's main job on real input. An agent and its reviewer append to one session from
// two processes at once, and the reviewer is killed during a write. Then everything is read back.

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
/** The number of the reviewer's entry during whose write it is killed, counted from 1. */
const cutEntry = 8;

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

/** Returns the timestamps of the acknowledged entries: no two entries here share a timestamp. */
async function appendFromTwoProcesses() {
  const byReviewer = sent.filter((entry) => entry.skill === "review").slice(0, cutEntry);
  const byAgent = sent.filter((entry) => entry.skill !== "review");
  const cut = byReviewer[cutEntry - 1];

  const agent = writer();
  const reviewer = writer({
    execArgv: ["--import", here("demo/torn-write.js")],
    env: { ...process.env, TORN_WRITE: `${cutEntry}` },
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
  // Each says that it is ready.
  await Promise.all([once(agent, "message"), once(reviewer, "message")]);
  console.log(
    "Two processes append to one session: " +
      `${agent.pid} (the agent) and ${reviewer.pid} (its reviewer).`,
  );

  await Promise.all([
    send(reviewer, byReviewer),
    send(
      agent,
      byAgent.filter((entry) => entry.timestamp < cut.timestamp),
    ),
  ]);
  const [code, signal] = await death;
  if (signal !== "SIGKILL")
    throw new Error(`the reviewer was not killed during a write: it ended with ${code ?? signal}`);
  console.log(
    `${reviewer.pid} was killed (SIGKILL) halfway through its entry ${cutEntry}. ` +
      `${agent.pid} continues.`,
  );
  await send(
    agent,
    byAgent.filter((entry) => entry.timestamp > cut.timestamp),
  );
  while (agent.connected && !acknowledged.includes(byAgent.at(-1).timestamp))
    await once(agent, "message");
  agent.disconnect();
  const [status] = await end;
  if (status !== 0) throw new Error(`the agent's process ended with status ${status}`);
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

/** Shows the session and its damage by the command line, and returns the entries. */
async function readBack() {
  skillLog(["read", directory, sessionId], 0);
  // 1 means that there is damage.
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
  if (status !== expected) throw new Error(`skill-log ${args[0]} ended with status ${status}`);
}

/**
 * Compares the acknowledged entries with the entries that were read, and prints the result.
 *
 * @returns {boolean} whether each acknowledged entry was read once, as it was sent, and no other
 * @param {string[]} acknowledged timestamps
 * @param {import("skill-log").Entry[]} entries
 */
function account(acknowledged, entries) {
  const intact = entries.filter((entry) =>
    sent.some((input) => isDeepStrictEqual({ session_id: sessionId, ...input }, entry)),
  );
  const found = new Set(intact.map((entry) => entry.timestamp));
  const lost = acknowledged.filter((timestamp) => !found.has(timestamp)).length;
  const others = sent.length - acknowledged.length;
  console.log(`
${acknowledged.length} of ${sent.length} entries were acknowledged.
${entries.length} entries were read, ${found.size} of them as they were sent; ${lost} lost.
Of the other ${others}, the kill cut one. The reviewer never wrote the rest.`);
  return lost === 0 && found.size === entries.length;
}
