// The sessions of files that a user has chosen.

import assert from "node:assert/strict";
import test from "node:test";
import { Sessions } from "skill-log";

import { line } from "../../js/support/lines.js";
import { chosen, disk } from "./user-files.js";

/** @param {...string} skills */
const text = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

export function chosenSessionsTests() {
  test("chosen files: are indexed and searched", async (t) => {
    await disk.write("a.jsonl", text("a1", "a2"));
    await disk.write("b.jsonl", text("b1"));
    const sessions = await Sessions.open([await chosen("a.jsonl"), await chosen("b.jsonl")]);
    t.after(() => sessions.close());
    const index = await sessions.index();
    assert.deepEqual([index.length, index.row(2).session], [3, "b"]);
    assert.deepEqual([...(await index.search("a2"))], [1]);
    assert.equal((await index.entry(2)).skill, "b1");
  });

  test("chosen files: return what they had, or FILE_CHANGED, when one has grown", async (t) => {
    await disk.write("a.jsonl", text("a1"));
    await disk.write("b.jsonl", text("b1"));
    await disk.write("c.jsonl", text("c1"));
    const files = [];
    for (const name of ["a", "b", "c"]) files.push(await chosen(`${name}.jsonl`));
    const sessions = await Sessions.open(files);
    t.after(() => sessions.close());
    const index = await sessions.index();
    await disk.append("b.jsonl", text("b2"));
    const read = await index.entry(1).then(
      ({ skill }) => skill,
      ({ code }) => code,
    );
    assert(read === "FILE_CHANGED" || read === "b1", read);
    const hits = await index.search("b1").then(
      (rows) => [...rows],
      ({ code }) => code,
    );
    assert(hits === "FILE_CHANGED" || (hits.length === 1 && hits[0] === 1), `${hits}`);
    // The others can still be read.
    assert.equal((await index.entry(2)).skill, "c1");
    assert.deepEqual([...(await index.search("a1", { rows: [0, 2] }))], [0]);
    /** @type {string[]} */
    const failed = [];
    const onFailure = (/** @type {unknown} */ _, /** @type {string} */ id) => failed.push(id);
    const left = await (await Sessions.open(files)).index({ onFailure });
    // Firefox and WebKit read what the file has now, or refuse it.
    const sessionsLeft = [...left.select()].map((row) => left.row(row).session);
    assert(sessionsLeft.includes("a") && sessionsLeft.includes("c"), `${sessionsLeft}`);
    assert.deepEqual(
      failed.filter((id) => id !== "b"),
      [],
    );
  });
}
