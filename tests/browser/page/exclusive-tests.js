// What is done with the exclusive handle of a file, in which order, and what becomes of the log where it fails.

import assert from "node:assert/strict";
import test from "node:test";
import { read, SessionLog } from "skill-log";

import { entry, line, TORN } from "../../js/lines.js";
import { opfsPlace } from "./opfs-place.js";
import { watchHandles } from "./watched-handles.js";

const MIB = 1 << 20;

/** How a file is appended to. */
const written = ["open s.jsonl", "write s.jsonl", "close s.jsonl"];
const synced = ["open s.jsonl", "write s.jsonl", "flush s.jsonl", "close s.jsonl"];

const failing = (name) => () => {
  throw new DOMException("as in this test", name);
};

/** @param {Promise<unknown>[]} promises @returns {Promise<string[]>} how each ends */
async function endsOf(promises) {
  return (await Promise.allSettled(promises)).map(({ reason }) => (reason ? reason.code : "done"));
}

/** @type {Record<string, [syncs: boolean[], done: string[]]>} */
const batches = {
  "one append": [[false], written],
  "a synced append": [[true], synced],
  "many appends at once": [Array(20).fill(false), written],
  "many synced appends at once": [Array(20).fill(true), synced],
  "many appends at once, one of them synced": [[false, false, true, false], synced],
};

