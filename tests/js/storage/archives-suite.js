// An archive, what is being archived, and a log are one session, wherever their directory is.

import assert from "node:assert/strict";
import test from "node:test";
import { copySession, SessionLog } from "skill-log";

import { archives, lines, storedFrame } from "../support/archives.js";
import { collected } from "../support/collected.js";

/** @typedef {import("skill-log").Sessions} Sessions */

/**
 * @typedef {object} ArchivesPlace a directory of one test, which is empty
 * @property {(bytes: Uint8Array, name: string) => Promise<unknown>} put makes a file, or appends to it
 * @property {() => Promise<Sessions>} sessions opens what the directory has now
 * @property {() => string[]} [openFiles] returns the files of the directory that are open
 * @property {WritablePlace} [writable] absent where the directory is only read
 *
 * @typedef {object} WritablePlace
 * @property {(id: string) => Promise<SessionLog>} open opens a session by itself
 * @property {() => Promise<import("skill-log").SessionInfo[]>} list
 * @property {(id: string) => Promise<boolean>} removeSession
 * @property {() => Promise<string[]>} names of the files
 * @property {(from: string, to: string) => Promise<unknown>} move renames a file
 * @property {(name: string) => Promise<unknown>} remove removes a file
 */

const a = lines(0, 40);
const b = lines(40, 60);
const c = lines(60, 70);
/** A line that was cut, which an archive keeps as it is. */
const torn = a.subarray(0, -30);

const quiet = { onDamage() {} };

/**
 * Returns the files of sessions, and their texts, by what there is.
 *
 * @param {(text: Uint8Array) => Buffer} framed
 * @returns {Record<string, { files: Record<string, Buffer>, text: Buffer }>}
 */
