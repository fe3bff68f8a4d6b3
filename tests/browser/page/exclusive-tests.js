// What the package does with the exclusive handle of a file, in which order, and what becomes of
// the log when it fails.

import assert from "node:assert/strict";
import test from "node:test";
import { read, SessionLog, SkillLogError } from "skill-log";

import { entry, line, TORN } from "../../js/support/lines.js";
import { existing } from "../../js/storage/in-place.js";
import { opfsPlace } from "./opfs-place.js";
import { watchHandles } from "./watched-handles.js";

const MIB = 1 << 20;

/** @typedef {import("./watched-handles.js").Faults} Faults */

/** The steps of an append, and of a synced append. */
const written = ["open s.jsonl", "write s.jsonl", "close s.jsonl"];
const synced = ["open s.jsonl", "write s.jsonl", "flush s.jsonl", "close s.jsonl"];

const failing = (/** @type {string} */ name) => () => {
  throw new DOMException("as in this test", name);
};

/**
 * @param {Promise<unknown>[]} promises
 * @returns {Promise<string[]>} "done", or the error's code, of each
 */
async function endsOf(promises) {
  const done = (/** @type {Promise<unknown>} */ each) =>
    each.then(
      () => "done",
      ({ code }) => code,
    );
  return Promise.all(promises.map(done));
}

/** @type {Record<string, [syncs: boolean[], done: string[]]>} */
const batches = {
  "for one append": [[false], written],
  "for a synced append": [[true], synced],
  "for many appends at once": [Array(20).fill(false), written],
  "for many synced appends at once": [Array(20).fill(true), synced],
  "for many appends at once, of which one is synced": [[false, false, true, false], synced],
};

for (const [what, [syncs, expected]] of Object.entries(batches)) {
  const calls = syncs.includes(true) ? "writes and flushes once" : "writes once";
  test(`${calls} when it is called ${what}`, async (t) => {
    const { open } = await opfsPlace(t);
    const log = await open();
    const { done } = watchHandles(t);
    await Promise.all(syncs.map((sync, i) => log.append(entry(`e${i}`), { sync })));
    assert.deepEqual(done, expected);
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      syncs.map((_, i) => `e${i}`),
    );
    await log.close();
  });
}

test("rejects a log's later synced appends, and no others, when a sync has failed", async (t) => {
  const place = await opfsPlace(t);
  const [log, other] = [await place.open(), await place.open()];
  /** @type {Faults} */
  const faults = { flush: failing("InvalidStateError") };
  const watched = watchHandles(t, faults);
  const group = [true, false, true].map((sync, i) => log.append(entry(`${i}`), { sync }));
  assert.deepEqual(await endsOf(group), ["SYNC_FAILED", "done", "SYNC_FAILED"]);
  const error = await group[0].catch((error) => error);
  assert.deepEqual(
    [error.path.endsWith("/s.jsonl"), error.cause.name],
    [true, "InvalidStateError"],
  );
  // A flush that works later says nothing of the earlier bytes, which the system may have dropped.
  faults.flush = undefined;
  watched.done.length = 0;
  assert.deepEqual(await endsOf([log.append(entry("3"), { sync: true })]), ["SYNC_FAILED"]);
  assert.deepEqual(watched.done, []);
  assert.deepEqual(await endsOf([log.append(entry("4"))]), ["done"]);
  assert.deepEqual(await endsOf([other.append(entry("5"), { sync: true })]), ["done"]);
  assert.deepEqual(watched.done, [...written, ...synced]);
  assert.deepEqual(
    (await log.read()).map(({ skill }) => skill),
    ["0", "1", "2", "4", "5"],
  );
  await Promise.all([log.close(), other.close()]);
});

/** A log with damage: a torn line, and a torn entry before a whole one. */
const damaged = `${TORN}\n${line("a")}\n${TORN}${line("b")}\n${line("c")}\n`;

/** @type {Record<string, (log: SessionLog) => Promise<unknown>>} */
const works = {
  "an append": (log) => log.append(entry("a")),
  "a synced append": (log) => log.append(entry("a"), { sync: true }),
  "an append of many entries": (log) =>
    log.append(Array.from({ length: 2000 }, (_, i) => entry(`${i}`))),
  "a repair": (log) => log.repair(),
};

for (const [what, work] of Object.entries(works)) {
  // A frozen tab would keep an open file.
  test(`awaits nothing while a file is open when ${what} is made`, async (t) => {
    const place = await opfsPlace(t);
    await place.put(damaged);
    const log = await place.open();
    const watched = watchHandles(t);
    for (let times = 0; times < 5; times += 1) await work(log);
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(watched.done.includes("close s.jsonl"), true);
    assert.deepEqual(watched.kept, []);
    await log.close();
  });
}

