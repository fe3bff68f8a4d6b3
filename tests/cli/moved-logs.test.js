// What `skill-log archive` does when files change, or the disk is full, while a log is archived.

import assert from "node:assert/strict";
import fs from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { removeSession } from "skill-log";

import { DirectoryLock } from "../../js/cli/archiving/directory-lock.js";
import { SessionArchiver } from "../../js/cli/archiving/session-archiver.js";
import { sessionsOf } from "../../js/cli/archiving/session-files.js";
import { zstdCodec } from "../../js/cli/archiving/zstd-codec.js";
import { Failure } from "../../js/cli/failures.js";
import { archivedText } from "../faults/archived-text.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";

const codec = await zstdCodec(3);

/**
 * Returns what archives a log.
 *
 * @param {test.TestContext} t
 * @param {() => void} beforeFrame is called before a frame is compressed
 */
function archiving(t, beforeFrame) {
  const dir = temporaryFolder(t);
  fs.writeFileSync(join(dir, "s.jsonl"), "first\n");
  const files = sessionsOf(dir).get("s");
  assert.ok(files);
  const lock = new DirectoryLock(dir);
  t.after(() => lock.release());
  const compress = (/** @type {Uint8Array} */ text) => {
    beforeFrame();
    return codec.compress(text);
  };
  return { dir, files, archiver: new SessionArchiver(lock, { ...codec, compress }, () => {}) };
}

test("keeps late bytes when the disk is full as they are archived", async (t) => {
  let isFull = false;
  const { dir, files, archiver } = archiving(t, () => {
    if (isFull) throw new Failure("the disk is full");
  });
  await archiver.compress(files);
  const { unlinkSync } = fs;
  t.mock.method(fs, "unlinkSync", (/** @type {string} */ path) => {
    if (path === files.aside(0)) {
      fs.appendFileSync(path, "late\n");
      isFull = true;
    }
    unlinkSync(path);
  });
  /** @type {unknown[]} */
  const errors = [];
  await archiver.settle(true, (_, error) => void errors.push(error));
  assert.match(String(errors), /the disk is full/);
  assert.equal((await archivedText(dir, "s")).toString(), "first\nlate\n");
});

test("makes no archive when the session is removed while it is compressed", async (t) => {
  /** @type {Promise<boolean> | undefined} */
  let removing;
  const { dir, files, archiver } = archiving(t, () => (removing = removeSession(dir, "s")));
  await assert.rejects(archiver.compress(files), /was removed or replaced/);
  assert.equal(await removing, true);
  assert.deepEqual(fs.readdirSync(dir), ["skill-log-archive.lock"]);
});

test("leaves no lock when the disk is full", (t) => {
  const dir = temporaryFolder(t);
  const full = t.mock.method(fs, "writeFileSync", (/** @type {string | number} */ file) => {
    if (typeof file === "string") fs.closeSync(fs.openSync(file, "wx"));
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  });
  assert.throws(() => new DirectoryLock(dir), /cannot lock the directory: ENOSPC/);
  full.mock.restore();
  new DirectoryLock(dir).release();
});