function casesOf(framed) {
  const archive = archives(framed);
  return {
    "an archive": { files: { ".zst": archive(a) }, text: a },
    "an archive of two parts": { files: { ".zst": archive(a, b) }, text: Buffer.concat([a, b]) },
    "an archive and a log": { files: { ".zst": archive(a), "": b }, text: Buffer.concat([a, b]) },
    "an archive by another program, and a log": {
      files: { ".zst": framed(a), "": b },
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
}

/**
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<ArchivesPlace>} makePlace
 * @param {(text: Uint8Array) => Buffer} [framed] makes a frame of Zstandard
 */
export function archivesSuite(name, makePlace, framed = storedFrame) {
  const archive = archives(framed);

  test(`${name}: reads one session, whichever of its files are archived`, async (t) => {
    const { put, sessions: open, openFiles, writable } = await makePlace(t);
    const cases = Object.fromEntries(
      Object.entries(casesOf(framed)).map(([title, files]) => [title.replace(/\W+/g, "-"), files]),
    );
    for (const [id, { files }] of Object.entries(cases))
      for (const [end, bytes] of Object.entries(files)) await put(bytes, `${id}.jsonl${end}`);
    const sessions = await open();
    t.after(() => sessions.close());
    const ids = Object.keys(cases).sort();
    const summaries = await collected(sessions.list());
    assert.deepEqual(summaries.map(({ id }) => id).sort(), ids);
    const index = await sessions.index();
    const reports = await sessions.verify();
    const hits = [...(await index.search("k39"))].map((row) => index.row(row).session);
    for (const [id, { text }] of Object.entries(cases)) {
      const plain = await SessionLog.from(text);
      const entries = await plain.read(quiet);
      const log = sessions.open(id);
      assert.deepEqual(Buffer.from(await log.bytes()), text, id);
      const { pending: _, ...expected } = await plain.verify();
      const damage = expected.damage.map((each) => ({ ...each, session: id }));
      const found = summaries.find((summary) => summary.id === id);
      assert.deepEqual(
        [found?.archived, found?.bytes, found?.entries, found?.error],
        [true, text.length, entries.length, undefined],
        id,
      );
      const rows = [...index.select()].filter((row) => index.row(row).session === id);
      assert.deepEqual(await index.entries(rows), entries, id);
      const { pending: _pending, ...report } = reports.find(({ session }) => session === id) ?? {};
      assert.deepEqual(report, { ...expected, session: id, damage }, id);
    }
    assert.deepEqual(
      hits.sort(),
      ids.filter((id) => !id.includes("torn")),
    );
    const log = sessions.open("a-file-that-is-archived-in-part");
    assert.deepEqual(
      (await log.last({ count: 15 })).map(({ skill }) => skill),
      Array.from({ length: 15 }, (_, at) => `k${55 + at}`),
    );
    const [first, last] = await (await log.index()).entries([0, 69]);
    assert.deepEqual([first.skill, last.skill], ["k0", "k69"]);
    assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
    assert.equal((await sessions.index({ ids: ["an-archive"] })).length, 40);
    assert.deepEqual(openFiles?.() ?? [], []);
    if (!writable) return;
    assert.deepEqual(
      (await writable.list()).map(({ id, archived }) => (archived ? id : "")).sort(),
      ids,
    );
    const copy = copySession(await SessionLog.from(a), await writable.open("an-archive"));
    await assert.rejects(copy, { code: "EXISTS" });
    // An append goes to a log, and the index reads on.
    const appended = [
      "an-archive",
      "a-file-that-is-to-be-archived",
      "a-file-that-is-archived-in-part",
    ];
    for (const id of appended) {
      const log = await writable.open(id);
      await log.append({ skill: "new", final_status: "ok" });
      assert.equal((await log.read(quiet)).at(-1)?.skill, "new");
      await log.close();
      assert.ok((await writable.names()).includes(`${id}.jsonl`), id);
    }
    assert.deepEqual(await index.refresh(), { added: appended.length, removed: 0 });
    for (const id of appended) {
      assert.equal(await writable.removeSession(id), true);
      assert.equal(await writable.removeSession(id), false);
    }
    const left = await writable.names();
    assert.deepEqual(
      left.filter((file) => appended.some((id) => file.startsWith(`${id}.`))),
      [],
    );
    assert.deepEqual(
      (await writable.list()).map(({ id }) => id).sort(),
      ids.filter((id) => !appended.includes(id)),
    );
  });

  test(`${name}: returns what can be read, and an error, when an archive is damaged`, async (t) => {
    const { put, sessions: open } = await makePlace(t);
    const whole = archive(a);
    const damaged = Buffer.from(whole);
    // The first byte of a frame.
    damaged.writeUInt32LE(0, framed(a.subarray(0, 4096)).length);
    for (const [id, bytes] of Object.entries({
      cut: whole.subarray(0, whole.length >> 1),
      damaged,
    })) {
      await put(bytes, `${id}.jsonl.zst`);
      await put(b, `${id}.jsonl`);
    }
    const sessions = await open();
    t.after(() => sessions.close());
    for (const id of ["cut", "damaged"]) {
      const log = sessions.open(id);
      /** @type {string[]} */
      const found = [];
      await assert.rejects(
        async () => {
          for await (const { entry } of log.records()) found.push(entry.skill);
        },
        { code: "NOT_DECOMPRESSED" },
      );
      assert.ok(found.length > 0 && found.length < 40, `${found.length}`);
      assert.deepEqual(
        found,
        found.map((_, at) => `k${at}`),
      );
      for (const call of [() => log.read(), () => log.verify(), () => log.index()])
        await assert.rejects(call, { code: "NOT_DECOMPRESSED" });
    }
    const failed = (await collected(sessions.list())).filter(({ error }) => error);
    assert.deepEqual(failed.map(({ id }) => id).sort(), ["cut", "damaged"]);
  });
}

/**
 * What follows archived sessions of a directory that can be written to.
 *
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<ArchivesPlace & { writable: WritablePlace }>} makePlace
 */
export function followedArchivesSuite(name, makePlace) {
  const archive = archives(storedFrame);

  test(`${name}: follows what is appended after an archive, at offsets of the whole text`, async (t) => {
    const { put, writable } = await makePlace(t);
    await put(archive(a), "s.jsonl.zst");
    const log = await writable.open("s");
    t.after(() => log.close());
    const following = log.follow();
    const next = async () => (await following.next()).value;
    for (let at = 0; at < 40; at += 1) assert.equal((await next())?.entry.skill, `k${at}`);
    await log.append({ skill: "first", final_status: "ok" });
    const first = await next();
    assert.deepEqual([first?.entry.skill, first?.offset], ["first", a.length]);
    await log.append({ skill: "second", final_status: "ok" });
    const second = await next();
    assert.deepEqual([second?.entry.skill, second?.offset], ["second", first?.end]);
    const tail = log.follow({ from: second?.end });
    const coming = tail.next();
    await log.append({ skill: "third", final_status: "ok" });
    assert.equal((await coming).value?.entry.skill, "third");
    assert.equal((await next())?.entry.skill, "third");
    await tail.return();
    await following.return();
  });

  test(`${name}: rejects after what can be read when a followed archive is damaged`, async (t) => {
    const { put, sessions: open, writable } = await makePlace(t);
    const whole = archive(a);
    const damaged = Buffer.from(whole);
    // The first byte of the last frame.
    const frame = storedFrame(a.subarray(0, 4096));
    damaged.writeUInt32LE(0, Math.floor(a.length / 4096) * frame.length);
    await put(whole.subarray(0, whole.length >> 1), "cut.jsonl.zst");
    await put(whole.subarray(0, -9), "ends.jsonl.zst");
    await put(damaged, "damaged.jsonl.zst");
    const sessions = await open();
    t.after(() => sessions.close());
    for (const id of ["cut", "ends", "damaged"]) {
      await put(b, `${id}.jsonl`);
      const log = await writable.open(id);
      t.after(() => log.close());
      const read = async (/** @type {AsyncIterable<import("skill-log").LogRecord>} */ records) => {
        /** @type {string[]} */
        const found = [];
        await assert.rejects(
          async () => {
            for await (const { entry } of records) found.push(entry.skill);
          },
          { code: "NOT_DECOMPRESSED" },
          id,
        );
        return found;
      };
      const expected = await read(log.records());
      assert.ok(expected.length > 0, id);
      assert.deepEqual(await read(log.follow()), expected, id);
      // The end is known where the table of frames is whole.
      if (id !== "damaged") assert.deepEqual(await read(log.follow({ from: "end" })), [], id);
      const of = sessions.open(id);
      assert.deepEqual(await read(of.follow()), expected, id);
    }
  });

  for (const isTold of [true, false])
    test(`${name}: follows the other sessions when an archive is damaged ${isTold ? "with" : "without"} onFailure`, async (t) => {
      const { put, sessions: open, writable } = await makePlace(t);
      const whole = archive(a);
      await put(whole.subarray(0, whole.length >> 1), "cut.jsonl.zst");
      await put(b, "good.jsonl");
      const sessions = await open();
      t.after(() => sessions.close());
      /** @type {string[]} */
      const failures = [];
      const onFailure = (
        /** @type {Error & { code: string }} */ { code },
        /** @type {string} */ id,
      ) => failures.push(`${id} ${code}`);
      /** @type {Record<string, string[]>} */
      const found = { cut: [], good: [] };
      for await (const { session, entry } of sessions.follow(isTold ? { onFailure } : {})) {
        found[session].push(entry.skill);
        if (entry.skill === "new") break;
        if (found.cut.length + found.good.length < 30) continue;
        const log = await writable.open("good");
        await log.append({ skill: "new", final_status: "ok" });
        await log.close();
      }
      assert.deepEqual(found, {
        cut: Array.from({ length: 10 }, (_, at) => `k${at}`),
        good: [...Array.from({ length: 20 }, (_, at) => `k${40 + at}`), "new"],
      });
      assert.deepEqual(failures, isTold ? ["cut NOT_DECOMPRESSED"] : []);
    });

  test(`${name}: never mixes two texts when an archive is replaced while it is read`, async (t) => {
    const { put, writable } = await makePlace(t);
    const last = 6000;
    await put(archive(a), "s.jsonl.zst");
    await put(lines(40, last), "s.jsonl");
    const log = await writable.open("s");
    t.after(() => log.close());
    /** @type {string[]} */
    const found = [];
    try {
      for await (const { entry } of log.records()) {
        found.push(entry.skill);
        if (found.length > 1) continue;
        await writable.remove("s.jsonl.zst");
        await put(archive(lines(900, 910)), "s.jsonl.zst");
      }
      assert.equal(found.length, last);
    } catch (error) {
      // The new archive may be read while it is written.
      assert.match(/** @type {any} */ (error).code, /^(REPLACED|NOT_DECOMPRESSED)$/);
    }
    assert.deepEqual(
      found,
      found.map((_, at) => `k${at}`),
    );
  });

  test(`${name}: follows archived and other sessions, at offsets of their texts`, async (t) => {
    const { put, sessions: open, writable } = await makePlace(t);
    await put(archive(a), "s.jsonl.zst");
    await put(b, "s.jsonl");
    await put(c, "t.jsonl");
    const sessions = await open();
    t.after(() => sessions.close());
    const first = async (/** @type {any} */ from, /** @type {number} */ count) => {
      const found = [];
      const following = sessions.follow({ from });
      if (from === "end")
        setTimeout(async () => {
          const log = await writable.open("s");
          await log.append({ skill: "new", final_status: "ok" });
          await log.close();
        }, 50);
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
    for (const seen of [lines(0, 30).length, lines(0, 50).length]) {
      const expected = [...(await own("s", text, seen)), ...others].sort();
      assert.deepEqual(await first(new Map([["s", seen]]), expected.length), expected);
    }
    assert.deepEqual(await first("end", 1), [`s ${text.length} new`]);
  });
}

/**
 * What follows a session whose files are archived meanwhile.
 *
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<Omit<ArchivesPlace, "writable"> & { writable: Pick<WritablePlace, "open" | "move" | "remove"> }>} makePlace
 * @param {boolean} [isOneText] whether offsets stay those of the text when a log is archived
 */
export function archivedWhileFollowedSuite(name, makePlace, isOneText = false) {
  const archive = archives(storedFrame);

  test(`${name}: returns each entry once when a log is archived while it is followed`, async (t) => {
    const { put, sessions: open, writable } = await makePlace(t);
    const { move, remove } = writable;
    await put(a, "s.jsonl");
    const log = await writable.open("s");
    const sessions = await open();
    t.after(async () => {
      await sessions.close();
      await log.close();
    });
    const followers = [log.follow(), ...(isOneText ? [sessions.follow()] : [])];
    /** @type {unknown[][]} */
    const found = followers.map(() => []);
    const take = async (/** @type {number} */ count) => {
      for (const [at, following] of followers.entries())
        while (found[at].length < count) {
          const record = (await following.next()).value;
          found[at].push(isOneText ? [record?.entry.skill, record?.offset] : record?.entry.skill);
        }
    };
    await take(40);
    await move("s.jsonl", "s.jsonl.0.archiving");
    await put(b.subarray(0, lines(40, 41).length), "s.jsonl");
    await take(41);
    await put(archive(a), "s.jsonl.zst");
    await remove("s.jsonl.0.archiving");
    await put(lines(41, 42), "s.jsonl");
    await take(42);
    await move("s.jsonl", "s.jsonl.1.archiving");
    await put(lines(42, 43), "s.jsonl");
    await take(43);
    for (const following of followers) await following.return();
    const expected = Array.from({ length: 43 }, (_, at) =>
      isOneText ? [`k${at}`, lines(0, at).length] : `k${at}`,
    );
    for (const each of found) assert.deepEqual(each, expected);
  });
}