test("flushes saved bytes first, and each step before the next, when it repairs", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const log = await place.open();
  const { done } = watchHandles(t);
  assert.equal((await log.repair()).repaired, 2);
  const saved = ["open s.damaged", "write s.damaged", "flush s.damaged", "close s.damaged"];
  // The steps: no doubtful object can be recovered, entries are parted from damage before them, no
  // damage decodes, no damage is left.
  assert.deepEqual(done, [...saved, ...synced, ...synced, ...synced, ...synced]);
  await log.close();
});

test("overwrites in one step when damage cannot be an entry", async (t) => {
  const place = await opfsPlace(t);
  await place.put(`x\n${line("a")}\n\0\0\n`);
  const log = await place.open();
  const { done } = watchHandles(t);
  assert.equal((await log.repair()).repaired, 2);
  assert.deepEqual(done, [
    "open s.damaged",
    "write s.damaged",
    "flush s.damaged",
    "close s.damaged",
    ...synced,
  ]);
  await log.close();
});

test("opens its files for one part at a time when it repairs much damage", async (t) => {
  const place = await opfsPlace(t);
  // A long line, and many lines.
  await place.put(`${"x".repeat(10 * MIB)}\n${`x\n${line("a")}\n`.repeat(3000)}`);
  const log = await place.open();
  const { mostBytes, mostWrites } = watchHandles(t);
  assert.equal((await log.repair()).repaired, 3000);
  assert(
    mostBytes["s.jsonl"] <= MIB && mostBytes["s.damaged"] <= 2 * MIB,
    JSON.stringify(mostBytes),
  );
  assert(mostWrites["s.jsonl"] <= 1000, `${mostWrites["s.jsonl"]} writes`);
  assert.deepEqual((await log.verify()).damage, []);
  await log.close();
});

test("looks at damage again when others changed it after it was saved", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const [log, other] = [await place.open(), await place.open()];
  let isFirst = true;
  watchHandles(t, {
    async open(name) {
      if (name !== "s.jsonl" || !isFirst) return;
      isFirst = false;
      assert.equal((await other.repair()).repaired, 2);
    },
  });
  assert.equal((await log.repair()).repaired, 0);
  assert.deepEqual(
    (await log.read()).map(({ skill }) => skill),
    ["a", "b", "c"],
  );
  await Promise.all([log.close(), other.close()]);
});

test("seals no line when the file has grown since it was looked at", async (t) => {
  const place = await opfsPlace(t);
  await place.put(`${line("a")}\n${TORN}`);
  const log = await place.open();
  const { now } = Date;
  Date.now = () => now() + 61_000;
  t.after(() => (Date.now = now));
  let isFirst = true;
  watchHandles(t, {
    async open(name) {
      if (name !== "s.jsonl" || !isFirst) return;
      isFirst = false;
      await place.put("more");
    },
  });
  assert.equal((await log.repair()).sealed, undefined);
  assert.equal(existing(await place.bytes()).toString(), `${line("a")}\n${TORN}more`);
  await log.close();
});

/**
 * How saving damaged bytes may fail.
 *
 * @type {Record<string, [faults: Faults, error: object]>}
 */
const unsaved = {
  "there is no room": [{ write: failing("QuotaExceededError") }, { code: "QUOTA_EXCEEDED" }],
  "a write takes no byte": [{ write: () => 0 }, { code: "QUOTA_EXCEEDED" }],
  "a flush fails": [{ flush: failing("InvalidStateError") }, { code: "IO_ERROR" }],
  "the file cannot be opened": [{ open: failing("InvalidStateError") }, { code: "IO_ERROR" }],
};

/** Returns faults of one file only. @type {(file: string, faults: Faults) => Faults} */
const faultsOf = (file, { open, write, flush }) => ({
  open: (name) => name === file && open?.(name),
  write: (name, own, bytes) => (name === file && write ? write(name, own, bytes) : own()),
  flush: (name, own) => (name === file && flush ? flush(name, own) : own()),
});

for (const [what, [faults, error]] of Object.entries(unsaved)) {
  test(`overwrites nothing when it cannot save damaged bytes because ${what}`, async (t) => {
    const place = await opfsPlace(t);
    await place.put(damaged);
    const log = await place.open();
    const { done } = watchHandles(t, faultsOf("s.damaged", faults));
    await assert.rejects(log.repair(), { name: "SkillLogError", path: /\/s\.damaged$/, ...error });
    assert(!done.includes("open s.jsonl"), done.join());
    assert.equal(existing(await place.bytes()).toString(), damaged);
    await log.append(entry("d"));
    await log.close();
  });
}

