// Sessions of a server have what the sessions of its directory have.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { append, serveSessions, SessionLog, Sessions } from "skill-log";

import { sentDamage } from "../../../js/serving/sent-damage.js";
import { followed } from "../following/followed.js";
import { changeLogs } from "../sessions/changing-logs.js";
import { collected } from "../support/collected.js";
import { entry, line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { ADDRESS, openServed } from "./served.js";

const LOGS = {
  "b.jsonl": `${line("b", { message: "a needle" })}\n${line("a", { final_status: "failed" })}\n`,
  "a.jsonl": `${line("a")}\n${TORN}\n{}\nKilled\n${TORN}`,
  "c d é.jsonl": line("c", { duration_ms: 2 ** 40, input: { key: ["Needle", 1] } }),
  "sub/deep/a.jsonl": `${line("c")}\n`,
  "empty.jsonl": "",
  "notes.txt": "no log",
};

/** @param {import("node:test").TestContext} t */
function directoryOf(t) {
  const dir = temporaryFolder(t);
  for (const [at, [name, text]] of Object.entries(LOGS).entries()) {
    const file = path.join(dir, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    fs.utimesSync(file, 1e9 + at, 1e9 + at);
  }
  return dir;
}

test("has what an index of each log has when logs change in any way", async (t) => {
  await changeLogs(t, { numRuns: 15 }, { open: openServed });
});

test("lists, indexes, searches, reads and verifies as the directory does", async (t) => {
  const dir = directoryOf(t);
  fs.symlinkSync("a.jsonl", path.join(dir, "link.jsonl"));
  fs.writeFileSync(path.join(dir, "con.jsonl"), "");
  const remote = await openServed(dir, { recursive: true });
  t.after(() => remote.close());
  const { local } = remote;
  assert.equal(remote.path, ADDRESS);
  assert.deepEqual(await collected(remote.list()), await collected(local.list()));
  const [index, expected] = await Promise.all([remote.index(), local.index()]);
  const { length } = expected;
  assert.ok(length > 5);
  assert.deepEqual(index.range(0, index.length), expected.range(0, length));
  assert.deepEqual(index.logs(), expected.logs());
  assert.deepEqual(index.damage, expected.damage);
  assert.deepEqual(index.stats(), expected.stats());
  assert.deepEqual(
    [index.bytes, index.damaged, index.foreign, index.pending],
    [expected.bytes, expected.damaged, expected.foreign, expected.pending],
  );
  assert.deepEqual(
    await index.entries({ start: 0, end: length }),
    await expected.entries({ start: 0, end: length }),
  );
  assert.deepEqual(await index.places(3, "needle"), await expected.places(3, "needle"));
  assert.deepEqual(await remote.verify(), await local.verify());
  assert.deepEqual(
    await remote.verify({ ids: ["a", "none"] }),
    await local.verify({ ids: ["a", "none"] }),
  );
  const some = await remote.index({ ids: ["b", "sub/deep/a", "none"] });
  assert.deepEqual(
    some.logs().map(({ session }) => session),
    ["b", "sub/deep/a"],
  );
  const none = await remote.index({ ids: [] });
  assert.equal(none.length, 0);
});

test("leaves out the other logs when an index names more ids than a request", async (t) => {
  const dir = temporaryFolder(t);
  const ids = Array.from({ length: 150 }, (_, at) => `s${String(at).padStart(3, "0")}`);
  for (const id of ids) fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${line(id)}\n`);
  const remote = await openServed(dir);
  t.after(() => remote.close());
  const wanted = ids.filter((_, at) => at % 2 === 0);
  const index = await remote.index({ ids: wanted });
  assert.deepEqual(
    index.range(0, index.length).map(({ session, skill }) => [session, skill]),
    wanted.map((id) => [id, id]),
  );
  assert.deepEqual(await index.entry(74), entry("s148"));
  assert.equal((await index.search("s14")).length, 5);
});

test("takes what logs with much damage have, of rows and reports", async (t) => {
  const dir = temporaryFolder(t);
  // Damage of one kind after damage of another kind has a description each.
  const damaged = (/** @type {number} */ count) => "x\n\0\n".repeat(count / 2);
  const ids = Array.from({ length: 50 }, (_, at) => `s${at + 10}`);
  for (const id of ids) {
    const text = `${line(id)}\n${damaged(1200)}${line(id)}\n${damaged(1200)}`;
    fs.writeFileSync(path.join(dir, `${id}.jsonl`), text);
  }
  fs.writeFileSync(path.join(dir, "worst.jsonl"), damaged(130_000));
  /** @type {number[]} */
  const sizes = [];
  const remote = await openServed(dir, {}, (answer) => async (url, init) => {
    const response = await answer(new Request(url, init));
    const bytes = Buffer.from(await response.arrayBuffer());
    if (url.includes("/rows"))
      for (let at = 0; at < bytes.length; at += 5 + (sizes.at(-1) ?? 0))
        sizes.push(bytes.readUInt32LE(at + 1));
    return new Response(bytes, response);
  });
  t.after(() => remote.close());
  const index = await remote.index();
  assert.equal(index.length, 100);
  assert.equal(index.damaged, 50 * 2400 + 130_000);
  // Of all logs together, the descriptions are larger than a frame may be where each has the most.
  assert.ok(Math.max(...sizes) < 5 << 20, `${Math.max(...sizes)} bytes in a frame`);
  const described = new Map();
  for (const { session } of index.damage) described.set(session, (described.get(session) ?? 0) + 1);
  assert.equal(described.size, 51);
  for (const [session, count] of described)
    assert.equal(count, session === "worst" ? 10_000 : 2400);
  const reports = await remote.verify();
  assert.equal(reports.length, 51);
  for (const { session, damage, damaged } of reports) {
    assert.equal(damage.length, session === "worst" ? 10_000 : 2400);
    assert.equal(damaged, session === "worst" ? 130_000 : 2400);
    assert.ok(damage.every((each) => each.session === session));
  }
});

test("sends of damage with many doubtful entries the first ones", () => {
  const place = { offset: 1, length: 2 };
  const described = (/** @type {number} */ doubtful) =>
    /** @type {const} */ ({
      kind: "corrupt",
      reason: "r",
      offset: 0,
      length: 9,
      recovered: 0,
      session: "a",
      ...(doubtful > 0 && { doubtful: new Array(doubtful).fill(place) }),
    });
  const counted = (/** @type {number[]} */ doubtful) => {
    const { damage, places } = sentDamage(doubtful.map(described));
    assert.ok(damage.every((each) => !("session" in each)));
    return [places, ...damage.map((each) => each.doubtful?.length ?? 0)];
  };
  assert.deepEqual(counted([0, 2]), [4, 0, 2]);
  assert.deepEqual(counted([9_000, 5_000, 0]), [10_001, 9_000, 999]);
  assert.deepEqual(counted([50_000]), [10_001, 10_000]);
});

test("asks for nothing by an address that servers find too long", async (t) => {
  const dir = temporaryFolder(t);
  const ids = Array.from({ length: 1100 }, (_, at) => `${"é".repeat(95)}${at + 1000}`);
  for (const id of ids) fs.writeFileSync(path.join(dir, `${id}.jsonl`), `${line(`${id} 日`)}\n`);
  /** @type {string[]} */
  const asked = [];
  const remote = await openServed(dir, {}, (answer) => (url, init) => {
    asked.push(url);
    return answer(new Request(url, init));
  });
  t.after(() => remote.close());
  const some = await remote.index({ ids: ids.slice(0, 64) });
  assert.equal(some.length, 64);
  assert.deepEqual(await some.refresh(), { added: 0, removed: 0 });
  const reports = await remote.verify({ ids: ids.slice(0, 64) });
  assert.deepEqual(
    reports.map(({ session }) => session),
    ids.slice(0, 64),
  );
  // Ids that fit are named.
  assert.equal((await remote.index({ ids: ids.slice(0, 5) })).length, 5);
  assert.match(asked.at(-1) ?? "", /\?id=/);
  const index = await remote.index();
  const rows = Uint32Array.from({ length: 1000 }, (_, at) => at);
  assert.equal((await index.search("日", { rows })).length, 1000);
  assert.equal((await index.search("日".repeat(800), { rows })).length, 0);
  for (const url of asked) assert.ok(url.length < 8000, url.slice(0, 100));
});

test("indexes some logs while the server still reads the others", async (t) => {
  let release = () => {};
  const held = new Promise((done) => (release = () => done(undefined)));
  let isRead = false;
  /** A log that is long enough to be read by itself, from a disk that does not answer yet. */
  class Held extends File {
    /** @param {number} [start] @param {number} [end] */
    slice(start, end) {
      isRead = true;
      const part = super.slice(start, end);
      const arrayBuffer = () => held.then(() => Blob.prototype.arrayBuffer.call(part));
      return Object.assign(part, { arrayBuffer });
    }
  }
  const slow = new Held([new Uint8Array(9 << 20).fill(0x0a)], "slow.jsonl");
  const quick = ["a", "b"].map((id) => new File([`${line(id)}\n`], `${id}.jsonl`));
  const remote = await openServed([slow, ...quick]);
  t.after(() => remote.close());
  const all = remote.index();
  const one = await remote.index({ ids: ["b"] });
  assert.ok(isRead, "the index of all logs is being read");
  assert.deepEqual([one.length, one.row(0).session, one.row(0).skill], [1, "b", "b"]);
  assert.deepEqual(await one.refresh(), { added: 0, removed: 0 });
  release();
  assert.equal((await all).length, 2);
});

test("tells what logs hold when it is asked at any moment while their rows come", async (t) => {
  const dir = directoryOf(t);
  /** @type {import("skill-log").LogIndex | undefined} */
  let loading;
  /** Sends an answer in small pieces. After each, somebody asks what the logs hold. */
  const remote = await openServed(dir, {}, (answer) => async (url, init) => {
    const response = await answer(new Request(url, init));
    if (!response.ok || !response.body) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    let at = 0;
    const body = new ReadableStream({
      async pull(controller) {
        await wait(0);
        loading?.logs();
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += 16)));
        else controller.close();
      },
    });
    return new Response(body, { status: response.status, headers: response.headers });
  });
  t.after(() => remote.close());
  const index = await remote.index({ onStart: (started) => void (loading = started) });
  assert.ok(loading, "the index shows itself while it is read");
  assert.deepEqual(index.logs(), (await remote.local.index()).logs());
});

test("goes on with an index of some logs that the server forgot", async (t) => {
  const dir = temporaryFolder(t);
  const lines = Array.from({ length: 40 }, (_, at) => `${line("x", { message: `n ${at}` })}\n`);
  for (let at = 0; at < 50; at += 1)
    fs.writeFileSync(path.join(dir, `s${at}.jsonl`), lines.join(""));
  /** @type {string[]} */
  const asked = [];
  const remote = await openServed(dir, {}, (answer) => (url, init) => {
    asked.push(url.slice(ADDRESS.length).replace(/\?.*/, ""));
    return answer(new Request(url, init));
  });
  t.after(() => remote.close());
  const index = await remote.index({ ids: ["s0", "s1"] });
  const found = await index.search("n 3");
  assert.equal(found.length, 22);
  assert.deepEqual(asked, ["api/v1/rows", "api/v1/search"]);
  for (let at = 2; at < 50; at += 1) await remote.index({ ids: [`s${at}`] });
  assert.deepEqual(await index.search("n 3"), found);
  assert.ok(asked.slice(-3).includes("api/v1/log"), "the client searches");
  fs.appendFileSync(path.join(dir, "s1.jsonl"), `${line("y", { message: "n 3" })}\n`);
  // The server has a new index, so all its rows come again.
  assert.deepEqual(await index.refresh(), { added: 81, removed: 80 });
  assert.equal((await index.search("n 3")).length, 23);
});

/** Rows enough for several frames, and for a search that the server does. */
const MANY = 40_000;

/** @type {[name: string, text: string | RegExp, ignoreCase?: boolean][]} */
const SEARCHES = [
  ["a text", "needle 7"],
  ["a text in any case", "NEEDLE 77", true],
  ["an expression", /needle 1\d{3}\b/],
  ["an expression in any case", /^NEEDLE 39/, true],
  ["an expression with flags of its own", /NEEDLE 12\d*$/giu],
  ["a lone surrogate", "\ud800"],
  ["a text that is too long for a request", "x".repeat(1001)],
  ["nothing", "no such text"],
  ["an expression with the flag v", new RegExp("[n&&\\w]eedle 39[0-4]\\b", "v")],
];

test("finds what the directory finds when the server searches", async (t) => {
  const dir = temporaryFolder(t);
  const half = Array.from(
    { length: MANY / 2 },
    (_, at) => `${line("s", { message: `needle ${at}` })}\n`,
  );
  for (const id of ["a", "b"]) fs.writeFileSync(path.join(dir, `${id}.jsonl`), half.join(""));
  fs.writeFileSync(path.join(dir, "z.jsonl"), `${line("s", { message: "\ufffd" })}\n`);
  /** @type {string[]} */
  const asked = [];
  const remote = await openServed(dir, {}, (answer) => (url, init) => {
    asked.push(url.slice(ADDRESS.length).replace(/\?.*/, ""));
    return answer(new Request(url, init));
  });
  t.after(() => remote.close());
  const [index, expected] = [await remote.index(), await remote.local.index()];
  assert.equal(index.length, MANY + 1);
  assert.deepEqual([...index.column("offset")], [...expected.column("offset")]);
  for (const [name, text, ignoreCase = false] of SEARCHES) {
    await t.test(`finds ${name}`, async () => {
      let [rows, total, hits] = [0, 0, 0];
      const onProgress = (/** @type {any} */ progress) => {
        assert.ok(progress.rows >= rows);
        ({ rows, total } = progress);
        hits += progress.hits.length;
      };
      asked.length = 0;
      const found = await index.search(text, { ignoreCase, onProgress });
      assert.deepEqual(found, await expected.search(text, { ignoreCase }));
      assert.deepEqual([rows, total, hits], [MANY + 1, MANY + 1, found.length]);
      if (text !== SEARCHES[6][1]) assert.deepEqual(asked, ["api/v1/search"]);
    });
  }
  await t.test("searches some rows alone", async () => {
    const rows = index.select({ session: "b" }).filter((row) => row % 3 === 0);
    asked.length = 0;
    assert.deepEqual(
      await index.search("needle 7", { rows }),
      await expected.search("needle 7", { rows }),
    );
    assert.deepEqual(asked, ["api/v1/search"]);
  });
  await t.test("throws REPLACED when a log was replaced since", async () => {
    fs.writeFileSync(path.join(dir, "new"), `${line("other")}\n`);
    fs.renameSync(path.join(dir, "new"), path.join(dir, "a.jsonl"));
    await assert.rejects(index.search("needle"), { code: "REPLACED" });
    // Another client has the server notice it.
    await remote.index();
    await assert.rejects(index.search("needle"), { code: "REPLACED" });
    await assert.rejects(index.entry(1), { code: "REPLACED" });
    assert.deepEqual(await index.refresh(), { added: 1, removed: MANY / 2 });
    assert.equal((await index.search("needle")).length, MANY / 2);
  });
});

test("goes on when the server was started anew", async (t) => {
  const dir = directoryOf(t);
  const local = await Sessions.open(dir);
  t.after(() => local.close());
  let served = serveSessions(local);
  const remote = await Sessions.open(new URL("http://logs.example"), {
    fetch: (url, init) => served.answer(new Request(url, init)),
  });
  const index = await remote.index();
  const { length } = index;
  await served.close();
  await assert.rejects(index.refresh(), { code: "CLOSED" });
  served = serveSessions(local);
  assert.deepEqual(await index.refresh(), { added: length, removed: length });
  assert.deepEqual(await index.refresh(), { added: 0, removed: 0 });
  assert.equal(index.row(length).session, "a");
  await remote.close();
  await served.close();
});

test("refuses to change logs, and to read more after close", async (t) => {
  const dir = directoryOf(t);
  const remote = await openServed(dir);
  const log = remote.open("b");
  await assert.rejects(log.append({ skill: "x", final_status: "ok" }), { code: "READ_ONLY" });
  await assert.rejects(log.repair(), { code: "READ_ONLY" });
  assert.throws(() => remote.open("../b"), { code: "INVALID_SESSION_ID" });
  assert.equal(log.id, "b");
  assert.deepEqual(await log.read(), await remote.local.open("b").read());
  assert.deepEqual(
    await collected(log.records({ reverse: true })),
    await collected(remote.local.open("b").records({ reverse: true })),
  );
  assert.deepEqual(await remote.open("none").read(), []);
  for (const range of [{}, { from: 3 }, { from: 5, to: 40 }, { from: 2 ** 40 }])
    assert.deepEqual(
      await remote.open("a").bytes(range),
      await remote.local.open("a").bytes(range),
    );
  assert.equal((await remote.open("a").bytes({ to: 40 })).length, 40);
  assert.equal((await remote.open("none").bytes()).length, 0);
  assert.deepEqual((await remote.open("a").verify()).damaged, 2);
  assert.equal((await log.index()).length, 2);
  const index = await remote.index();
  await remote.close();
  await assert.rejects(index.entry(0), { code: "CLOSED" });
  await assert.rejects(index.refresh(), { code: "CLOSED" });
  await assert.rejects(log.read(), { code: "CLOSED" });
  await assert.rejects(remote.index(), { code: "CLOSED" });
  assert.deepEqual(fs.readFileSync(path.join(dir, "b.jsonl"), "utf8"), LOGS["b.jsonl"]);
});

test("reports the logs that cannot be read", async (t) => {
  const dir = directoryOf(t);
  fs.symlinkSync(dir, path.join(dir, "broken.jsonl"));
  const remote = await openServed(dir, { links: true });
  t.after(() => remote.close());
  await assert.rejects(remote.index(), (/** @type {any} */ error) => {
    assert.equal(error.code, "NOT_A_REGULAR_FILE");
    assert.ok(!String(error).includes(dir), "no path of the server");
    return true;
  });
  /** @type {string[]} */
  const failures = [];
  const onFailure = (/** @type {any} */ error, /** @type {string} */ id) =>
    failures.push(`${id} ${error.code}`);
  const index = await remote.index({ onFailure });
  assert.ok(index.length > 0);
  assert.deepEqual(failures, ["broken NOT_A_REGULAR_FILE"]);
  const listed = await collected(remote.list());
  const broken = listed.find(({ id }) => id === "broken");
  assert.ok(broken?.error instanceof Error);
  assert.ok(!JSON.stringify(listed).includes(dir));
});

test("spells no target of a link that leads out of the directory", async (t) => {
  const dir = directoryOf(t);
  for (const [name, target] of Object.entries({ out: "/etc/hosts", up: "../up", in: "a.jsonl" }))
    fs.symlinkSync(target, path.join(dir, `${name}.jsonl`));
  const remote = await openServed(dir);
  t.after(() => remote.close());
  const links = (await collected(remote.list())).flatMap(({ id, link }) =>
    link ? [[id, link]] : [],
  );
  assert.deepEqual(Object.fromEntries(links), { out: "…", up: "…", in: "a.jsonl" });
});

test("follows what is appended, to new, renamed and replaced logs", async (t) => {
  const dir = temporaryFolder(t);
  const file = (/** @type {string} */ id) => path.join(dir, `${id}.jsonl`);
  fs.writeFileSync(file("a"), `${line("1")}\n${line("2")}\n`);
  fs.writeFileSync(file("b"), `${line("3")}\n`);
  const remote = await openServed(dir);
  t.after(() => remote.close());
  const all = followed(remote.follow());
  const end = followed(remote.follow({ from: "end" }));
  const map = followed(remote.follow({ from: new Map([["a", line("1").length + 1]]), ids: ["a"] }));
  await all.until(3);
  await map.until(1);
  fs.appendFileSync(file("b"), `${line("4")}\n`);
  fs.writeFileSync(file("c"), `${line("5")}\n`);
  await all.until(5);
  await end.until(2);
  // A writer goes on in a file that was renamed away.
  const log = await SessionLog.open(dir, "b");
  fs.renameSync(file("b"), path.join(dir, "b.old"));
  fs.writeFileSync(file("b"), `${line("6")}\n`);
  fs.appendFileSync(path.join(dir, "b.old"), `${line("7")}\n`);
  await all.until(7);
  await log.close();
  await end.until(4);
  fs.appendFileSync(file("a"), `${line("8")}\n`);
  await map.until(2);
  await all.until(8);
  const skills = (/** @type {{ records: any[] }} */ { records }) =>
    records.map(({ entry: { skill } }) => skill).sort();
  assert.deepEqual(skills(all), ["1", "2", "3", "4", "5", "6", "7", "8"]);
  assert.deepEqual(skills(end), ["4", "5", "6", "7", "8"].slice(0, skills(end).length));
  assert.deepEqual(skills(map), ["2", "8"]);
  await remote.close();
  await Promise.all([all.ended, end.ended, map.ended]);
});

test("follows one log, and a log that does not exist yet", async (t) => {
  const dir = temporaryFolder(t);
  const remote = await openServed(dir);
  t.after(() => remote.close());
  const log = remote.open("later");
  const records = followed(log.follow({ onDamage: () => {} }));
  await wait(100);
  await append(dir, "later", { skill: "one", final_status: "ok" });
  await records.until(1);
  fs.appendFileSync(path.join(dir, "later.jsonl"), TORN.slice(0, 30));
  await wait(100);
  await append(dir, "later", { skill: "two", final_status: "ok" });
  await records.until(2);
  assert.deepEqual(
    records.records.map(({ entry }) => entry.skill),
    ["one", "two"],
  );
  await log.close();
  await records.ended;
});

test("ends the answers when a client leaves", async (t) => {
  const dir = directoryOf(t);
  const local = await Sessions.open(dir);
  const served = serveSessions(local);
  t.after(() => local.close());
  const stop = new AbortController();
  const request = new Request("http://x/api/v1/events", { signal: stop.signal });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (
    (await served.answer(request)).body
  ).getReader();
  const text = new TextDecoder().decode((await reader.read()).value);
  assert.match(text, /^retry: .*\nevent: ready\n/);
  const next = reader.read();
  fs.appendFileSync(path.join(dir, "b.jsonl"), `${line("x")}\n`);
  assert.match(new TextDecoder().decode((await next).value), /"id":"b"/);
  const last = (async () => {
    while (!(await reader.read()).done);
  })();
  stop.abort();
  await last;
  await served.close();
  const closed = await served.answer(new Request("http://x/api/v1/sessions"));
  assert.equal(closed.status, 503);
});
