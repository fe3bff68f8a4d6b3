// A handle leads to the file as it is at each reading, while a File is a snapshot.

import assert from "node:assert/strict";
import test from "node:test";
import { SessionLog } from "skill-log";

import { followed } from "../../js/following/followed.js";
import { entry, line, TORN } from "../../js/support/lines.js";
import { assertUnchanged } from "../../js/indexing/holes.js";
import { opfsFolder } from "./opfs-place.js";

/** More lines than the page itself indexes. */
const many = Array.from({ length: 3_000 }, (_, i) => line(`e${i}`, { message: "x".repeat(500) }));

export function fileHandleTests() {
  for (const [size, lines] of Object.entries({ small: many.slice(0, 3), large: many })) {
    test(`reads on by a handle, but not by a File, when a ${size} file grew`, async (t) => {
      const { folder, put } = await opfsFolder(t);
      await put(`${lines.join("\n")}\n`);
      const handle = await folder.getFileHandle("s.jsonl");
      const log = await SessionLog.from(handle);
      const file = await handle.getFile();
      const snapshot = await SessionLog.from(file);
      const index = await log.index();
      const follower = followed(log.follow({ from: "end" }));
      assert.equal((await snapshot.read()).length, lines.length);

      await put(`${line("more")}\n${TORN}`);
      assert.equal((await log.read()).length, lines.length + 1);
      assert.equal((await log.entries({ reverse: true }).next()).value?.skill, "more");
      assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
      assert.deepEqual(await index.entry(lines.length), entry("more"));
      assert.equal((await index.search("more")).length, 1);
      assert.equal(index.pending?.length, TORN.length);
      await follower.until(1);
      assert.deepEqual(follower.skills(), ["more"]);

      // Chromium refuses to read the File. Other browsers read what the file was.
      for (const read of [
        () => snapshot.read(),
        async () => (await SessionLog.from(file)).read(),
      ]) {
        const entries = await read().catch((error) => {
          assert.deepEqual([error.code, error.path], ["FILE_CHANGED", "s.jsonl"]);
          assert.match(
            error.message,
            /open a FileSystemFileHandle, of item\.getAsFileSystemHandle\(\) or showOpenFilePicker\(\)$/,
          );
        });
        assert([undefined, lines.length].includes(entries?.length));
      }
      // A new File of the handle is what the file is now.
      assert.equal(
        (await (await SessionLog.from(await handle.getFile())).read()).length,
        lines.length + 1,
      );
    });
  }

  test("refuses entries, then has the new rows, when a handle's indexed file was replaced", async (t) => {
    const { folder, put, move } = await opfsFolder(t);
    await put(`${many.join("\n")}\n`);
    const log = await SessionLog.from(await folder.getFileHandle("s.jsonl"));
    const index = await log.index();
    // A file of the same length, with one other entry.
    const other = [...many];
    other[7] = line("e8", { message: "x".repeat(500) });
    await put(`${other.join("\n")}\n`, "other.jsonl");
    await move("other.jsonl", "s.jsonl");
    await assert.rejects(index.entry(7), {
      code: "REPLACED",
      path: "s.jsonl",
      message: /the entry is not there any more/,
    });
    await put(`${line("z")}\n`, "shorter.jsonl");
    await move("shorter.jsonl", "s.jsonl");
    await assert.rejects(index.entry(7), { code: "REPLACED", path: "s.jsonl" });
    assert.deepEqual(await index.refresh(), { added: 1, removed: many.length });
    const holes = [...many.keys()];
    assert.deepEqual([...index.select()], [many.length]);
    assert.deepEqual(await index.entry(many.length), entry("z"));
    await assertUnchanged(index);
    await put(`${line("y")}\n`, "longer.jsonl");
    await put(`${line("x")}\n`, "longer.jsonl");
    await move("longer.jsonl", "s.jsonl");
    assert.deepEqual(await index.refresh(), { added: 2, removed: 1 });
    for (const row of [holes[0], many.length])
      assert.throws(() => index.row(row), { code: "REPLACED" });
    await assertUnchanged(index);
  });
}
