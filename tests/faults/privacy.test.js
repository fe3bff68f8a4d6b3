// The fault: a careless umask lets others read the log, or a strict umask locks out its owner.

import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, append, read } from "skill-log";

import { run } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { numberedEntry } from "./numbered-entry.js";
import { trace, untraceable } from "./strace.js";

/** @import { OpenOptions } from "skill-log" */

const session = "private";
const posix = { skip: process.platform === "win32" && "Windows has no file modes" };
/** A torn line, so that a repair saves something. */
const torn = '{"session_id":"private","skill":"secre\n';

const umasks = [0o000, 0o022, 0o077, 0o777];

const made = [
  { options: {}, file: 0o600, directory: 0o700 },
  { options: { mode: 0o640, dirMode: 0o750 }, file: 0o640, directory: 0o750 },
  { options: { mode: 0o666 }, file: 0o666, directory: 0o700 },
  { options: { dirMode: 0o755 }, file: 0o600, directory: 0o755 },
];

for (const umask of umasks) {
  for (const { options, file, directory } of made) {
    test(
      `makes files ${octal(file)} and directories ${octal(directory)} when the umask is ${octal(umask)} and the options are ${JSON.stringify(options)}`,
      posix,
      async () => {
        const base = temporaryDirectory();
        chmodSync(base, 0o755);
        const dir = join(base, "new", "also new");
        await write(dir, umask, options);
        assert.deepEqual(modes(dir, join(base, "new")), [directory, directory].map(octal));
        assert.deepEqual(modes(base), [octal(0o755)]);
        assert.deepEqual(modes(join(dir, `${session}.jsonl`)), [octal(file)]);

        // Saved damage is private to who repairs, whoever may read the log.
        appendFileSync(join(dir, `${session}.jsonl`), torn);
        await write(dir, umask, options);
        assert.deepEqual(modes(join(dir, `${session}.damaged`)), [octal(0o600)]);
        assert.equal((await read(dir, session)).length, 2);
      },
    );
  }

  test(
    `keeps the modes of an existing log and directory when the umask is ${octal(umask)}`,
    posix,
    async () => {
      const dir = join(temporaryDirectory(), "old");
      const log = join(dir, `${session}.jsonl`);
      const saved = join(dir, `${session}.damaged`);
      mkdirSync(dir);
      writeFileSync(log, torn);
      writeFileSync(saved, "");
      chmodSync(log, 0o644);
      chmodSync(saved, 0o664);
      chmodSync(dir, 0o755);
      await write(dir, umask, { mode: 0o600, dirMode: 0o700 });
      // The file of saved damage becomes private, because nobody chose who may read it.
      assert.deepEqual(modes(log, saved, dir), [0o644, 0o600, 0o755].map(octal));
      assert.notEqual(readFileSync(saved, "utf8"), "");
    },
  );
}

for (const mode of [0o644, 0o660, 0o606, 0o777, 0o601, 0o600, 0o400]) {
  test(
    `makes saved damage private to its owner when its file has the mode ${octal(mode)}`,
    posix,
    async () => {
      const dir = temporaryDirectory();
      const saved = join(dir, `${session}.damaged`);
      writeFileSync(join(dir, `${session}.jsonl`), torn);
      writeFileSync(saved, "");
      chmodSync(saved, mode);
      const log = await SessionLog.open(dir, session);
      const { repaired } = await log.repair({ dryRun: true });
      assert.deepEqual([repaired, modes(saved)], [1, [octal(mode)]]);
      // Repair needs to write to the file, and root may write to any file.
      if (mode & 0o200 || process.geteuid?.() === 0) {
        await log.repair();
        assert.deepEqual(modes(saved), [octal(mode & 0o600)]);
        assert.notEqual(statSync(saved).size, 0);
      }
      await log.close();
    },
  );
}

test("refuses to repair, and changes nothing, when the saved damage is another user's file", {
  skip: process.geteuid?.() !== 0 && "only root can make another user's file",
}, async () => {
  for (const [logOwner, savedOwner, isRefused] of [
    [0, 1234, true],
    [1234, 4321, true],
    [1234, 1234, false],
    [1234, 0, false],
  ]) {
    const dir = temporaryDirectory();
    const saved = join(dir, `${session}.damaged`);
    const path = join(dir, `${session}.jsonl`);
    writeFileSync(path, torn);
    writeFileSync(saved, "", { mode: 0o644 });
    chownSync(path, Number(logOwner), 0);
    chownSync(saved, Number(savedOwner), 0);
    const log = await SessionLog.open(dir, session);
    if (isRefused)
      await assert.rejects(log.repair(), {
        code: "IO_ERROR",
        path: saved,
        message: /belongs to another user \(\d+\): move it away/,
      });
    else await log.repair();
    assert.equal(readFileSync(saved, "utf8") === "", isRefused);
    assert.equal(readFileSync(path, "utf8") === torn, isRefused);
    await log.close();
  }
});

const wrong = [
  { options: { mode: "600" } },
  { options: { mode: 0o1000 } },
  { options: { mode: -1 } },
  { options: { mode: 0.5 } },
  { options: { mode: null } },
  { options: { dirMode: "0700" } },
  { options: { dirMode: 0o40700 } },
];

for (const { options } of wrong) {
  test(`makes nothing when the options are ${JSON.stringify(options)}`, async () => {
    const dir = join(temporaryDirectory(), "new");
    const entry = numberedEntry({ session, writer: "private", number: 0 });
    await assert.rejects(() => append(dir, session, entry, /** @type {OpenOptions} */ (options)), {
      name: "SkillLogError",
      code: "INVALID_ARGUMENT",
    });
    assert.throws(() => statSync(dir), { code: "ENOENT" });
  });
}

test("keeps a log private from its first moment when it makes its files", {
  skip: untraceable,
}, async () => {
  // A file must be private when it is made, because anyone could open it before a change of its
  // mode.
  const base = realpathSync(temporaryDirectory());
  const dir = join(base, "new");
  mkdirSync(dir);
  writeFileSync(join(dir, `${session}.jsonl`), torn, { mode: 0o600 });
  const makes = ["open", "openat", "creat", "mkdir", "mkdirat"];
  for (const each of [join(base, "made"), dir]) {
    const { code, stderr, calls } = await trace("private-writer.js", [each, session, 0, "{}"], {
      dir: base,
      calls: makes,
    });
    assert.equal(code, 0, stderr);
    const made = calls.filter(
      ({ name, args }) =>
        args.includes(`"${each}`) && (name.startsWith("mkdir") || args.includes("O_CREAT")),
    );
    assert.ok(made.length > 0);
    for (const { args } of made) assert.match(args, /, 0[0-7]00$/);
  }
});

/**
 * @param {string} dir
 * @param {number} umask
 * @param {object} options
 */
async function write(dir, umask, options) {
  const { code, stderr } = await run("private-writer.js", [
    dir,
    session,
    umask,
    JSON.stringify(options),
  ]);
  assert.equal(code, 0, stderr);
}

/** @param {string[]} paths */
function modes(...paths) {
  return paths.map((path) => octal(statSync(path).mode & 0o777));
}

/** @param {number} mode */
function octal(mode) {
  return mode.toString(8).padStart(4, "0");
}