test("rejects when a write is cut short, and repairs when called again", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const log = await place.open();
  const handles = faultsOf("s.jsonl", { write: (name, own, bytes) => bytes.length - 1 });
  watchHandles(t, handles);
  await assert.rejects(log.repair(), {
    code: "IO_ERROR",
    path: /\/s\.jsonl$/,
    message: /short write/,
  });
  handles.write = undefined;
  await log.append(entry("d"));
  assert.equal((await log.repair()).repaired, 2);
  assert.deepEqual(
    (await log.read()).map(({ skill }) => skill),
    ["a", "b", "c", "d"],
  );
  assert.deepEqual((await log.verify()).damage, []);
  await log.close();
});

test("rejects with REPLACED when the log is replaced while it is repaired", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const other = damaged.replaceAll('"c"', '"z"');
  await place.put(other, "z.jsonl");
  const log = await place.open();
  watchHandles(t, {
    async open(name) {
      if (name === "s.jsonl") await place.move("z.jsonl", "s.jsonl").catch(() => {});
    },
  });
  await assert.rejects(log.repair(), { code: "REPLACED", path: /\/s\.jsonl$/ });
  assert.equal(existing(await place.bytes()).toString(), other);
  await log.append(entry("d"));
  assert.equal((await log.read({ onDamage() {} })).at(-1)?.skill, "d");
  await log.close();
});

test("rejects with BUSY when others append while it rewrites the file", async (t) => {
  const place = await opfsPlace(t);
  await place.put(`${line("a")}${line("b")}\n`);
  const log = await place.open();
  const { write } = FileSystemWritableFileStream.prototype;
  t.after(() => (FileSystemWritableFileStream.prototype.write = write));
  FileSystemWritableFileStream.prototype.write = async function (...args) {
    FileSystemWritableFileStream.prototype.write = write;
    await place.put(`${line("c")}\n`);
    return write.apply(this, args);
  };
  await assert.rejects(log.repair({ exclusive: true }), { code: "BUSY", path: /\/s\.jsonl$/ });
  assert.equal(
    existing(await place.bytes()).toString(),
    `${line("a")}${line("b")}\n${line("c")}\n`,
  );
  assert.equal((await log.repair({ exclusive: true })).left, 0);
  assert.equal(
    existing(await place.bytes()).toString(),
    ["a", "b", "c"].map((skill) => `${line(skill)}\n`).join(""),
  );
  await log.close();
});

/**
 * What a browser may refuse when its user has withdrawn a permission.
 *
 * @type {Record<string, [owner: { prototype: any }, name: string]>}
 */
const refusals = {
  "a folder": [FileSystemDirectoryHandle, "getFileHandle"],
  "a file": [FileSystemFileHandle, "getFile"],
};

for (const [what, [{ prototype }, method]] of Object.entries(refusals)) {
  for (const name of ["NotAllowedError", "SecurityError"]) {
    test(`rejects with STORAGE_UNAVAILABLE when reading ${what} throws ${name}`, async (t) => {
      const place = await opfsPlace(t);
      await place.put(damaged);
      const { folder } = place;
      const log = await SessionLog.open(folder, "s");
      const own = prototype[method];
      t.after(() => (prototype[method] = own));
      prototype[method] = async () => failing(name)();
      for (const work of [
        () => log.read(),
        () => log.index(),
        () => log.verify(),
        () => log.follow().next(),
        () => read(folder, "s"),
      ]) {
        await assert.rejects(work, (error) => {
          assert(error instanceof SkillLogError);
          assert.deepEqual(
            [error.name, error.code, /** @type {Error} */ (error.cause)?.name],
            ["SkillLogError", "STORAGE_UNAVAILABLE", name],
            `${work}: ${error.message}`,
          );
          return true;
        });
      }
    });
  }
}

test("rejects with STORAGE_UNAVAILABLE when the browser refuses to write", async (t) => {
  for (const name of ["NotAllowedError", "SecurityError"]) {
    const place = await opfsPlace(t);
    await place.put(damaged);
    const log = await place.open();
    watchHandles(t, { open: failing(name) });
    for (const work of [() => log.append(entry("a")), () => log.repair()]) {
      await assert.rejects(
        work,
        (/** @type {any} */ error) =>
          error.code === "STORAGE_UNAVAILABLE" && error.cause?.name === name,
      );
    }
    assert.equal(existing(await place.bytes()).toString(), damaged);
    await log.close();
  }
});
