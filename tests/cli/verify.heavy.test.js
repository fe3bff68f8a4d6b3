// `skill-log verify` writes nothing, stays within bounded memory, and prints nothing that a
// terminal obeys.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { Random } from "../conformance/random.js";
import { damagedLog } from "../faults/damaged-log.js";
import { untraceable } from "../faults/strace.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { without } from "../programs.js";
import { inPipe, inTerminal, program, Terminal } from "./running.js";

/** The terminal of the tests is a program in Python. */
const needsTerminal = { skip: without("python3") };

/**
 * A module that writes the peak memory of its process to the file PEAK, in kB. Only Linux reports
 * it.
 */
const peak = `data:text/javascript,${encodeURIComponent(`
  import fs from "node:fs";
  process.on("exit", () => fs.writeFileSync(process.env.PEAK, /VmHWM:\\s*(\\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]));
`)}`;

/**
 * Runs a command, and returns its peak memory.
 *
 * @param {string} command
 * @param {string} cwd
 */
async function measured(command, cwd) {
  const isLinux = process.platform === "linux";
  const file = path.join(cwd, "peak");
  const { stdout, stderr, status } = await inPipe(command, {
    cwd,
    env: isLinux ? { PEAK: file, NODE_OPTIONS: `--import=${peak}` } : {},
  });
  return {
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    status,
    megabytes: isLinux ? Number(fs.readFileSync(file, "utf8")) / 1000 : null,
  };
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Uint8Array | string} bytes
 * @param {number} [times]
 */
function fill(folder, name, bytes, times = 1) {
  const file = fs.openSync(path.join(folder, name), "a");
  for (let i = 0; i < times; i++) fs.writeSync(file, /** @type {any} */ (bytes));
  fs.closeSync(file);
}

