// The package's main job on real input: an agent and its reviewer append to one session from two
// processes at once; the reviewer is killed in the middle of a write; everything is read back.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import Table from "cli-table3";
import { SessionLog, read } from "skill-log";

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
  const reviewer = writer({ execArgv: ["--import", here("demo/torn-write.js")], env: { ...process.env, TORN_WRITE: `${dies}` } });
  const death = once(reviewer, "exit");
  const end = once(agent, "exit");
  /** @type {string[]} */
  const acknowledged = [];
  for (const child of [agent, reviewer]) {
    child.on("message", (message) => message.acknowledged && acknowledged.push(message.acknowledged));
  }
  await Promise.all([once(agent, "message"), once(reviewer, "message")]); // both are ready
  console.log(`Two processes append to one session, ${agent.pid} (the agent) and ${reviewer.pid} (its reviewer).`);

  await Promise.all([
    send(reviewer, byReviewer),
    send(agent, byAgent.filter((entry) => entry.timestamp < cut.timestamp)),
  ]);
  const [, signal] = await death;
  if (signal !== "SIGKILL") throw new Error("the reviewer was to be killed in the middle of a write, and was not");
  console.log(`${reviewer.pid} was killed (SIGKILL) half-way through the write of its entry ${dies}; ${agent.pid} goes on.`);
  await send(agent, byAgent.filter((entry) => entry.timestamp > cut.timestamp));
  while (agent.connected && !acknowledged.includes(byAgent.at(-1).timestamp)) await once(agent, "message");
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

/** Prints the session and what is wrong with it; gives the entries. */
async function readBack() {
  const log = await SessionLog.open(directory, sessionId);
  const table = new Table({
    head: ["time", "skill", "phase", "status", "attempts", "duration", "message"],
    colAligns: ["left", "left", "left", "left", "right", "right", "left"],
    colWidths: [null, null, null, null, null, null, Math.max(24, (process.stdout.columns ?? 120) - 80)],
    style: { head: [], border: [], compact: true },
  });
  // The damage is printed below; without this, reading would warn of it.
  const onDamage = () => {};
  for await (const { entry, recovered } of log.records({ onDamage })) {
    table.push([
      entry.timestamp.slice(11, 19),
      entry.skill,
      entry.phase ?? "",
      entry.final_status,
      attempts(entry.attempts),
      entry.duration_ms === undefined ? "" : `${(Number(entry.duration_ms) / 1000).toFixed(1)} s`,
      `${recovered ? "[recovered] " : ""}${entry.message ?? ""}`,
    ]);
  }
  console.log(`\nSession ${sessionId}\n${table}`);

  const report = await log.verify();
  console.log(`\nDamage: ${report.damage.length} in ${report.bytes} bytes, ${report.lines} lines`);
  const damage = new Table({
    head: ["kind", "offset", "length", "reason", "entries recovered"],
    colWidths: [null, null, null, 62, null],
    colAligns: ["left", "right", "right", "left", "right"],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  for (const { kind, offset, length, reason, recovered } of report.damage) damage.push([kind, offset, length, reason, recovered]);
  if (report.damage.length > 0) console.log(`${damage}`);
  await log.close();
  return read(directory, sessionId, { onDamage });
}

/** @param {import("skill-log").Attempt[]} [list] */
function attempts(list) {
  if (!list) return "";
  return `${list.length} ${list[list.length - 1].verified ? "✓" : "✗"}`;
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
