// An archive, what is being archived, and a log are one session.

import assert from "node:assert/strict";
import fs, { readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SessionLog, Sessions, append, encode, listSessions, read, removeSession } from "skill-log";

import { cut, entryOf, frame, seekable } from "../../support/compressed-files.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/** @param {number} from @param {number} to */
const lines = (from, to) =>
  Buffer.concat(
    Array.from({ length: to - from }, (_, at) =>
      Buffer.from(
        encode({
          session_id: "s",
          skill: `k${from + at}`,
          final_status: "ok",
          timestamp: "2026-01-02T03:04:05Z",
          message: "m".repeat(300),
        }),
      ),
    ),
  );

/** Returns the files of a directory that this process has open. @param {string} dir */
function openFilesIn(dir) {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(dir) ? [path] : [];
    } catch {
      return [];
    }
  });
}

const SEPARATOR = { frame: Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), length: 0 };

/** @param {...Buffer} parts */
const archive = (...parts) =>
  seekable(
    parts.flatMap((part, at) => [
      ...(at > 0 ? [SEPARATOR] : []),
      ...cut(part, 4096).map((each) => entryOf(each)),
    ]),
  );

const a = lines(0, 40);
const b = lines(40, 60);
const c = lines(60, 70);
/** A line that was cut, which an archive keeps as it is. */
const torn = a.subarray(0, -30);

/** Files of a session, and its text. @type {Record<string, { files: Record<string, Buffer>, text: Buffer }>} */
const cases = {
  "an archive": { files: { ".zst": archive(a) }, text: a },
  "an archive of two parts": { files: { ".zst": archive(a, b) }, text: Buffer.concat([a, b]) },
  "an archive and a log": { files: { ".zst": archive(a), "": b }, text: Buffer.concat([a, b]) },
  "an archive by another program, and a log": {
    files: { ".zst": frame(a), "": b },
    text: Buffer.concat([a, b]),
  },
  "a file that is to be archived": { files: { ".0.archiving": a }, text: a },
  "a file that is to be archived, and a log": {
    files: { ".0.archiving": a, "": b },
    text: Buffer.concat([a, b]),
  },
  "a file that is archived in part": {
    files: { ".zst": archive(a, b.subarray(0, 1000)), ".1.archiving": b, "": c },
    text: Buffer.concat([a, b, c]),
  },
  "a file that is archived, and not removed yet": {
    files: { ".zst": archive(a), ".0.archiving": a, "": b },
    text: Buffer.concat([a, b]),
  },
  "a second file that is to be archived": {
    files: { ".zst": archive(a), ".1.archiving": b, "": c },
    text: Buffer.concat([a, b, c]),
  },
  "an archive that ends in a torn line, and a log": {
    files: { ".zst": archive(torn), "": b },
    text: Buffer.concat([torn, Buffer.from("\n"), b]),
  },
};

for (const [title, { files, text }] of Object.entries(cases)) {
  test(`reads one session when there is ${title}`, async (t) => {
    const dir = temporaryFolder(t);
    for (const [end, bytes] of Object.entries(files))
      writeFileSync(join(dir, `s.jsonl${end}`), bytes);
    const plain = await SessionLog.from(text);
    const log = await SessionLog.open(dir, "s");
    const quiet = { onDamage() {} };
    assert.deepEqual(Buffer.from(await log.bytes()), text);
    assert.deepEqual(await log.read(quiet), await plain.read(quiet));
    assert.deepEqual(
      await log.last({ count: 50, ...quiet }),
      await plain.last({ count: 50, ...quiet }),
    );
    const { pending: _, ...report } = await log.verify();
    const { pending: _other, ...expected } = await plain.verify();
    assert.deepEqual(report, expected);
    const index = await log.index();
    const own = await plain.index();
    assert.equal(index.length, own.length);
    for (const row of [0, own.length - 1])
      assert.deepEqual(await index.entry(row), await own.entry(row));
    const [info, ...others] = await listSessions(dir);
    assert.deepEqual(others, []);
    const { id, bytes, archived } = info;
    const size = ".zst" in files && title.includes("another program") ? bytes : text.length;
    assert.deepEqual({ id, bytes, archived }, { id: "s", bytes: size, archived: true });
    const sessions = await Sessions.open(dir);
    const all = await sessions.index();
    assert.equal(all.length, own.length);
    assert.deepEqual(await all.entry(own.length - 1), await own.entry(own.length - 1));
    assert.equal((await all.search("k39")).length, (await own.search("k39")).length);
    const [verified] = await sessions.verify();
    assert.equal(verified.entries, expected.entries);
    // An append goes to a log, and the index reads on.
    await append(dir, "s", { skill: "new", final_status: "ok" });
    assert.equal((await index.refresh()).added, 1);
    assert.deepEqual(await all.refresh(), { added: 1, removed: 0 });
    assert.equal((await read(dir, "s", quiet)).at(-1)?.skill, "new");
    assert.ok(readdirSync(dir).includes("s.jsonl"));
    await sessions.close();
    await log.close();
    assert.deepEqual(openFilesIn(dir), []);
    assert.equal(await removeSession(dir, "s"), true);
    assert.deepEqual(readdirSync(dir), []);
  });
}

