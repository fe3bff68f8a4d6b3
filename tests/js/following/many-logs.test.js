// Following all logs of a directory in Node's file system: new, renamed, replaced and removed logs,
// subdirectories, logs that cannot be read, and which resources a follower holds.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Sessions, SessionLog } from "skill-log";

import { followed } from "./followed.js";
import { line, TORN } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Longer than an appended entry takes to come, in milliseconds. */
const A_WHILE = 300;

/** @param {...string} skills */
const lines = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/**
 * Opens a directory.
 *
 * @param {import("node:test").TestContext} t
 * @param {Parameters<typeof Sessions.open>[1]} [options]
 */
async function openDirectory(t, options) {
  const dir = path.join(temporaryFolder(t), "logs");
  fs.mkdirSync(dir);
  const sessions = await Sessions.open(dir, options);
  t.after(() => sessions.close());
  return { dir, sessions, file: (/** @type {string} */ id) => path.join(dir, `${id}.jsonl`) };
}

/**
 * Collects what a follower returns, each as `session:skill`.
 *
 * @param {AsyncIterable<import("skill-log").LogRecord & { session: string }>} follower
 */
function collected(follower) {
  const collector = followed(follower);
  const seen = () =>
    collector.records.map(
      (record) => `${/** @type {any} */ (record).session}:${record.entry.skill}`,
    );
  return { ...collector, seen };
}

test("returns the entries of each log, then what is appended to any log and to new logs", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("a"), lines("1", "2"));
  fs.writeFileSync(file("b"), lines("3"));
  const all = collected(sessions.follow());
  const end = collected(sessions.follow({ from: "end" }));
  await all.until(3);
  fs.appendFileSync(file("b"), lines("4"));
  fs.writeFileSync(file("c"), lines("5"));
  fs.appendFileSync(file("a"), lines("6"));
  await all.until(6);
  await end.until(3);
  await pause(A_WHILE);
  assert.deepEqual(all.seen().sort(), ["a:1", "a:2", "a:6", "b:3", "b:4", "c:5"]);
  assert.deepEqual(end.seen().sort(), ["a:6", "b:4", "c:5"]);
});

test("rejects with INVALID_ARGUMENT when an id leads out of the directory", async (t) => {
  const { dir, sessions } = await openDirectory(t, { recursive: true });
  fs.writeFileSync(path.join(dir, "..", "out.jsonl"), lines("1"));
  for (const id of ["../out", "a/../../out", "..\\out", Symbol("id"), 1])
    await assert.rejects(sessions.follow({ ids: /** @type {any} */ ([id]) }).next(), {
      code: "INVALID_ARGUMENT",
      message: /^options\.ids: expected an array of session ids/,
    });
});

test("lists no directory when some sessions are followed by their ids", async (t) => {
  const { dir, file, sessions } = await openDirectory(t, { recursive: true });
  fs.mkdirSync(path.join(dir, "below"));
  fs.writeFileSync(file("below/a"), lines("1"));
  const listing = t.mock.method(fs, "readdirSync");
  const some = collected(sessions.follow({ ids: ["below/a", "below/b"] }));
  await some.until(1);
  fs.writeFileSync(file("below/b"), lines("2"));
  await some.until(2);
  assert.deepEqual(some.seen(), ["below/a:1", "below/b:2"]);
  assert.deepEqual(
    listing.mock.calls.map(({ arguments: [listed] }) => listed),
    [],
  );
});

/**
 * @typedef {object} Change
 * @property {string} name
 * @property {(
 *   file: (id: string) => string,
 *   came: (skill: string) => Promise<void>,
 * ) => void | Promise<void>} change
 *   `came` waits until an entry was returned
 * @property {string[]} then what a follower returns; `?` for the log of a file that is being renamed
 */

/**
 * Changes of logs in a directory where `a` has the entries 1 and 2.
 *
 * @type {Change[]}
 */
