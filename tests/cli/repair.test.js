// `skill-log repair` writes nothing without --yes, and loses nothing however it ends.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { read } from "skill-log";

import { damagedLog } from "../faults/damaged-log.js";
import { briefly } from "../faults/numbered-entry.js";
import { untraceable } from "../faults/strace.js";
import { line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { inPipe } from "./running.js";

const NEWLINE = 0x0a;

/** @param {import("node:test").TestContext} t @param {string} name @param {Uint8Array} bytes */
function folderWith(t, name, bytes) {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, `${name}.jsonl`), bytes);
  return folder;
}

/**
 * Returns offset → saved byte of a log. A kill may have cut a line of the file.
 *
 * @param {string} file
 */
function savedBytes(file) {
  const saved = new Map();
  for (const line of fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : []) {
    if (!line.startsWith("{") || !line.endsWith("}")) continue;
    const { offset, length, base64 } = JSON.parse(line);
    const bytes = Buffer.from(base64, "base64");
    assert.equal(bytes.length, length);
    // After two repairs, the byte that was saved first is the original.
    bytes.forEach((byte, at) => saved.has(offset + at) || saved.set(offset + at, byte));
  }
  return saved;
}

/**
 * Checks that each byte of a log is unchanged, or that the original byte was saved.
 *
 * @param {string} folder
 * @param {string} name
 * @param {Uint8Array} original
 * @param {boolean} [isDone] whether every changed byte must be a line end
 */
function checkBytes(folder, name, original, isDone = true) {
  const now = fs.readFileSync(path.join(folder, `${name}.jsonl`));
  const saved = savedBytes(path.join(folder, `${name}.damaged`));
  assert.equal(now.length, original.length);
  for (let at = 0; at < now.length; at++) {
    if (now[at] === original[at]) continue;
    if (isDone) assert.equal(now[at], NEWLINE, `byte ${at} is not a line end`);
    assert.equal(saved.get(at), original[at], `byte ${at} is lost`);
  }
}

test("writes nothing when called without --yes", async (t) => {
  const folder = folderWith(t, damagedLog.session, damagedLog.bytes);
  const before = fs.statSync(path.join(folder, `${damagedLog.session}.jsonl`));
  for (const options of ["", "--exclusive", "--json"]) {
    const { status, stdout } = await inPipe(`skill-log repair . ${options}`, { cwd: folder });
    assert.equal(status, 0);
    assert.notEqual(stdout.length, 0);
  }
  const { mtimeMs, ctimeMs, ino } = fs.statSync(path.join(folder, `${damagedLog.session}.jsonl`));
  assert.deepEqual(
    { mtimeMs, ctimeMs, ino },
    { mtimeMs: before.mtimeMs, ctimeMs: before.ctimeMs, ino: before.ino },
  );
  assert.deepEqual(fs.readdirSync(folder), [`${damagedLog.session}.jsonl`]);
});

test("says what to do, and changes nothing, when --exclusive would rewrite a log with several names", async (t) => {
  const touching = line("a") + line("b");
  const folder = folderWith(t, "s", Buffer.from(`${touching}\n`));
  const file = path.join(folder, "s.jsonl");
  fs.linkSync(file, path.join(folder, "other"));
  for (const options of ["--exclusive", "--exclusive --yes"]) {
    const { status, stderr } = await inPipe(`skill-log repair . s ${options}`, { cwd: folder });
    assert.equal(status, 1);
    assert.match(stderr.toString(), /s\.jsonl:? has 2 names \(hard links\), and was not rewritten/);
    assert.equal(fs.readFileSync(file, "utf8"), `${touching}\n`);
  }
});

test("finishes, and loses no byte, when it is killed in any write and run again", async (t) => {
  const { session, bytes, entries } = damagedLog;
  const preload = new URL("../faults/children/cut-write.js", import.meta.url).href;
  let isWhole = false;
  for (let nth = 1; !isWhole; nth += 4) {
    const folder = folderWith(t, session, bytes);
    const repair = `exec skill-log repair . ${session} --yes`;
    const killed = await inPipe(repair, {
      cwd: folder,
      env: { CUT_WRITE: `${nth}`, CUT_AT: "0.5", NODE_OPTIONS: `--import=${preload}` },
    });
    isWhole = killed.status === 0;
    if (!isWhole) assert.equal(killed.status, "SIGKILL", killed.stderr.toString());
    else assert.ok(nth > 10, "its writes were not cut");
    checkBytes(folder, session, bytes, isWhole);
    const again = await inPipe(repair, { cwd: folder });
    assert.deepEqual([again.status, again.stderr.toString()], [0, ""]);
    checkBytes(folder, session, bytes);
    const { status, stdout } = await inPipe("skill-log verify . --limit 1", { cwd: folder });
    assert.equal(status, 0, stdout.toString());
    assert.deepEqual(briefly(await read(folder, session)), briefly(entries));
  }
});

test("reports a failed sync when the log looks clean afterwards", {
  skip: untraceable,
}, async (t) => {
  const folder = folderWith(t, "short", Buffer.from("what is this?\n"));
  // The fourth sync is the last: after the original log, the saved bytes and their directory.
  const { status, stderr } = await inPipe(
    "strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when=4 skill-log repair . --yes",
    { cwd: folder },
  );
  assert.equal(status, 1);
  assert.match(stderr.toString(), /^skill-log: error: cannot sync short\.jsonl: EIO\b.*\n$/);
});

test("says that it can be run again, and can, when Ctrl-C ends it", async (t) => {
  const bytes = Buffer.from("what is this?\n{}\n".repeat(5000));
  const folder = folderWith(t, "long", bytes);
  const preload = new URL("twice-interrupted.js", import.meta.url).href;
  const { status, stdout, stderr } = await inPipe("exec skill-log repair . --yes", {
    cwd: folder,
    env: { NODE_OPTIONS: `--import=${preload}` },
  });
  assert.deepEqual(
    [status, stdout.toString(), stderr.toString()],
    ["SIGINT", "", "skill-log: interrupted: no data is lost. Run the command again to finish.\n"],
  );
  assert.ok(fs.existsSync(path.join(folder, "long.damaged")), "nothing had been done");
  checkBytes(folder, "long", bytes, false);
  const again = await inPipe("skill-log repair . --yes", { cwd: folder });
  assert.deepEqual([again.status, again.stderr.toString()], [0, ""]);
  checkBytes(folder, "long", bytes);
  assert.equal(
    fs.readFileSync(path.join(folder, "long.jsonl"), "latin1"),
    bytes.toString().replaceAll("what is this?", "\n".repeat(13)),
  );
});
