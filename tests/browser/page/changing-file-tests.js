// A log of the browser's own file system that others append to, or replace, while it is read.

import assert from "node:assert/strict";
import test from "node:test";
import { append, SessionLog } from "skill-log";

import { rowsOf } from "../../js/indexing/row-of.js";
import { line } from "../../js/support/lines.js";
import { opfsFolder } from "./opfs-place.js";

/**
 * Returns lines of a skill, so many megabytes of them, with no bytes in common with another
 * skill's.
 *
 * @param {string} skill
 * @param {number} megabytes
 */
function linesOf(skill, megabytes) {
  const message = Array.from({ length: 300 }, (_, i) => `${skill} ${i}`).join();
  const text = `${line(skill, { message })}\n`;
  return text.repeat((megabytes * 1e6) / text.length);
}

/**
 * What may run while a log is replaced. Each returns skills, which must not be of both files.
 *
 * @type {Record<string, (log: SessionLog, meanwhile: () => Promise<void>) => Promise<string[]>>}
 */
const works = {
  async "is read"(log, meanwhile) {
    const skills = [];
    for await (const { skill } of log.entries()) {
      if (skills.push(skill) === 1) await meanwhile();
    }
    return skills;
  },
  async "is indexed"(log, meanwhile) {
    let going;
    const index = await log.index({ onProgress: () => void (going ??= meanwhile()) });
    await going;
    // An index that was complete before the replacement notices it now, and has no rows of both.
    await index.refresh();
    return rowsOf(index).map(({ skill }) => skill);
  },
  async "is verified and read"(log, meanwhile) {
    let going;
    await log.verify({ onProgress: () => void (going ??= meanwhile()) });
    await going;
    return (await log.read()).map(({ skill }) => skill);
  },
};

export function changingFileTests() {
  for (const [what, work] of Object.entries(works)) {
    test(`rejects with REPLACED when the log is replaced while it ${what}`, async (t) => {
      const { name, folder, put } = await opfsFolder(t);
      await put(linesOf("old", 20));
      await put(linesOf("another", 25), "other.jsonl");
      const other = await folder.getFileHandle("other.jsonl");
      const log = await SessionLog.open(name, "s");
      const meanwhile = () => other.move(folder, "s.jsonl");
      let skills;
      try {
        skills = await work(log, meanwhile);
      } catch (error) {
        assert.throws(
          () => {
            throw error;
          },
          { name: "SkillLogError", code: /^(REPLACED|NOT_FOUND)$/, path: `${name}/s.jsonl` },
        );
        return;
      }
      assert.equal(
        new Set(skills).size,
        1,
        `${skills.filter((skill) => skill === "old").length} entries of the old file, and ${skills.filter((skill) => skill === "another").length} of the new one`,
      );
    });
  }

  test("reads, indexes and verifies when another writer appends without a pause", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(linesOf("a", 20));
    let isOver = false;
    let appended = 0;
    const writing = (async () => {
      for (; !isOver; appended += 1) await append(name, "s", { skill: "b", final_status: "ok" });
    })();
    const log = await SessionLog.open(name, "s");
    try {
      for (let round = 0; round < 3; round += 1) {
        const { length: least } = await log.read();
        let backwards = 0;
        for await (const { skill } of log.entries({ reverse: true }))
          backwards += Number(skill !== "");
        const { length: rows } = await log.index();
        const { entries, damaged } = await log.verify();
        assert(
          least <= backwards && backwards <= rows && rows <= entries,
          `the log shrank: ${least}, ${backwards}, ${rows} and ${entries} entries`,
        );
        assert.equal(damaged, 0);
      }
    } finally {
      isOver = true;
      await writing;
    }
    assert(appended > 10, `${appended} appends`);
    t.diagnostic(`${appended} appends meanwhile`);
  });
}