test("opens logs only for reading, and creates no file, when it verifies", {
  skip: untraceable,
}, (t) => {
  const folder = temporaryFolder(t);
  const logs = path.join(folder, "logs");
  fs.mkdirSync(logs);
  fill(logs, "damaged.jsonl", damagedLog.bytes);
  const before = fs.statSync(path.join(logs, "damaged.jsonl"));
  const trace = path.join(folder, "trace");
  const calls = "trace=%file,write,writev,pwrite64,pwritev,ftruncate,fchmod,fsync,fdatasync";
  const { status, stderr } = spawnSync(
    "strace",
    ["-f", "-qq", "-y", "-o", trace, "-e", calls, process.execPath, program, "verify", logs],
    { encoding: "utf8" },
  );
  assert.equal(status, 1, stderr);
  const onLogs = fs
    .readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => line.includes(logs) && !/^\d+ +(execve\(|write\([12]<)/.test(line));
  assert.ok(
    onLogs.some((line) => line.includes("damaged.jsonl") && line.includes("O_RDONLY")),
    "strace did not see the log being opened",
  );
  for (const line of onLogs)
    assert.match(
      line,
      /^\d+ +(open(at)?\((?!.*O_(WRONLY|RDWR|CREAT|TRUNC|APPEND))|(new)?f?l?stat(at|x)?\(|readlink|access|<\.\.\.)/,
    );
  assert.deepEqual(fs.readdirSync(logs), ["damaged.jsonl"]);
  assert.equal(fs.statSync(path.join(logs, "damaged.jsonl")).mtimeMs, before.mtimeMs);
});

test("stays within 200 MB of memory when a log has 1 GB", async (t) => {
  const folder = temporaryFolder(t);
  const line = `{"session_id":"huge","timestamp":"2026-03-01T09:00:00Z","skill":"tdd","final_status":"pass","message":"${"x".repeat(900)}"}\n`;
  const block = line.repeat(1000);
  const blocks = Math.ceil(2 ** 30 / block.length);
  fill(folder, "huge.jsonl", block, blocks / 2);
  fill(folder, "huge.jsonl", `${line.slice(0, 500)}\n`);
  fill(folder, "huge.jsonl", block, blocks / 2);
  const { stdout, stderr, status, megabytes } = await measured(
    "skill-log verify huge.jsonl",
    folder,
  );
  assert.equal(stderr, "");
  assert.equal(status, 1);
  const half = Math.ceil(blocks / 2) * 1000;
  assert.ok(
    stdout.startsWith(
      `huge.jsonl:${half + 1}:501: torn, 500 bytes at byte ${half * line.length}: `,
    ),
    stdout,
  );
  assert.ok(
    stdout.endsWith(
      `huge.jsonl: 1 damaged line (1 torn), ${(2 * half).toLocaleString("en")} entries, ${(2 * half * line.length + 501).toLocaleString("en")} bytes\n`,
    ),
    stdout,
  );
  t.diagnostic(`${megabytes} MB`);
  if (megabytes !== null) assert.ok(megabytes < 200, `${megabytes} MB`);
});

test("shows some damaged lines and counts all, in bounded memory, when there are two million", async (t) => {
  const folder = temporaryFolder(t);
  // Neighbouring lines with the same fault would be reported together.
  fill(folder, "bad.jsonl", "x\n{\n".repeat(500), 2000);
  const { stdout, stderr, status, megabytes } = await measured(
    "skill-log verify bad.jsonl",
    folder,
  );
  assert.equal(stderr, "");
  assert.equal(status, 1);
  assert.equal(
    stdout.match(/^bad\.jsonl:\d+:[12]: (corrupt|torn), 1 byte at byte \d+: /gm)?.length,
    100,
  );
  assert.ok(
    stdout.endsWith(
      "… and 1,999,900 more damaged lines\n\nbad.jsonl: 2,000,000 damaged lines (500,000 corrupt, 500,000 torn, 1,000,000 more), 0 entries, 4,000,000 bytes\n",
    ),
    stdout.slice(-300),
  );
  t.diagnostic(`${megabytes} MB`);
  if (megabytes !== null) assert.ok(megabytes < 700, `${megabytes} MB`);
});

test("shows one damage, and counts the lines, when neighbouring lines have the same fault", async (t) => {
  const folder = temporaryFolder(t);
  fill(folder, "bad.jsonl", `{\n${"x\n".repeat(2000)}{\n`);
  const { stdout } = await inPipe("skill-log verify bad.jsonl --limit 2", { cwd: folder });
  const text = stdout.toString();
  assert.match(text, /^bad\.jsonl:2:1: corrupt, 2,000 lines, 3,999 bytes at byte 2: /m);
  assert.ok(
    text.endsWith(
      "… and 1 more damaged line\n\nbad.jsonl: 2,002 damaged lines (2,000 corrupt, 2 torn), 0 entries, 4,004 bytes\n",
    ),
    text,
  );
  const { stderr } = await inPipe("skill-log read bad.jsonl", { cwd: folder });
  assert.match(stderr.toString(), /bad\.jsonl: 2002 damaged lines, the first is line 1 /);
});

test("writes one whole line of JSON when there are many damaged lines", async (t) => {
  const folder = temporaryFolder(t);
  fill(folder, "bad.jsonl", "x\n{\n".repeat(500), 200);
  const { stdout, status } = await inPipe("skill-log verify bad.jsonl --json", { cwd: folder });
  assert.equal(status, 1);
  const report = JSON.parse(stdout.toString());
  assert.deepEqual(
    [report.path, report.damaged, report.damage.length],
    ["bad.jsonl", 200_000, 200_000],
  );
  assert.equal(report.damage.at(-1).offset, 399_998);
});

test("ends quietly when its reader has gone", async (t) => {
  const folder = temporaryFolder(t);
  fill(folder, "bad.jsonl", "x\n{\n".repeat(10_000));
  const { stdout, stderr } = await inPipe("skill-log verify bad.jsonl --limit 20000 | head -n 1", {
    cwd: folder,
  });
  assert.match(stdout.toString(), /^bad\.jsonl:1:1: .*\n$/);
  assert.equal(stderr.toString(), "");
});

test(
  "makes the terminal do nothing but colour when damaged bytes are control sequences",
  needsTerminal,
  async (t) => {
    const folder = temporaryFolder(t);
    const random = new Random(7);
    const orders = [
      "\x1b]0;owned\x07",
      "\x1b[6n",
      "\x1b[2J",
      "\x9b6n",
      "\u009b6n",
      "\u202e",
      "\x1bP$q\x1b\\",
      "\r",
      "\b",
      "\x1b[?1049h",
      '{"a":"\x1b]52;c;ZXZpbA==\x07',
    ];
    for (let line = 0; line < 60; line++) {
      const noise = Buffer.from(
        Array.from({ length: random.below(300) }, () => random.below(256)).filter(
          (byte) => byte !== 0x0a,
        ),
      );
      const order = orders[line % orders.length];
      fill(
        folder,
        "noise.jsonl",
        Buffer.concat([
          noise,
          Buffer.from(order, order === "\x9b6n" ? "latin1" : "utf8"),
          noise.subarray(0, line),
          Buffer.from("\n"),
        ]),
      );
    }
    const { stdout, status } = await inTerminal("skill-log verify noise.jsonl", { cwd: folder });
    assert.equal(status, 1);
    const plain = [1, 2, 7, 22, 27, 31, 39].reduce(
      (text, style) => text.replaceAll(`\x1b[${style}m`, ""),
      stdout.toString(),
    );
    assert.doesNotMatch(plain.replaceAll("\r\n", "\n"), /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u);
    const terminal = new Terminal();
    await terminal.write(stdout);
    const { titles, replies } = terminal;
    terminal.close();
    assert.deepEqual({ titles, replies }, { titles: [], replies: "" });
  },
);