const changes = [
  {
    name: "removed and made again",
    change(file) {
      fs.rmSync(file("a"));
      fs.writeFileSync(file("a"), lines("3"));
    },
    then: ["a:3"],
  },
  {
    name: "renamed to another log",
    change(file) {
      fs.appendFileSync(file("a"), lines("3"));
      fs.renameSync(file("a"), file("b"));
      fs.appendFileSync(file("b"), lines("4"));
    },
    then: ["?:3", "?:4"],
  },
  {
    name: "renamed to another log and made again",
    async change(file, came) {
      fs.renameSync(file("a"), file("b"));
      fs.writeFileSync(file("a"), lines("3"));
      await came("3");
      fs.appendFileSync(file("b"), lines("4"));
      await came("4");
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "?:4", "a:5"],
  },
  {
    name: "renamed away, appended to, and made again",
    change(file) {
      fs.appendFileSync(file("a"), lines("3"));
      fs.renameSync(file("a"), `${file("a")}.1`);
      fs.appendFileSync(`${file("a")}.1`, lines("4"));
      fs.writeFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "renamed away, made again, and appended to by a slow writer",
    async change(file, came) {
      fs.renameSync(file("a"), `${file("a")}.1`);
      fs.writeFileSync(file("a"), lines("3"));
      await came("3");
      fs.appendFileSync(`${file("a")}.1`, lines("4"));
      await came("4");
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "renamed away and back",
    async change(file) {
      fs.renameSync(file("a"), `${file("a")}.1`);
      await pause(A_WHILE);
      fs.renameSync(`${file("a")}.1`, file("a"));
    },
    then: [],
  },
  {
    name: "replaced by another log that is renamed over it",
    async change(file, came) {
      fs.writeFileSync(file("b"), lines("3", "4"));
      await came("4");
      fs.renameSync(file("b"), file("a"));
      fs.appendFileSync(file("a"), lines("5"));
    },
    then: ["b:3", "b:4", "?:5"],
  },
  {
    name: "cut after its first entry",
    change: (file) => fs.truncateSync(file("a"), lines("1").length),
    then: ["a:1"],
  },
  {
    name: "rewritten with as many bytes",
    change: (file) => fs.writeFileSync(file("a"), lines("3", "4")),
    then: ["a:3", "a:4"],
  },
  {
    name: "rewritten with more bytes",
    change: (file) => fs.writeFileSync(file("a"), lines("3", "4", "5")),
    then: ["a:3", "a:4", "a:5"],
  },
  {
    name: "given an entry in pieces",
    async change(file) {
      const text = lines("3");
      for (let at = 0; at < text.length; at += 40) {
        fs.appendFileSync(file("a"), text.slice(at, at + 40));
        await pause(60);
      }
    },
    then: ["a:3"],
  },
  {
    name: "given a second name",
    async change(file, came) {
      fs.linkSync(file("a"), file("b"));
      fs.appendFileSync(file("b"), lines("3"));
      await came("3");
      fs.rmSync(file("a"));
      fs.appendFileSync(file("b"), lines("4"));
    },
    then: ["?:3", "?:4"],
  },
];

/** How many other logs there are: with many, the file of the log that is changed is not open. */
const others = [0, 100];

describe("changes of a log", { concurrency: 8 }, () => {
  for (const { name, change, then } of changes) {
    for (const count of others) {
      for (const from of /** @type {const} */ (["start", "end"])) {
        test(`returns each entry once from the ${from} when a log is ${name}, beside ${count} logs`, async (t) => {
          const { file, sessions } = await openDirectory(t);
          fs.writeFileSync(file("a"), lines("1", "2"));
          fs.utimesSync(file("a"), 1, 1);
          for (let n = 0; n < count; n += 1) fs.writeFileSync(file(`other${n}`), lines("other"));
          const follower = collected(sessions.follow({ from }));
          const first = from === "start" ? ["a:1", "a:2"] : [];
          const before = from === "start" ? 2 + count : 0;
          await follower.until(before);
          // Until the ends of all logs are marked.
          await pause(3 * A_WHILE);
          await change(file, async (skill) => {
            for (let left = 500; !follower.seen().some((each) => each.endsWith(`:${skill}`)); ) {
              assert.ok((left -= 1) > 0, `${skill} did not come`);
              await pause(20);
            }
          });
          await follower.until(before + then.length);
          await pause(A_WHILE);
          fs.appendFileSync(file("a"), `\n${lines("later")}`);
          await follower.until(before + then.length + 1);
          await pause(A_WHILE);
          const expected = [...first, ...then, "a:later"];
          const seen = follower.seen().filter((each) => !each.includes("other"));
          assert.deepEqual(
            seen.map((each, at) =>
              expected[at]?.startsWith("?") ? each.replace(/^\w+/, "?") : each,
            ),
            expected,
          );
        });
      }
    }
  }
});

/** Returns how many files of a directory this process holds open. @param {string} dir */
function openFiles(dir) {
  let count = 0;
  for (const fd of fs.readdirSync("/proc/self/fd")) {
    try {
      if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${dir}/`)) count += 1;
    } catch {
      // It was closed meanwhile.
    }
  }
  return count;
}

/** Returns how many directories and files this process watches. */
function watches() {
  let count = 0;
  for (const fd of fs.readdirSync("/proc/self/fdinfo")) {
    try {
      count += fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").split("inotify wd:").length - 1;
    } catch {
      // It was closed meanwhile.
    }
  }
  return count;
}

/** What the tests know only of Linux. */
const onLinux = { skip: process.platform !== "linux" && "counts by /proc, which only Linux has" };

test(
  "holds at most 64 files open, and one watch, when 300 logs grow and are renamed",
  onLinux,
  async (t) => {
    const { dir, file, sessions } = await openDirectory(t);
    const ids = Array.from({ length: 300 }, (_, n) => `s${n}`);
    for (const id of ids) fs.writeFileSync(file(id), lines("0"));
    const before = watches();
    let most = 0;
    let count = 0;
    const seen = /** @type {Record<string, string[]>} */ ({});
    const wanted = ids.length * 5;
    for await (const { session, entry } of sessions.follow()) {
      most = Math.max(most, openFiles(dir));
      (seen[session] ??= []).push(entry.skill);
      count += 1;
      // Each step writes to half of the logs before the first of them is read.
      const round = [300, 600, 900, 1200].indexOf(count);
      if (round >= 0) {
        for (const id of ids) {
          if (round % 2 === 1) fs.renameSync(file(id), `${file(id)}.${round}`);
          fs.appendFileSync(file(id), lines(`${round + 1}`));
        }
      }
      if (count === wanted) break;
    }
    for (const id of ids) assert.deepEqual(seen[id], ["0", "1", "2", "3", "4"], id);
    assert.ok(most <= 64, `${most} open files`);
    assert.ok(most > 32, `only ${most} open files: nothing was tested`);
    await pause(50);
    assert.equal(openFiles(dir), 0);
    assert.equal(watches(), before);
  },
);

test(
  "watches at most 64 directories, and sees entries in all, when there are 100 directories",
  onLinux,
  async (t) => {
    const { dir, sessions } = await openDirectory(t, { recursive: true });
    const before = watches();
    const ids = Array.from({ length: 100 }, (_, n) => `d${n % 10}/e${n}/s`);
    const file = (/** @type {string} */ id) => path.join(dir, `${id}.jsonl`);
    for (const id of ids.slice(0, 90)) {
      fs.mkdirSync(path.dirname(file(id)), { recursive: true });
      fs.writeFileSync(file(id), lines("1"));
    }
    const follower = collected(sessions.follow());
    await follower.until(90);
    // Directories that are new.
    for (const id of ids.slice(90)) {
      fs.mkdirSync(path.dirname(file(id)), { recursive: true });
      fs.writeFileSync(file(id), lines("1"));
    }
    await follower.until(100);
    const start = performance.now();
    for (const id of ids) fs.appendFileSync(file(id), lines("2"));
    await follower.until(200);
    const time = performance.now() - start;
    assert.deepEqual(follower.seen().sort(), ids.flatMap((id) => [`${id}:1`, `${id}:2`]).sort());
    assert.ok(time < 2000, `${time} ms`);
    const count = watches() - before;
    assert.ok(count > 0 && count <= 64, `${count} watches`);
  },
);

test("follows subdirectories only when asked, and never through links", async (t) => {
  const base = temporaryFolder(t);
  const dir = path.join(base, "logs");
  fs.mkdirSync(path.join(dir, "a", "b"), { recursive: true });
  fs.mkdirSync(path.join(base, "elsewhere"));
  fs.writeFileSync(path.join(base, "elsewhere", "x.jsonl"), lines("x"));
  fs.symlinkSync(path.join(base, "elsewhere"), path.join(dir, "link"));
  fs.writeFileSync(path.join(dir, "top.jsonl"), lines("1"));
  fs.writeFileSync(path.join(dir, "a", "b", "low.jsonl"), lines("2"));
  const flat = await Sessions.open(dir);
  const deep = await Sessions.open(dir, { recursive: true });
  t.after(() => Promise.all([flat.close(), deep.close()]));
  const some = collected(flat.follow());
  const all = collected(deep.follow());
  await all.until(2);
  fs.appendFileSync(path.join(dir, "a", "b", "low.jsonl"), lines("3"));
  fs.renameSync(path.join(dir, "a", "b"), path.join(dir, "a", "c"));
  fs.mkdirSync(path.join(dir, "n", "m"), { recursive: true });
  fs.writeFileSync(path.join(dir, "n", "m", "new.jsonl"), lines("4"));
  await all.until(4);
  fs.appendFileSync(path.join(dir, "a", "c", "low.jsonl"), lines("5"));
  await all.until(5);
  await pause(A_WHILE);
  assert.deepEqual(
    all
      .seen()
      .map((each) => each.split(":")[1])
      .sort(),
    ["1", "2", "3", "4", "5"],
  );
  assert.ok(all.seen().includes("n/m/new:4"));
  assert.ok(all.seen().includes("a/c/low:5"));
  assert.deepEqual(some.seen(), ["top:1"]);
});

test("waits when the directory does not exist yet, and goes on when it is made again", async (t) => {
  const { dir, file, sessions } = await openDirectory(t);
  fs.rmdirSync(dir);
  const follower = collected(sessions.follow({ from: "end" }));
  await pause(A_WHILE);
  for (const round of ["1", "2", "3"]) {
    fs.mkdirSync(dir);
    fs.writeFileSync(file("a"), lines(round));
    await follower.until(Number(round));
    fs.renameSync(dir, `${dir}${round}`);
    await pause(A_WHILE);
  }
  assert.deepEqual(follower.seen(), ["a:1", "a:2", "a:3"]);
});

test("returns each log's entries soon when one log grows all the time", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("quiet"), lines("0"));
  const much = lines("busy").repeat(4000);
  fs.writeFileSync(file("busy"), much);
  let busy = 0;
  let quiet = 0;
  let asked = 0;
  for await (const { session } of sessions.follow()) {
    if (session === "busy") {
      busy += 1;
      // The file always has more than was read.
      if (busy % 2000 === 0) fs.appendFileSync(file("busy"), much);
      if (busy % 4000 === 1) {
        asked += 1;
        fs.appendFileSync(file("quiet"), lines(`${asked}`));
      }
    } else quiet += 1;
    if (busy > 40_000) break;
  }
  assert.ok(quiet >= asked - 1, `${quiet} entries of ${asked + 1} came from the quiet log`);
});

test("returns every entry of a burst when other logs get entries too", async (t) => {
  const { file, sessions } = await openDirectory(t);
  const ids = Array.from({ length: 100 }, (_, n) => `s${n}`);
  for (const id of ids) fs.writeFileSync(file(id), "");
  const follower = collected(sessions.follow({ from: "end" }));
  await pause(A_WHILE);
  for (let n = 0; n < 2000; n += 1) {
    fs.appendFileSync(file("s0"), lines(`burst${n}`));
    fs.appendFileSync(file(ids[n % 100]), lines(`${n}`));
    if (n % 100 === 0) await pause(5);
  }
  await follower.until(4000);
  const seen = follower.seen();
  assert.deepEqual(
    seen.filter((each) => each.includes("burst")),
    Array.from({ length: 2000 }, (_, n) => `s0:burst${n}`),
  );
  assert.equal(new Set(seen).size, 4000);
});

test("reports damage with its log, once, and goes on with all logs", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("a"), `garbage\n${lines("1")}`);
  fs.writeFileSync(file("b"), lines("2"));
  /** @type {unknown[]} */
  const damage = [];
  const follower = collected(
    sessions.follow({
      onDamage: ({ session, kind, line, offset }) => damage.push([session, kind, line, offset]),
    }),
  );
  await follower.until(2);
  // Closes the files.
  for (let n = 0; n < 100; n += 1) fs.writeFileSync(file(`other${n}`), lines("other"));
  await follower.until(102);
  fs.appendFileSync(file("a"), `more\n${lines("3")}`);
  fs.appendFileSync(file("b"), TORN);
  await follower.until(103);
  for (let n = 0; n < 100; n += 1) fs.appendFileSync(file(`other${n}`), lines("other"));
  await follower.until(203);
  fs.appendFileSync(file("b"), `\n${lines("4")}`);
  await follower.until(204);
  await pause(A_WHILE);
  assert.deepEqual(damage, [
    ["a", "corrupt", 1, 0],
    ["a", "corrupt", 3, 8 + lines("1").length],
    ["b", "torn", 2, lines("2").length],
  ]);
});

test("reports a log that it cannot read, once, and follows it when it can", async (t) => {
  const { dir, file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("fine"), lines("1"));
  fs.writeFileSync(path.join(dir, "target"), lines("linked"));
  fs.symlinkSync(path.join(dir, "target"), file("link"));
  fs.mkdirSync(file("folder"));
  /** @type {string[]} */
  const failures = [];
  const follower = collected(
    sessions.follow({ onFailure: ({ code }, session) => failures.push(`${session} ${code}`) }),
  );
  await follower.until(1);
  await pause(A_WHILE);
  fs.writeFileSync(path.join(file("folder"), "touched"), "");
  fs.appendFileSync(file("fine"), lines("2"));
  await follower.until(2);
  fs.rmSync(file("link"));
  fs.writeFileSync(file("link"), lines("3"));
  await follower.until(3);
  await pause(2 * A_WHILE);
  assert.deepEqual(failures.sort(), ["folder NOT_A_REGULAR_FILE", "link NOT_A_REGULAR_FILE"]);
  assert.deepEqual(follower.seen(), ["fine:1", "fine:2", "link:3"]);
});

test("follows logs through links when asked", async (t) => {
  const { dir, file, sessions } = await openDirectory(t, { links: true });
  fs.writeFileSync(path.join(dir, "target"), lines("1"));
  fs.symlinkSync(path.join(dir, "target"), file("link"));
  const follower = collected(sessions.follow());
  await follower.until(1);
  fs.appendFileSync(path.join(dir, "target"), lines("2"));
  await follower.until(2);
  assert.deepEqual(follower.seen(), ["link:1", "link:2"]);
});

test("reports a link that leads to itself, and goes on with the others, when it follows links", async (t) => {
  const { file, sessions } = await openDirectory(t, { links: true });
  fs.symlinkSync(file("loop"), file("loop"));
  fs.symlinkSync(file("missing"), file("dangling"));
  fs.writeFileSync(file("fine"), lines("1"));
  /** @type {string[]} */
  const failures = [];
  const follower = collected(
    sessions.follow({ onFailure: ({ code }, session) => failures.push(`${session} ${code}`) }),
  );
  await follower.until(1);
  fs.appendFileSync(file("fine"), lines("2"));
  fs.writeFileSync(file("missing"), lines("3"));
  await follower.until(3);
  await pause(A_WHILE);
  assert.deepEqual(failures, ["loop NOT_A_REGULAR_FILE"]);
  // The log has two names now, and is followed by one of them.
  assert.deepEqual(
    follower.seen().map((each) => each.split(":")[1]),
    ["1", "2", "3"],
  );
});

test("takes a directory for a directory when its name ends like a log's", async (t) => {
  const { dir, sessions } = await openDirectory(t, { recursive: true });
  /** @type {string[]} */
  const failures = [];
  const onFailure = (/** @type {unknown} */ _, /** @type {string} */ session) =>
    void failures.push(session);
  const follower = collected(sessions.follow({ onFailure }));
  await pause(A_WHILE);
  fs.mkdirSync(path.join(dir, "x.jsonl"));
  fs.writeFileSync(path.join(dir, "x.jsonl", "s.jsonl"), lines("1"));
  await follower.until(1);
  fs.appendFileSync(path.join(dir, "x.jsonl", "s.jsonl"), lines("2"));
  await follower.until(2);
  assert.deepEqual(follower.seen(), ["x.jsonl/s:1", "x.jsonl/s:2"]);
  assert.deepEqual(failures, []);
});

test("stops only the log with the bad line when it reads strictly", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("bad"), `${lines("1")}garbage\n${lines("2")}`);
  fs.writeFileSync(file("good"), lines("3"));
  /** @type {string[]} */
  const failures = [];
  const follower = collected(
    sessions.follow({
      strict: true,
      onFailure: ({ code, offset }, session) => failures.push(`${session} ${code} ${offset}`),
    }),
  );
  await follower.until(2);
  fs.appendFileSync(file("bad"), lines("4"));
  fs.appendFileSync(file("good"), lines("5"));
  await follower.until(3);
  await pause(A_WHILE);
  assert.deepEqual(follower.seen().sort(), ["bad:1", "good:3", "good:5"]);
  assert.deepEqual(failures, [`bad INVALID_LINE ${lines("1").length}`]);
});

test("goes on where a Map says, in the logs of some ids", async (t) => {
  const { file, sessions } = await openDirectory(t);
  for (const id of ["a", "b", "c"]) fs.writeFileSync(file(id), lines("1", "2"));
  const from = new Map([
    ["a", lines("1").length],
    ["b", lines("1", "2").length],
  ]);
  const follower = collected(sessions.follow({ from, ids: ["a", "b", "later"] }));
  await follower.until(1);
  for (const id of ["a", "b", "c", "later"]) fs.appendFileSync(file(id), lines("3"));
  await follower.until(4);
  await pause(A_WHILE);
  assert.deepEqual(follower.seen().sort(), ["a:2", "a:3", "b:3", "later:3"]);
});

/** Ways to end, each with what the loop rejects with. */
const ends = {
  "the loop is left": async () => {},
  "it returns": async (/** @type {any} */ { records }) => void (await records.return()),
  "the sessions are closed": async (/** @type {any} */ { sessions }) =>
    void (await sessions.close()),
  "its signal is aborted": async (/** @type {any} */ { controller }) =>
    void controller.abort(new Error("enough")),
};
for (const [name, end] of Object.entries(ends)) {
  test(`ends, and holds nothing, when ${name}`, onLinux, async (t) => {
    const { dir, file, sessions } = await openDirectory(t);
    fs.writeFileSync(file("a"), lines("1"));
    const before = watches();
    const controller = new AbortController();
    const records = sessions.follow({ signal: controller.signal });
    if (name === "the loop is left") {
      // eslint-disable-next-line no-unreachable-loop -- leaving the loop is what is tested
      for await (const { session } of records) {
        assert.equal(session, "a");
        break;
      }
    } else {
      await records.next();
      const waiting = records.next();
      await pause(A_WHILE);
      assert.equal(openFiles(dir), 1);
      assert.equal(watches(), before + 1);
      await end({ records, sessions, controller });
      if (name.includes("signal")) await assert.rejects(waiting, { message: "enough" });
      else assert.equal((await waiting).done, true);
    }
    await pause(20);
    assert.equal(openFiles(dir), 0);
    assert.equal(watches(), before);
    assert.equal((await records.next()).done, true);
  });
}

/** @type {[string, object, string][]} */
const refused = [
  ["an unknown option", { reverse: true }, "options.reverse"],
  ["a number to start from", { from: 3 }, "options.from"],
  ["an offset that is none", { from: new Map([["a", -1]]) }, "options.from"],
  ["ids in a text", { ids: "abc" }, "options.ids"],
  ["ids that are numbers", { ids: [1] }, "options.ids"],
  ["an onFailure that is no function", { onFailure: true }, "options.onFailure"],
  ["an onDamage that is no function", { onDamage: true }, "options.onDamage"],
];
for (const [name, options, what] of refused) {
  test(`rejects the first step with INVALID_ARGUMENT when it gets ${name}`, async (t) => {
    const { sessions } = await openDirectory(t);
    const records = sessions.follow(/** @type {any} */ (options));
    await assert.rejects(records.next(), (/** @type {any} */ error) => {
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.ok(error.message.startsWith(what), error.message);
      return true;
    });
  });
}

test("rejects with IO_ERROR when the directory is a file", async (t) => {
  const file = path.join(temporaryFolder(t), "file");
  fs.writeFileSync(file, "");
  const sessions = await Sessions.open(file);
  await assert.rejects(sessions.follow().next(), { code: "IO_ERROR" });
});

test("throws what onDamage throws", async (t) => {
  const { file, sessions } = await openDirectory(t);
  fs.writeFileSync(file("a"), "garbage\n");
  const onDamage = () => {
    throw new Error("the caller's own");
  };
  await assert.rejects(sessions.follow({ onDamage }).next(), { message: "the caller's own" });
});

test("returns what this process appends at once after the call, from the end", async (t) => {
  const { dir, sessions } = await openDirectory(t);
  const log = await SessionLog.open(dir, "s");
  t.after(() => log.close());
  await log.append({ skill: "1", final_status: "ok" });
  const follower = collected(sessions.follow({ from: "end" }));
  await log.append({ skill: "2", final_status: "ok" });
  await follower.until(1);
  await pause(A_WHILE);
  assert.deepEqual(follower.seen(), ["s:2"]);
});
