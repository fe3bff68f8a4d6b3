// `skill-log append` with slow input, long input and full disks, which no transcript can show.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { read } from "skill-log";

import { withoutByteOrderMark } from "../../js/cli/appending/byte-order-mark.js";
import { onDisk, size } from "../faults/small-disk.js";
import { untraceable } from "../faults/strace.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { program } from "./running.js";

/** @import { ChildProcessWithoutNullStreams } from "node:child_process" */

const session = "s-1";
const linux = { skip: process.platform !== "linux" && "a disk is mounted as Linux does it" };

/**
 * Starts `skill-log append`.
 *
 * @param {string} dir
 * @param {string[]} args
 * @param {{ under?: string[], node?: string[], tmp?: string }} [options] `under`: a command that
 *   runs the program; `tmp`: the directory for temporary files
 */
function start(dir, args, { under = [], node = [], tmp = dir } = {}) {
  const [command, ...rest] = [
    ...under,
    process.execPath,
    ...node,
    program,
    "append",
    dir,
    session,
    ...args,
  ];
  const child = spawn(command, rest, {
    env: { ...process.env, NO_COLOR: "1", TMPDIR: tmp },
    timeout: 240_000,
    killSignal: "SIGKILL",
  });
  // The program may end before it has read all of its input.
  child.stdin.on("error", () => {});
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ status: signal ?? code, stdout, stderr })),
  );
  return { child, ended };
}

/** @param {number} number @param {number} [length] */
function line(number, length = 0) {
  return `{"skill":"tdd","final_status":"pass","timestamp":"2026-03-01T10:00:00Z","duration_ms":${number},"message":"${"x".repeat(length)}"}\n`;
}

/** @param {string} dir */
async function numbers(dir) {
  return (await read(dir, session, { onDamage() {} })).map(({ duration_ms }) => duration_ms);
}

/**
 * Waits until a log holds what it should.
 *
 * @param {string} dir
 * @param {number[]} expected
 */
async function holds(dir, expected) {
  for (let left = 1000; left > 0 && (await numbers(dir)).length < expected.length; left -= 1)
    await pause(10);
  assert.deepEqual(await numbers(dir), expected);
}

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

for (const options of [
  ["--keep-going"],
  ["--keep-going", "--sync"],
  ["--keep-going", "--sync-within", "5ms"],
]) {
  test(`appends an entry as soon as its line is complete when called with ${options.join(" ")}`, async (t) => {
    const dir = temporaryFolder(t);
    const { child, ended } = start(dir, options);
    child.stdin.write(line(1));
    await holds(dir, [1]);
    // In chunks, one of which ends within a character; and with an invalid line.
    const bytes = Buffer.from(line(2).replace('""', '"é"') + line(3) + line(4).slice(0, -1));
    const cut = bytes.indexOf("é") + 1;
    child.stdin.write(bytes.subarray(0, cut));
    await pause(50);
    assert.deepEqual(await numbers(dir), [1]);
    child.stdin.write(bytes.subarray(cut));
    await holds(dir, [1, 2, 3]);
    child.stdin.write("\n{}\n");
    await holds(dir, [1, 2, 3, 4]);
    child.stdin.end(line(5).trimEnd());
    const { status, stdout, stderr } = await ended;
    assert.deepEqual(await numbers(dir), [1, 2, 3, 4, 5]);
    assert.equal((await read(dir, session))[1].message, "é");
    assert.equal(status, 1);
    assert.match(stdout, /^5 entries /);
    assert.equal(
      stderr,
      "skill-log: error: standard input, line 5: skill: missing, but required\nskill-log: error: standard input: skipped 1 line that is not a valid entry\n",
    );
  });
}

for (const options of [[], ["--keep-going"]]) {
  test(`skips a byte order mark when it comes byte by byte ${options.join("")}`, async (t) => {
    const dir = temporaryFolder(t);
    const { child, ended } = start(dir, options);
    for (const byte of Buffer.from("\ufeff")) {
      child.stdin.write(Buffer.of(byte));
      await pause(50);
    }
    child.stdin.write(line(1));
    if (options.length > 0) await holds(dir, [1]);
    child.stdin.end(line(2));
    assert.deepEqual(await ended, {
      status: 0,
      stdout: `2 entries (216 B) appended to ${path.join(dir, `${session}.jsonl`)}\n`,
      stderr: "",
    });
    assert.deepEqual(await numbers(dir), [1, 2]);
  });
}