for (const [what, [syncs, expected]] of Object.entries(batches)) {
  test(`${what} ${syncs.length > 1 ? "are" : "is"} one write${syncs.includes(true) ? ", and one flush behind it" : ""}`, async (t) => {
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

test("after a sync that failed, no synced append of that log is acknowledged; others are", async (t) => {
  const place = await opfsPlace(t);
  const [log, other] = [await place.open(), await place.open()];
  const faults = { flush: failing("InvalidStateError") };
  const watched = watchHandles(t, faults);
  const group = [true, false, true].map((sync, i) => log.append(entry(`${i}`), { sync }));
  assert.deepEqual(await endsOf(group), ["SYNC_FAILED", "done", "SYNC_FAILED"]);
  const error = await group[0].catch((error) => error);
  assert.deepEqual(
    [error.path.endsWith("/s.jsonl"), error.cause.name],
    [true, "InvalidStateError"],
  );
  // What could not be written may be forgotten: a flush that works says nothing of it.
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

/** What a log has to be repaired: a line in the middle, and one in front of it. */
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
  test(`${what} awaits nothing while it has a file open: a frozen tab would keep it`, async (t) => {
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

test("a repair brings what it saves to the disk before it overwrites, and each step before the next", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const log = await place.open();
  const { done } = watchHandles(t);
  assert.equal((await log.repair()).repaired, 2);
  const saved = ["open s.damaged", "write s.damaged", "flush s.damaged", "close s.damaged"];
  // No object is recovered any more; entries are parted from what stands before them; nothing decodes; nothing is left.
  assert.deepEqual(done, [...saved, ...synced, ...synced, ...synced, ...synced]);
  await log.close();
});

test("a repair of what cannot be an entry overwrites it at once", async (t) => {
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

test("a repair of much damage has its files for a part of it at a time", async (t) => {
  const place = await opfsPlace(t);
  // One line that is long, and lines that are many.
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

test("a repair judges again what others changed after it was saved", async (t) => {
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

test("a repair ends no line of a file that has grown since", async (t) => {
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
  assert.equal((await place.bytes()).toString(), `${line("a")}\n${TORN}more`);
  await log.close();
});

/** @type {Record<string, [faults: import("./watched-handles.js").Faults, error: object]>} what fails of the file that is saved to */
const unsaved = {
  "there is no room": [{ write: failing("QuotaExceededError") }, { code: "QUOTA_EXCEEDED" }],
  "nothing is taken, and nothing said": [{ write: () => 0 }, { code: "QUOTA_EXCEEDED" }],
  "it cannot be brought to the disk": [
    { flush: failing("InvalidStateError") },
    { code: "IO_ERROR" },
  ],
  "it cannot be opened": [{ open: failing("InvalidStateError") }, { code: "IO_ERROR" }],
};

/** Has faults for one file alone. @param {string} file @param {import("./watched-handles.js").Faults} faults */
const faultsOf = (file, { open, write, flush }) => ({
  open: (name) => name === file && open?.(name),
  write: (name, own, bytes) => (name === file && write ? write(name, own, bytes) : own()),
  flush: (name, own) => (name === file && flush ? flush(name, own) : own()),
});

for (const [what, [faults, error]] of Object.entries(unsaved)) {
  test(`a repair overwrites nothing that it could not save: ${what}`, async (t) => {
    const place = await opfsPlace(t);
    await place.put(damaged);
    const log = await place.open();
    const { done } = watchHandles(t, faultsOf("s.damaged", faults));
    await assert.rejects(log.repair(), { name: "SkillLogError", path: /\/s\.damaged$/, ...error });
    assert(!done.includes("open s.jsonl"), done.join());
    assert.equal((await place.bytes()).toString(), damaged);
    await log.append(entry("d"));
    await log.close();
  });
}

test("a write of a repair that is cut short is an error, and the repair can be done again", async (t) => {
  const place = await opfsPlace(t);
  await place.put(damaged);
  const log = await place.open();
  const faults = { write: (name, own, bytes) => bytes.length - 1 };
  const handles = faultsOf("s.jsonl", faults);
  watchHandles(t, handles);
  await assert.rejects(log.repair(), {
    code: "IO_ERROR",
    path: /\/s\.jsonl$/,
    message: /short write/,
  });
  faults.write = undefined;
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

test("a repair changes nothing in a file that took the log's place, and lets go of it", async (t) => {
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
  assert.equal((await place.bytes()).toString(), other);
  await log.append(entry("d"));
  assert.equal((await log.read({ onDamage() {} })).at(-1).skill, "d");
  await log.close();
});

test("what is added while a file is rewritten is in it, or the file is not rewritten", async (t) => {
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
  assert.equal((await place.bytes()).toString(), `${line("a")}${line("b")}\n${line("c")}\n`);
  assert.equal((await log.repair({ exclusive: true })).left, 0);
  assert.equal(
    (await place.bytes()).toString(),
    ["a", "b", "c"].map((skill) => `${line(skill)}\n`).join(""),
  );
  await log.close();
});

/** @type {Record<string, [owner: { prototype: any }, name: string]>} what a browser may refuse, once a user has taken back what was allowed */
const refusals = {
  "a folder": [FileSystemDirectoryHandle, "getFileHandle"],
  "a file": [FileSystemFileHandle, "getFile"],
};

for (const [what, [{ prototype }, method]] of Object.entries(refusals)) {
  for (const name of ["NotAllowedError", "SecurityError"]) {
    test(`where the browser comes to refuse ${what} by ${name}, that is said of reading it`, async (t) => {
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
          assert.deepEqual(
            [error.name, error.code, error.cause?.name],
            ["SkillLogError", "STORAGE_UNAVAILABLE", name],
            `${work}: ${error.message}`,
          );
          return true;
        });
      }
    });
  }
}

test("where the browser refuses to write, appending and repairing say so", async (t) => {
  for (const name of ["NotAllowedError", "SecurityError"]) {
    const place = await opfsPlace(t);
    await place.put(damaged);
    const log = await place.open();
    watchHandles(t, { open: failing(name) });
    for (const work of [() => log.append(entry("a")), () => log.repair()]) {
      await assert.rejects(
        work,
        (error) => error.code === "STORAGE_UNAVAILABLE" && error.cause?.name === name,
      );
    }
    assert.equal((await place.bytes()).toString(), damaged);
    await log.close();
  }
});