test("returns what can be read, and an error, when an archive is damaged", async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, "s.jsonl"), b);
  const whole = archive(a);
  const damaged = Buffer.from(whole);
  damaged[whole.length >> 1] ^= 1;
  for (const bytes of [whole.subarray(0, whole.length >> 1), damaged]) {
    writeFileSync(join(dir, "s.jsonl.zst"), bytes);
    const log = await SessionLog.open(dir, "s");
    /** @type {string[]} */
    const found = [];
    await assert.rejects(
      async () => {
        for await (const { entry } of log.records()) found.push(entry.skill);
      },
      { code: "NOT_DECOMPRESSED" },
    );
    assert.ok(found.length > 0 && found.length < 40);
    assert.deepEqual(
      found,
      found.map((_, at) => `k${at}`),
    );
    for (const call of [log.read(), log.verify(), log.index()])
      await assert.rejects(call, { code: "NOT_DECOMPRESSED" });
    /** @type {string[]} */
    const failed = [];
    const sessions = await Sessions.open(dir);
    for await (const { id, error } of sessions.list()) if (error) failed.push(id);
    assert.deepEqual(failed, ["s"]);
    await sessions.close();
    await log.close();
  }
});

test("follows what is appended after an archive, at offsets of the whole text", async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, "s.jsonl.zst"), archive(a));
  const log = await SessionLog.open(dir, "s");
  const following = log.follow();
  const next = async () => (await following.next()).value;
  for (let at = 0; at < 40; at += 1) assert.equal((await next())?.entry.skill, `k${at}`);
  await log.append({ skill: "first", final_status: "ok" });
  const first = await next();
  assert.deepEqual([first?.entry.skill, first?.offset], ["first", a.length]);
  await log.append({ skill: "second", final_status: "ok" });
  const second = await next();
  assert.deepEqual([second?.entry.skill, second?.offset], ["second", first?.end]);
  const ended = [];
  for await (const { entry } of log.records({ from: first?.end })) ended.push(entry.skill);
  assert.deepEqual(ended, ["second"]);
  const tail = log.follow({ from: second?.end });
  const coming = tail.next();
  await log.append({ skill: "third", final_status: "ok" });
  assert.equal((await coming).value?.entry.skill, "third");
  assert.equal((await next())?.entry.skill, "third");
  await tail.return();
  await log.close();
});