test("removes only a byte order mark at the start, wherever chunks end", async () => {
  for (const text of [
    "",
    "\ufeff",
    "\ufeffab",
    "a\ufeffb",
    "\ufeff\ufeff",
    "\ufeef",
    "\ufefea",
    "abc",
  ]) {
    const bytes = Buffer.from(text);
    const expected = text.startsWith("\ufeff") ? bytes.subarray(3) : bytes;
    for (const whole of [bytes, bytes.subarray(0, 2)]) {
      for (let first = 0; first <= whole.length; first += 1) {
        for (let second = first; second <= whole.length; second += 1) {
          const chunks = [
            whole.subarray(0, first),
            whole.subarray(first, second),
            whole.subarray(second),
          ].filter(({ length }) => length > 0);
          const left = Buffer.concat(
            await Readable.from(withoutByteOrderMark(Readable.from(chunks))).toArray(),
          );
          assert.deepEqual(
            left,
            whole === bytes ? expected : whole,
            `${text} in chunks of ${first}, ${second}`,
          );
        }
      }
    }
  }
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGKILL"])) {
  test(`keeps the earlier entries with --keep-going, and appends and leaves nothing without it, when ended by ${signal}`, async (t) => {
    const dir = temporaryFolder(t);
    const going = start(dir, ["--keep-going"]);
    going.child.stdin.write(line(1) + line(2) + line(3).slice(0, -3));
    await holds(dir, [1, 2]);
    going.child.kill(signal);
    assert.equal((await going.ended).status, signal);
    assert.deepEqual(await numbers(dir), [1, 2]);
    fs.rmSync(path.join(dir, `${session}.jsonl`));

    const { child, ended } = start(dir, []);
    // More than the program holds in memory.
    child.stdin.write(line(1, 5_000_000) + line(2, 5_000_000));
    while (fs.readdirSync(dir).length === 0) await pause(10);
    const [folder] = fs.readdirSync(dir);
    assert.equal(fs.statSync(path.join(dir, folder)).mode & 0o777, 0o700);
    child.kill(signal);
    assert.equal((await ended).status, signal);
    // After SIGKILL, nothing can remove the temporary folder.
    assert.deepEqual(fs.readdirSync(dir), signal === "SIGKILL" ? [folder] : []);
  });
}

test("does not wait for standard input when options describe the entry", async (t) => {
  const dir = temporaryFolder(t);
  const { child, ended } = start(dir, ["--skill", "tdd", "--status", "pass"]);
  assert.equal((await ended).status, 0);
  child.stdin.destroy();
  const [{ timestamp, ...entry }] = await read(dir, session);
  assert.deepEqual(entry, { session_id: session, skill: "tdd", final_status: "pass" });
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
});

// Each line has 4,097 bytes: the disk has room for 15 lines and a part of the next.
const length = 4097 - (line(1).length + '"session_id":"s-1",'.length);
const many = range(1, 9)
  .concat(range(1, 9))
  .map((number) => line(number, length))
  .join("\n");

for (const [name, options] of /** @type {const} */ ([
  ["all of its lines are checked first", []],
  ["each entry is appended as it arrives", ["--keep-going"]],
])) {
  test(
    `stops reading and reports what is in the log when the disk is full and ${name}`,
    linux,
    async (t) => {
      const base = temporaryFolder(t);
      const dir = path.join(base, "disk");
      fs.mkdirSync(dir);
      // The unfinished line gets a line end first, which takes a byte.
      const { child, ended } = start(dir, [...options], {
        tmp: base,
        under: onDisk(
          dir,
          `printf '{"session_id"' >${dir}/${session}.jsonl; "$@" || status=$?; cp ${dir}/${session}.jsonl ${base}; exit $status`,
        ),
      });
      if (options.length > 0) child.stdin.write(many);
      else child.stdin.end(many);
      const { status, stdout, stderr } = await ended;
      child.stdin.destroy();
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.deepEqual(await numbers(base), range(1, 9).concat(range(1, 6)));
      // Each second line is blank.
      assert.match(
        stderr,
        /\nthe log has the 15 entries up to line 29; line 31 was written only in part, and the lines after it were not written\n$/,
      );
      assert.equal(fs.statSync(path.join(base, `${session}.jsonl`)).size, size);
    },
  );
}

test("appends nothing when the temporary file has no room", linux, async (t) => {
  const base = temporaryFolder(t);
  const tmp = path.join(base, "disk");
  fs.mkdirSync(tmp);
  const { child, ended } = start(base, [], { tmp, under: onDisk(tmp, '"$@"') });
  child.stdin.end(line(1, 5_000_000));
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  assert.match(stderr, /cannot keep entries in .* while the rest is checked: ENOSPC.*TMPDIR/);
  assert.deepEqual(await numbers(base), []);
});

/**
 * The command that has every fdatasync from the nth on fail.
 *
 * @param {number} nth
 */
const failingFrom = (nth) => [
  "env",
  // strace counts the calls of each thread apart.
  "UV_THREADPOOL_SIZE=1",
  "strace",
  "-f",
  "-qq",
  "-o",
  "/dev/null",
  "-e",
  "trace=fdatasync",
  "-e",
  `inject=fdatasync:error=EIO:when=${nth}+`,
];

test("says what a power failure may lose when a sync fails", { skip: untraceable }, async (t) => {
  const dir = temporaryFolder(t);
  const { child, ended } = start(dir, ["--keep-going", "--sync"], { under: failingFrom(2) });
  child.stdin.write(line(1));
  await holds(dir, [1]);
  child.stdin.end(`${line(2)}\n${line(3)}`);
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  assert.match(
    stderr,
    /may not be on the disk: EIO: i\/o error\nthe log has the 3 entries up to line 4; those from line 2 on may be lost if the power fails now\n$/,
  );
  assert.deepEqual(await numbers(dir), [1, 2, 3]);
});

test("says what a power failure may lose when a sync fails that no append waited for", {
  skip: untraceable,
}, async (t) => {
  const dir = temporaryFolder(t);
  const under = failingFrom(1);
  const { child, ended } = start(dir, ["--keep-going", "--sync-within", "20ms"], { under });
  child.stdin.write(line(1));
  await holds(dir, [1]);
  for (let number = 2; child.exitCode === null; number += 1) {
    child.stdin.write(line(number));
    await pause(50);
  }
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  const said =
    /may not be on the disk: EIO: i\/o error\nthe log has the .*; the last entries may be lost if the power fails now; line (\d+) and the lines after it were not written\n$/;
  const [, next] = said.exec(stderr) ?? assert.fail(stderr);
  assert.deepEqual(
    await numbers(dir),
    Array.from({ length: Number(next) - 1 }, (_, index) => index + 1),
  );
});

test("fails, and prints no result, when the last sync fails with --sync-within", {
  skip: untraceable,
}, async (t) => {
  const dir = temporaryFolder(t);
  const { child, ended } = start(dir, ["--sync-within", "1h"], { under: failingFrom(1) });
  child.stdin.end(line(1));
  const { status, stdout, stderr } = await ended;
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /^skill-log: error: .*may not be on the disk: EIO: i\/o error\n$/);
  assert.deepEqual(await numbers(dir), [1]);
});

