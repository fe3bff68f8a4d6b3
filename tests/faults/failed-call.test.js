// The fault: a call of the file system fails. Files are closed all the same, and errors have codes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs, {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";

import { append, read, SessionLog, Sessions } from "skill-log";

import { program } from "../cli/running.js";
import { FailingFs } from "../evidence/failed-calls/failing-fs.js";
import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const base = temporaryDirectory();
const calls = new FailingFs(base);
after(() => calls.remove());

const skip = !existsSync("/proc/self/fd") && "/proc/self/fd lists open files on Linux alone";
const entry = numberedEntry({ session: "one", writer: "writer", number: 1 });
const eio = (/** @type {import("../evidence/failed-calls/failing-fs.js").Kind} */ kind) =>
  /** @type {const} */ ({ name: "EIO", code: "EIO", kinds: [kind] });

/** Makes a directory with a log. */
function directory() {
  const dir = mkdtempSync(join(base, "logs-"));
  writeFileSync(join(dir, "one.jsonl"), lineOf(entry));
  return dir;
}

/** @type {Record<string, (dir: string) => Promise<unknown>>} */
const uses = {
  "a log is read": (dir) => read(dir, "one"),
  "a file is read": async (dir) => (await SessionLog.from(join(dir, "one.jsonl"))).read(),
  "a log is appended to": (dir) => append(dir, "one", entry),
  "a log is verified": async (dir) => (await SessionLog.open(dir, "one")).verify(),
  "a log is repaired": async (dir) => (await SessionLog.open(dir, "one")).repair(),
  "logs are indexed": async (dir) => (await Sessions.open(dir, { threads: 1 })).index(),
};

for (const [title, use] of Object.entries(uses)) {
  test(`rejects with a code, and closes the file, when ${title} and a look at it fails`, {
    skip,
  }, async () => {
    for (let nth = 1; ; nth += 1) {
      const dir = directory();
      calls.fail(eio("stat"), nth);
      const error = await use(dir).then(
        () => null,
        (error) => error,
      );
      calls.lift();
      assert.deepEqual(calls.openFiles(dir), [], `look ${nth}`);
      if (calls.fired.length === 0) {
        assert.ok(nth > 1);
        break;
      }
      if (error) assert.equal(error.code, "IO_ERROR", String(error));
    }
  });
}

for (const kind of /** @type {const} */ (["sync", "stat"]))
  test(`rejects a synced append of a new directory when any ${kind} fails, also above it`, async () => {
    for (let nth = 1; ; nth += 1) {
      const dir = join(mkdtempSync(join(base, "above-")), "a", "b");
      mkdirSync(dir, { recursive: true });
      const log = await SessionLog.open(join(dir, "c"), "one");
      calls.fail(eio(kind), nth);
      const error = await log.append(entry, { sync: true }).then(
        () => null,
        (error) => error,
      );
      calls.lift();
      const [fired] = calls.fired;
      if (!fired) {
        // Of the file, of its directory, and of the directories above.
        assert.ok(nth > 4, `${nth}`);
        break;
      }
      assert.ok(error, `nobody was told of ${fired}`);
      assert.ok(["SYNC_FAILED", "IO_ERROR"].includes(error.code), String(error));
      await log.close();
    }
  });

test("returns the entries when closing the file that was read fails", async () => {
  const dir = directory();
  calls.fail(eio("close"), 1);
  assert.equal((await read(dir, "one")).length, 1);
  calls.lift();
  assert.equal(calls.fired.length, 1);
});

test("closes the file once when an index reads its entries and closing fails", async () => {
  const dir = directory();
  const log = await SessionLog.open(dir, "one");
  const index = await log.index();
  calls.fail({ ...eio("close"), isLasting: true }, 1);
  assert.equal((await index.entries([0])).length, 1);
  calls.lift();
  assert.equal(calls.fired.length, 1);
});

test("rejects with IO_ERROR when closing a file that was appended to fails", async () => {
  const log = await SessionLog.open(directory(), "one");
  await log.append(entry);
  calls.fail(eio("close"), 1);
  await assert.rejects(log.close(), {
    code: "IO_ERROR",
    message: /^cannot close .*one\.jsonl: EIO/,
  });
  calls.lift();
});

test("rejects with IO_ERROR, and writes nothing, when the end of a log cannot be read", async () => {
  const dir = directory();
  const log = await SessionLog.open(dir, "one");
  calls.fail(eio("read"), 1);
  await assert.rejects(log.append(entry), {
    code: "IO_ERROR",
    message: /^cannot read .*one\.jsonl: EIO/,
  });
  calls.lift();
  assert.deepEqual(readFileSync(join(dir, "one.jsonl")), lineOf(entry));
  await log.close();
});

