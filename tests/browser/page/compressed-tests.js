// Compressed files that the user has chosen, in lists too.

import assert from "node:assert/strict";
import test from "node:test";
import { encode, SessionLog, Sessions } from "skill-log";

import { storedFrame } from "../../js/support/archives.js";
import { entry } from "../../js/support/lines.js";

/** @param {Uint8Array<ArrayBuffer>} text @param {CompressionFormat} format */
async function compressed(text, format) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function compressedTests() {
  test("compressed: reads Files, by themselves and in lists", async () => {
    const skills = Array.from({ length: 100 }, (_, at) => `k${at}`);
    const text = new Uint8Array(
      await new Blob(skills.map((skill) => Uint8Array.from(encode(entry(skill))))).arrayBuffer(),
    );
    const half = text.lastIndexOf(10, text.length >> 1) + 1;
    const gzip = new Blob([
      await compressed(text.slice(0, half), "gzip"),
      await compressed(text.slice(half), "gzip"),
    ]);
    const files = [
      new File([gzip], "a.jsonl.gz"),
      new File([Uint8Array.from(storedFrame(text))], "b.jsonl.zst"),
      new File([text], "c.jsonl"),
    ];
    for (const file of files) {
      const log = await SessionLog.from(file);
      assert.deepEqual(
        (await log.read()).map(({ skill }) => skill),
        skills,
        file.name,
      );
      const index = await log.index();
      assert.equal((await index.entry(99)).skill, "k99");
      assert.deepEqual(
        (await log.last()).map(({ skill }) => skill),
        ["k99"],
      );
      await log.close();
    }
    const sessions = await Sessions.open(files);
    const index = await sessions.index();
    assert.equal(index.length, 300);
    assert.equal((await index.search("k57")).length, 3);
    const reports = await sessions.verify();
    assert.deepEqual(
      reports.map(({ entries, damaged }) => [entries, damaged]),
      [
        [100, 0],
        [100, 0],
        [100, 0],
      ],
    );
    await sessions.close();
  });

  test("compressed: says where a File was cut", async () => {
    const text = Uint8Array.from(encode(entry("k")));
    const bytes = Uint8Array.from(storedFrame(text).subarray(0, -1));
    const log = await SessionLog.from(new File([bytes], "a.jsonl.zst"));
    await assert.rejects(log.read(), { code: "NOT_DECOMPRESSED", offset: 0 });
    await log.close();
  });
}