test("follows archived and other sessions of a directory, at offsets of their texts", async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, "s.jsonl.zst"), archive(a));
  writeFileSync(join(dir, "s.jsonl"), b);
  writeFileSync(join(dir, "t.jsonl"), c);
  const sessions = await Sessions.open(dir);
  /** @param {any} from @param {number} count */
  const first = async (from, count) => {
    const found = [];
    const following = sessions.follow({ from });
    if (from === "end")
      setTimeout(() => append(dir, "s", { skill: "new", final_status: "ok" }), 50);
    for await (const { session, offset, entry } of following) {
      found.push(`${session} ${offset} ${entry.skill}`);
      if (found.length === count) break;
    }
    return found.sort();
  };
  const text = Buffer.concat([a, b]);
  const own = async (/** @type {string} */ session, /** @type {Buffer} */ bytes, from = 0) => {
    const found = [];
    const log = await SessionLog.from(bytes);
    for await (const { offset, entry } of log.records({ from }))
      found.push(`${session} ${offset} ${entry.skill}`);
    return found;
  };
  const others = await own("t", c);
  assert.deepEqual(await first("start", 70), [...(await own("s", text)), ...others].sort());
  const seen = lines(0, 30).length;
  assert.deepEqual(
    await first(new Map([["s", seen]]), 40),
    [...(await own("s", text, seen)), ...others].sort(),
  );
  const inLog = a.length + lines(40, 50).length;
  assert.deepEqual(
    await first(new Map([["s", inLog]]), 20),
    [...(await own("s", text, inLog)), ...others].sort(),
  );
  assert.deepEqual(await first("end", 1), [`s ${text.length} new`]);
  await sessions.close();
});

test("returns each entry once when a log is archived while it is followed", async (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, "s.jsonl");
  writeFileSync(path, a);
  const log = await SessionLog.open(dir, "s");
  const following = log.follow();
  /** @type {unknown[]} */
  const found = [];
  const take = async (/** @type {number} */ count) => {
    while (found.length < count) found.push((await following.next()).value?.entry.skill);
  };
  await take(40);
  renameSync(path, `${path}.0.archiving`);
  writeFileSync(path, b.subarray(0, lines(40, 41).length));
  await take(41);
  writeFileSync(`${path}.zst`, archive(a));
  rmSync(`${path}.0.archiving`);
  await append(dir, "s", { skill: "k41", final_status: "ok" });
  await take(42);
  await following.return();
  await log.close();
  assert.deepEqual(
    found,
    Array.from({ length: 42 }, (_, at) => `k${at}`),
  );
});

/** What happens to logs while archives are read, by title. @type {Record<string, (dir: string) => void>} */
const moves = {
  "another log is archived": (dir) => {
    writeFileSync(join(dir, "t.jsonl.zst"), archive(c));
    rmSync(join(dir, "t.jsonl"));
  },
  "its log is archived": (dir) => {
    writeFileSync(join(dir, "s.jsonl.zst"), archive(a, b));
    rmSync(join(dir, "s.jsonl"));
  },
  "its archive becomes a log": (dir) => {
    writeFileSync(join(dir, "s.jsonl"), Buffer.concat([a, b]));
    rmSync(join(dir, "s.jsonl.zst"));
  },
};

for (const [title, move] of Object.entries(moves)) {
  test(`follows each entry once when ${title} while the archive is read`, {
    timeout: 20_000,
  }, async (t) => {
    const dir = temporaryFolder(t);
    writeFileSync(join(dir, "s.jsonl.zst"), archive(a));
    writeFileSync(join(dir, "s.jsonl"), b);
    writeFileSync(join(dir, "t.jsonl"), c);
    const sessions = await Sessions.open(dir);
    /** @type {string[]} */
    const found = [];
    for await (const { entry } of sessions.follow()) {
      if (found.push(entry.skill) === 1) move(dir);
      if (found.length === 70) await append(dir, "u", { skill: "last", final_status: "ok" });
      if (entry.skill === "last") break;
    }
    const expected = Array.from({ length: 70 }, (_, at) => `k${at}`);
    assert.deepEqual(found.sort(), [...expected, "last"].sort());
    await sessions.close();
  });
}

test("indexes a log when it is archived after it was found", async (t) => {
  const dir = temporaryFolder(t);
  const path = join(dir, "s.jsonl");
  writeFileSync(path, a);
  const sessions = await Sessions.open(dir, { threads: 1 });
  const { openSync } = fs;
  t.mock.method(
    fs,
    "openSync",
    (/** @type {any} */ file, /** @type {any} */ flags, /** @type {any} */ mode) => {
      if (file === path && fs.existsSync(path)) renameSync(path, `${path}.0.archiving`);
      return openSync(file, flags, mode);
    },
  );
  const index = await sessions.index();
  assert.equal(index.length, 40);
  await sessions.close();
});