test("rejects with WRITE_FAILED and the system's error when a write fails", async () => {
  const log = await SessionLog.open(directory(), "one");
  calls.fail(eio("write"), 1);
  await assert.rejects(log.append(entry), (/** @type {any} */ error) => {
    const { length } = lineOf(entry);
    assert.equal(error.code, "WRITE_FAILED");
    assert.match(error.message, new RegExp(`one\\.jsonl: 0 of ${length} bytes were written: EIO`));
    assert.equal(error.cause.code, "EIO");
    return true;
  });
  calls.lift();
  await log.close();
});

test("ends the cut line when a write stored one byte, and another entry is appended", async (t) => {
  const dir = mkdtempSync(join(base, "cut-"));
  const log = await SessionLog.open(dir, "one");
  const { writeSync } = fs;
  const short = (/** @type {number} */ fd, /** @type {Uint8Array} */ bytes) =>
    writeSync(fd, bytes, 1, 1);
  t.mock.method(fs, "writeSync", short, { times: 1 });
  await assert.rejects(log.append(entry), (/** @type {any} */ error) => {
    const { length } = lineOf(entry);
    const { code, written, expected, path } = error;
    assert.deepEqual(
      { code, written, expected, path },
      { code: "WRITE_FAILED", written: 1, expected: length, path: join(dir, "one.jsonl") },
    );
    assert.match(
      error.message,
      new RegExp(`1 of ${length} bytes were written: the disk is full, or a limit was reached$`),
    );
    return true;
  });
  await log.append(entry);
  assert.equal(readFileSync(join(dir, "one.jsonl"), "utf8"), `{\n${lineOf(entry)}`);
  await log.close();
});

test("closes a removed log after its syncs when another log takes its place", async (t) => {
  const dir = directory();
  const log = await SessionLog.open(dir, "one");
  const { fdatasync } = fs;
  /** How many names each synced file has. @type {(number | string)[]} */
  const names = [];
  const late = (/** @type {number} */ fd, /** @type {fs.NoParamCallback} */ done) =>
    setTimeout(() => {
      try {
        names.push(fs.fstatSync(fd).nlink);
      } catch (error) {
        names.push(String(error));
      }
      fdatasync(fd, done);
    }, 500);
  t.mock.method(fs, "fdatasync", late, { times: 2 });
  const synced = [log.append(entry, { sync: true })];
  await setTimeoutPromise(20);
  // Waits for the first sync.
  synced.push(log.append(entry, { sync: true }));
  await setTimeoutPromise(20);
  rmSync(join(dir, "one.jsonl"));
  await log.append(entry);
  await Promise.all(synced);
  assert.deepEqual(names, [0, 0]);
  await log.close();
});

test("rejects with SYNC_FAILED when a sync fails, and then closing the file too", async () => {
  const dir = directory();
  calls.fail({ name: "EIO", code: "EIO", kinds: ["sync", "close"], isLasting: true }, 1);
  const appended = append(dir, "one", entry, { sync: true });
  await assert.rejects(appended, { code: "SYNC_FAILED" });
  calls.lift();
});

test("rejects with a code when a look at the file of saved damage fails", async () => {
  for (let nth = 1; ; nth += 1) {
    const dir = directory();
    appendFileSync(join(dir, "one.jsonl"), "what is this?\n");
    const log = await SessionLog.open(dir, "one");
    calls.fail(eio("stat"), nth);
    const error = await log.repair().then(
      () => null,
      (error) => error,
    );
    calls.lift();
    if (calls.fired.length === 0) break;
    // A directory that cannot be looked at may be another one.
    if (error) assert.match(String(error.code), /^(IO_ERROR|REPLACED)$/, String(error));
    await log.close();
    assert.deepEqual(skip ? [] : calls.openFiles(dir), [], `look ${nth}`);
  }
});

test("exits with 1 and says why when the command line cannot look at the named directory", () => {
  const dir = directory();
  const preload = new URL("../evidence/failed-calls/in-child.js", import.meta.url).href;
  const report = join(base, "report");
  const failing = JSON.stringify({ base: dir, report, fault: eio("stat"), nth: 1 });
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", preload, program, "read", dir],
    { env: { ...process.env, FAILED_CALL: failing }, encoding: "utf8" },
  );
  assert.equal(stderr, `skill-log: error: ${dir}: EIO: i/o error\n`);
  assert.equal(status, 1);
});
