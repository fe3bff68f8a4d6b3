// A waiting command ends when the reader of its output has gone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { append, read } from "skill-log";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { without } from "../programs.js";
import { FollowedTail } from "./followed-tail.js";
import { furnish } from "./places.js";
import { inPipe, inTerminal, program, spawned } from "./running.js";

/** The terminal of the tests is a program in Python. */
const needsTerminal = { skip: without("python3") };

/**
 * The most milliseconds until a command ends: it checks several times a second, and the machine may
 * be busy.
 */
const SOON = 5000;

/** The milliseconds of several checks, for commands that must not end. */
const LONG = 1500;

/** @param {string} phase */
const entry = (phase) => ({ skill: "tdd", phase, final_status: "pass" });

/** @param {import("node:test").TestContext} t */
function place(t) {
  const cwd = temporaryFolder(t);
  furnish(cwd);
  return cwd;
}

/** @param {number} time */
const pause = (time) => new Promise((done) => setTimeout(done, time));

/** Commands that wait for ever, and their input before that. @type {Record<string, string>} */
const waiting = {
  "skill-log tail -f logs | head -n 1": "",
  "skill-log tail -f logs fix-login | head -n 1": "",
  "skill-log tail -f -n 3 logs/fix-login.jsonl | grep -m1 tdd": "",
  "skill-log tail -f --json logs | grep -m1 session_id": "",
  "skill-log tail -f logs --status none | true": "",
  "skill-log tail -f later s | true": "",
  "skill-log tail -f - | head -n 1":
    '{"session_id":"s","timestamp":"2026-03-01T09:00:00Z","skill":"tdd","final_status":"pass"}\n',
  ...Object.fromEntries(
    [
      "read -",
      "read - --json",
      "tail -",
      "tail -f -",
      "list -",
      "stats -",
      "search e -",
      "verify -",
      "export -",
    ].map((args) => [`skill-log ${args} | true`, ""]),
  ),
};

test("ends soon when its reader has gone while it waits", async (t) => {
  for (const [command, input] of Object.entries(waiting)) {
    await t.test(command, async (t) => {
      // Standard input stays open.
      const child = spawned(`${command}; exit \${PIPESTATUS[0]}`, { cwd: place(t), stdin: "pipe" });
      t.after(() => child.stdin?.destroy());
      child.stdin?.write(input);
      let stderr = "";
      child.stderr?.on("data", (data) => (stderr += data));
      child.stdout?.resume();
      const timer = setTimeout(() => process.kill(-Number(child.pid), "SIGKILL"), SOON);
      const [status] = await once(child, "close");
      clearTimeout(timer);
      // A missing log causes a warning.
      assert.deepEqual(
        { stderr: stderr.replace(/^.*waiting for it\n/, ""), status },
        { stderr: "", status: 0 },
      );
    });
  }
});

test("ends soon when the reader of a socket has gone", async (t) => {
  const dir = temporaryFolder(t);
  await append(dir, "s", entry("1"));
  const tail = new FollowedTail(t, [dir]);
  await tail.until(() => tail.lines.length === 1);
  const start = performance.now();
  tail.child.stdout.destroy();
  assert.equal(await tail.status(), 0);
  assert.ok(performance.now() - start < SOON);
  assert.equal(tail.stderr, "");
});

test("goes on appending when its reader has gone", async (t) => {
  const cwd = temporaryFolder(t);
  const lines = ["1", "2"].map((phase) => JSON.stringify(entry(phase)));
  const { stderr, status } = await inPipe(
    `(echo '${lines[0]}'; sleep ${LONG / 1000}; echo '${lines[1]}') | skill-log append . s --keep-going | true; exit \${PIPESTATUS[1]}`,
    { cwd },
  );
  assert.deepEqual({ stderr: stderr.toString(), status }, { stderr: "", status: 0 });
  assert.deepEqual(
    (await read(cwd, "s")).map(({ phase }) => phase),
    ["1", "2"],
  );
});

test("waits for the next reader when its output is a named pipe", async (t) => {
  const cwd = place(t);
  const child = spawned("mkfifo named; exec skill-log tail -f -n 1 --json logs fix-login > named", {
    cwd,
  });
  t.after(() => child.kill());
  while (!fs.existsSync(path.join(cwd, "named"))) await pause(20);
  const first = await inPipe("head -n 1 named", { cwd });
  assert.match(first.stdout.toString(), /"session_id":"fix-login"/);
  await pause(LONG);
  assert.equal(child.exitCode, null);
  const second = inPipe("head -n 1 named", { cwd });
  await pause(200);
  await append(path.join(cwd, "logs"), "fix-login", entry("next"));
  assert.match((await second).stdout.toString(), /"phase":"next"/);
});

test("waits and writes all of its output when the reader is slow", async (t) => {
  const cwd = temporaryFolder(t);
  const message = "x".repeat(1000);
  await Promise.all(
    Array.from({ length: 500 }, () => append(cwd, "s", { ...entry("1"), message })),
  );
  const { stdout } = await inPipe(`skill-log read . --json | (sleep ${LONG / 1000}; wc -l)`, {
    cwd,
  });
  assert.equal(stdout.toString().trim(), "500");
});

for (const [name, isClosed] of Object.entries({
  "goes on when the other side of its one socket stops sending, but reads": false,
  "ends when the other side of its one socket has gone": true,
})) {
  test(name, async (t) => {
    const dir = temporaryFolder(t);
    await append(dir, "s", entry("1"));
    const server = net
      .createServer({ allowHalfOpen: true, pauseOnConnect: true })
      .listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const { port } = /** @type {net.AddressInfo} */ (server.address());
    const peer = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const [socket] = await once(server, "connection");
    const child = spawn(process.execPath, [program, "tail", "-f", dir, "--json"], {
      stdio: [socket, socket, "inherit"],
    });
    t.after(() => child.kill());
    socket.destroy();
    let shown = "";
    peer.on("data", (data) => (shown += data));
    while (!shown.includes("\n")) await pause(20);
    if (isClosed) {
      const closed = once(child, "close");
      const start = performance.now();
      peer.resetAndDestroy();
      assert.equal((await closed)[0], 0);
      assert.ok(performance.now() - start < SOON);
      return;
    }
    peer.end("typed");
    await pause(LONG);
    await append(dir, "s", entry("next"));
    while (!shown.includes("next") && child.exitCode === null) await pause(20);
    assert.equal(child.exitCode, null);
    peer.destroy();
  });
}

test(
  "leaves typed text to the next program when its output is a terminal",
  needsTerminal,
  async (t) => {
    const keys = [{ after: "fix-login", type: "typed\n" }];
    const { stdout } = await inTerminal(
      `timeout ${LONG / 1000} skill-log tail -f -n 1 logs/fix-login.jsonl --json; read word; echo "got $word"`,
      { cwd: place(t), keys },
    );
    assert.match(stdout.toString(), /got typed/);
  },
);
