// `skill-log mcp` with many sessions, huge entries, many calls at once and a huge request.

import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { append, encode } from "skill-log";

import { entry, line } from "../js/support/lines.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { connected, LEAST, MOST, pages, started, write } from "./mcp-client.js";

test("lists each session once, the newest first, when there are 1,000", async (t) => {
  const dir = temporaryFolder(t);
  const ids = Array.from({ length: 1000 }, (_, at) => `s-${String(at).padStart(4, "0")}`);
  for (const [at, id] of ids.entries()) {
    write(dir, id, `${line("tdd", { session_id: id })}\n`.repeat(1 + (at % 3)));
    // Ten of them at a time.
    const time = 1_700_000_000 + Math.floor(at / 10);
    fs.utimesSync(path.join(dir, `${id}.jsonl`), time, time);
  }
  const { ask } = await connected(t, dir);
  const found = await pages(ask, "list_sessions", { limit: 300, max_bytes: LEAST });
  assert.ok(found.length > 4, "the size cuts pages too");
  assert.ok(found.every(({ total }) => total === 1000));
  const sessions = found.flatMap(({ sessions }) => sessions);
  assert.deepEqual(sessions.map(({ session }) => session).sort(), ids);
  const times = sessions.map(({ modified }) => modified);
  assert.deepEqual(times, times.toSorted().reverse());
  assert.ok(
    sessions.every(({ session, entries }) => entries === 1 + (Number(session.slice(2)) % 3)),
  );
});

test("returns every entry within the size when entries are huge", async (t) => {
  const dir = temporaryFolder(t);
  const entries = [
    entry("first", { duration_ms: 9007199254740993n, input: { n: 1 } }),
    entry("string", { message: `${"é".repeat(1999)}😀${"x".repeat(5_000_000)}` }),
    entry("key", { input: { ["k".repeat(300_000)]: 1 } }),
    entry("numbers", { input: Array.from({ length: 300_000 }, (_, at) => at) }),
    entry("quotes", { input: { text: '"\\'.repeat(300_000) } }),
    entry("attempts", {
      attempts: Array.from({ length: 100 }, (_, at) => ({
        ...{ attempt: at + 1, model: "m", verified: at === 99 },
        runner_output: "o".repeat(10_000),
      })),
    }),
    ...Array.from({ length: 40 }, (_, at) => entry(`s${at}`, { message: "m".repeat(1900) })),
  ];
  write(dir, "s", ...entries.map((each) => Buffer.from(encode(each)).toString()));
  // A number that JSON.parse would round.
  fs.appendFileSync(
    path.join(dir, "s.jsonl"),
    `${line("big").slice(0, -1)},"input":12345678901234567890}\n`,
  );
  const skills = [...entries.map(({ skill }) => skill), "big"];
  const { ask, call } = await connected(t, dir);
  for (const [order, max_bytes] of /** @type {const} */ ([
    ["oldest_first", LEAST],
    ["oldest_first", 65_536],
    ["newest_first", MOST],
  ])) {
    const args = { session: "s", order, max_bytes };
    const found = (await pages(ask, "read_entries", args)).flatMap(({ entries }) => entries);
    const read = found.map(
      ({ entry, json_start }) => entry?.skill ?? /"skill":"(\w+)"/.exec(json_start)?.[1],
    );
    assert.deepEqual(read, order === "oldest_first" ? skills : skills.toReversed());
  }
  const { entries: page } = await ask("read_entries", { session: "s", limit: 4 });
  // Between two code points.
  assert.equal(page[1].entry.message, `${"é".repeat(1999)}… [cut: 5000002 characters more]`);
  assert.match(Object.keys(page[2].entry.input)[0], /^k{2000}… \[cut: 298000 characters more\]$/);
  const { text } = await call("read_entries", { session: "s", limit: 1 });
  assert.match(text, /"duration_ms":9007199254740993[,}]/);
  assert.match(
    (await call("read_entries", { session: "s", order: "newest_first", limit: 1 })).text,
    /"input":12345678901234567890[,}]/,
  );
  // What is cut is there in parts.
  for (const at of [1, 3, 4]) {
    const offset = entries.slice(0, at).reduce((sum, each) => sum + encode(each).length, 0);
    let json = "";
    for (let json_from = 0; json_from !== undefined; ) {
      const args = { session: "s", from: offset, json_from, max_bytes: at === 1 ? MOST : 1 << 18 };
      const part = await ask("read_entries", args);
      json += part.json;
      json_from = part.next_json_from;
    }
    assert.equal(`${json}\n`, Buffer.from(encode(entries[at])).toString());
  }
  const hit = await ask("search_entries", { text: "😀x" });
  assert.equal(hit.matches.length, 1);
  assert.ok(JSON.stringify(hit).length < 2000);
});

test("answers as one after the other when calls come at once and logs grow", async (t) => {
  const dir = temporaryFolder(t);
  for (let at = 0; at < 20; at += 1)
    write(
      dir,
      `s${at}`,
      ...Array.from({ length: 30 }, (_, n) => `${line(`k${n}`, { message: `m${at}` })}\n`),
    );
  const { ask, client } = await connected(t, dir);
  const asked = Array.from({ length: 60 }, (_, at) => async () => {
    const session = `s${at % 20}`;
    if (at % 7 === 0) await append(dir, "growing", { skill: "g", final_status: "pass" });
    if (at % 3 === 0) return (await ask("list_sessions")).sessions.length >= 20;
    if (at % 3 === 1) {
      const { entries } = await ask("read_entries", { session });
      return (
        entries.length === 30 &&
        entries.every((/** @type {any} */ { entry }) => entry.message === `m${at % 20}`)
      );
    }
    const { matches } = await ask("search_entries", {
      text: `m${at % 20}`,
      sessions: [session],
      limit: 50,
    });
    return (
      matches.length === 30 &&
      matches.every((/** @type {any} */ match) => match.session === session)
    );
  });
  // A call that its client gives up is no answer, and holds up no other.
  const given = new AbortController();
  const call = { name: "search_entries", arguments: { text: "m1" } };
  const left = client.callTool(call, undefined, { signal: given.signal });
  given.abort();
  await assert.rejects(left);
  assert.ok((await Promise.all(asked.map((each) => each()))).every((is) => is));
  assert.equal((await ask("read_entries", { session: "growing" })).entries.length, 9);
});

test("fails when a request is longer than the SDK accepts", async (t) => {
  const { child, output } = started(t, temporaryFolder(t));
  child.stdin.on("error", () => {});
  child.stdin.write("x".repeat(11 << 20));
  const [code] = await once(child, "close");
  assert.equal(code, 1);
  assert.match(output.err, /^skill-log: error: ReadBuffer exceeded maximum size/);
});