for (const options of [[], ["--keep-going"]]) {
  test(`stays within bounded memory when 200 MB are appended ${options.join(" ")}`, async (t) => {
    const dir = temporaryFolder(t);
    const peak = async (/** @type {Iterable<string>} */ texts) => {
      const report =
        'data:text/javascript,import fs from "node:fs"; process.on("exit", () => fs.writeSync(2, String(process.resourceUsage().maxRSS)))';
      const { child, ended } = start(dir, [...options, "--json"], { node: ["--import", report] });
      await feed(child, texts);
      const { status, stdout, stderr } = await ended;
      assert.equal(status, 0, stderr);
      return { appended: JSON.parse(stdout), megabytes: Number(stderr) / 1024 };
    };
    const idle = await peak([line(0)]);
    const text = range(1, 1000)
      .map((number) => line(number, 880))
      .join("");
    const full = await peak(
      (function* () {
        for (let bytes = 0; bytes < 200e6; bytes += text.length) yield text;
      })(),
    );
    const { appended, bytes } = full.appended;
    assert.equal(fs.statSync(path.join(dir, `${session}.jsonl`)).size, bytes + idle.appended.bytes);
    assert.ok(bytes > 200e6 && appended > 190_000);
    t.diagnostic(
      `${Math.round(full.megabytes - idle.megabytes)} MB above ${Math.round(idle.megabytes)} MB`,
    );
    assert.ok(
      full.megabytes - idle.megabytes < 120,
      `${full.megabytes} MB, ${idle.megabytes} MB with one entry`,
    );
    assert.deepEqual(fs.readdirSync(dir), [`${session}.jsonl`]);
  });
}

test("skips a line when it is longer than any reader accepts", async (t) => {
  const dir = temporaryFolder(t);
  const { child, ended } = start(dir, ["--keep-going"]);
  const text = "x".repeat(1 << 20);
  await feed(
    child,
    (function* () {
      yield line(1);
      for (let left = 300; left > 0; left -= 1) yield text;
      yield `\n${line(2)}`;
    })(),
  );
  const { status, stderr } = await ended;
  assert.equal(status, 1);
  assert.match(
    stderr,
    /standard input, line 2: the line is longer than 268435456 bytes, the most that any reader accepts\n/,
  );
  assert.deepEqual(await numbers(dir), [1, 2]);
});

/**
 * @param {ChildProcessWithoutNullStreams} child
 * @param {Iterable<string>} texts
 */
async function feed(child, texts) {
  for (const text of texts) if (!child.stdin.write(text)) await once(child.stdin, "drain");
  child.stdin.end();
}
