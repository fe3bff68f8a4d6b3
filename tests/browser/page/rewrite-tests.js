// How `repair({ exclusive: true })` rewrites a log while others write to it.

import assert from "node:assert/strict";
import test from "node:test";
import { removeSession, SessionLog } from "skill-log";

import { entry, line } from "../../js/support/lines.js";
import { holdFile } from "./held-file.js";
import { opfsFolder } from "./opfs-place.js";

/** Two entries that touch. */
const TOUCHING = `${line("a")}${line("b")}\n`;

/**
 * Runs `before` once, before a file is opened to be rewritten.
 *
 * @param {() => Promise<void>} before
 */
function beforeRewrite(before) {
  const { createWritable } = FileSystemFileHandle.prototype;
  FileSystemFileHandle.prototype.createWritable = async function (...args) {
    FileSystemFileHandle.prototype.createWritable = createWritable;
    await before();
    return createWritable.apply(this, args);
  };
}

export function rewriteTests() {
  test("rewrite: rejects with REPLACED when the file was replaced", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(TOUCHING);
    const log = await SessionLog.open(name, "s");
    const skills = ["new 1", "new 2", "new 3"];
    beforeRewrite(async () => {
      await removeSession(name, "s");
      for (const skill of skills) await log.append(entry(skill));
    });
    await assert.rejects(log.repair({ exclusive: true }), {
      code: "REPLACED",
      path: `${name}/s.jsonl`,
    });
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      skills,
    );
    assert.deepEqual((await log.verify()).damage, []);
    await log.append(entry("after"));
    await log.close();
  });

  test("rewrite: rewrites a file when the repair overwrote damage in it before", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(`${TOUCHING}${line("torn").slice(0, -3)}\n`);
    const log = await SessionLog.open(name, "s");
    const { repaired, left } = await log.repair({ exclusive: true });
    assert.deepEqual({ repaired, left }, { repaired: 1, left: 0 });
    assert.deepEqual((await log.verify()).damage, []);
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "b"],
    );
    await log.close();
  });

  test("rewrite: waits, then rejects with BUSY, when others hold the file", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(TOUCHING);
    const log = await SessionLog.open(name, "s");
    const release = await holdFile(name, "s.jsonl");
    t.after(release);
    await assert.rejects(log.repair({ exclusive: true }), {
      code: "BUSY",
      path: `${name}/s.jsonl`,
    });
    const repaired = log.repair({ exclusive: true });
    setTimeout(release, 300);
    assert.equal((await repaired).left, 0);
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "b"],
    );
    await log.close();
  });

  test("rewrite: makes few writes when many entries touch", async (t) => {
    const { name, folder, put } = await opfsFolder(t);
    const count = 2000;
    const lines = Array.from({ length: count }, (_, number) =>
      line("a", { message: `${number} `.padEnd(number % 400, ".") }),
    );
    // More lines than are read at once.
    await put(lines.map((each, number) => (number % 2 ? `${each}\n` : each)).join(""));
    const log = await SessionLog.open(name, "s");
    const { write } = FileSystemWritableFileStream.prototype;
    t.after(() => (FileSystemWritableFileStream.prototype.write = write));
    let writes = 0;
    FileSystemWritableFileStream.prototype.write = function (...args) {
      writes += 1;
      return write.apply(this, args);
    };
    assert.equal((await log.repair({ exclusive: true })).left, 0);
    const text = await (await (await folder.getFileHandle("s.jsonl")).getFile()).text();
    assert.equal(text, lines.map((each) => `${each}\n`).join(""));
    assert.ok(
      writes <= Math.ceil(text.length / (1 << 18)) + 1,
      `${writes} writes of ${text.length} bytes`,
    );
    await log.close();
  });
}
