// An archive, what is being archived, and a log are one session.

import assert from "node:assert/strict";
import fs, {
  appendFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { SessionLog, Sessions, append, listSessions, removeSession } from "skill-log";

import { archives, lines } from "../../support/archives.js";
import { frame } from "../../support/compressed-files.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import {
  archivedWhileFollowedSuite,
  archivesSuite,
  followedArchivesSuite,
} from "../archives-suite.js";

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

const archive = archives(frame);
const a = lines(0, 40);
const b = lines(40, 60);
const c = lines(60, 70);

/** @param {import("node:test").TestContext} t */
async function place(t) {
  const dir = temporaryFolder(t);
  const pathOf = (/** @type {string} */ name) => join(dir, name);
  return {
    put: async (/** @type {Uint8Array} */ bytes, /** @type {string} */ name) =>
      appendFileSync(pathOf(name), bytes),
    sessions: () => Sessions.open(dir),
    openFiles: () => openFilesIn(dir),
    writable: {
      open: (/** @type {string} */ id) => SessionLog.open(dir, id),
      list: () => listSessions(dir),
      removeSession: (/** @type {string} */ id) => removeSession(dir, id),
      names: async () => readdirSync(dir),
      move: async (/** @type {string} */ from, /** @type {string} */ to) =>
        renameSync(pathOf(from), pathOf(to)),
      remove: async (/** @type {string} */ name) => rmSync(pathOf(name)),
    },
  };
}

archivesSuite("a directory", place, frame);
followedArchivesSuite("a directory", place);
archivedWhileFollowedSuite("a directory", place);

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
