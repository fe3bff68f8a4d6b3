// What `skill-log prune` does when files of a session change while they are removed.

import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Failure } from "../../js/cli/failures.js";
import { SessionFiles } from "../../js/cli/archiving/session-files.js";
import { RemovedFile } from "../../js/cli/pruning/removed-files.js";
import { PrunedSession } from "../../js/cli/pruning/session-facts.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";

/** @param {test.TestContext} t */
async function lookedAt(t) {
  const path = join(temporaryFolder(t), "s.jsonl");
  fs.writeFileSync(path, "first\n");
  const file = new RemovedFile(path, fs.lstatSync(path, { bigint: true }));
  assert.equal((await file.describe()).bytes, 6);
  t.after(() => file.close());
  return file;
}

const refusal = (/** @type {unknown} */ error) =>
  error instanceof Failure && /changed since it was looked at/.test(error.message);

/** @type {[title: string, change: (path: string) => void][]} */
const changes = [
  ["grew", (path) => fs.appendFileSync(path, "second\n")],
  ["was replaced", (path) => (fs.unlinkSync(path), fs.writeFileSync(path, "other\n"))],
  ["was written to in place", (path) => fs.writeFileSync(path, "FIRST\n", { flag: "r+" })],
  ["got another name", (path) => fs.linkSync(path, `${path}.link`)],
];

for (const [title, change] of changes) {
  test(`keeps a file when it ${title}`, async (t) => {
    const file = await lookedAt(t);
    change(file.path);
    assert.throws(() => file.remove(), refusal);
    assert.ok(fs.existsSync(file.path));
  });
}

test("keeps nothing when a file is gone already", async (t) => {
  const file = await lookedAt(t);
  fs.unlinkSync(file.path);
  assert.throws(() => file.remove(), refusal);
});

test("writes late bytes to a new log when a writer appends as the file is removed", async (t) => {
  const file = await lookedAt(t);
  const { unlinkSync } = fs;
  t.mock.method(fs, "unlinkSync", (/** @type {string} */ path) => {
    fs.appendFileSync(path, "late\n");
    unlinkSync(path);
  });
  assert.equal(file.remove(), 5);
  assert.equal(fs.readFileSync(file.path, "utf8"), "late\n");
});

for (const end of [".jsonl", ".damaged"]) {
  test(`keeps an archive when its session gets a ${end} file after it was looked at`, (t) => {
    const files = new SessionFiles(temporaryFolder(t), "s");
    fs.writeFileSync(files.archive, "archived");
    const session = new PrunedSession(files);
    session.check();
    fs.writeFileSync(join(files.dir, `s${end}`), "new\n");
    assert.throws(() => session.check(), /was made since/);
  });
}
