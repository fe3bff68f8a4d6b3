// The sessions of a user's own folder, which other programs write to.

import assert from "node:assert/strict";
import test from "node:test";
import { Sessions } from "skill-log";

import { collected } from "../../js/support/collected.js";
import { line } from "../../js/support/lines.js";
import { opfsFolder } from "./opfs-place.js";
import { disk, droppedFile, droppedFolder } from "./user-files.js";

/** @param {...string} skills */
const text = (...skills) => skills.map((skill) => `${line(skill)}\n`).join("");

/** @param {import("skill-log").LogIndex} index */
const skillsOf = (index) => [...index.select()].map((row) => index.row(row).skill);

export function droppedSessionsTests() {
  test("a dropped folder: is indexed as it is now, and is only read", async (t) => {
    await disk.write("logs/a.jsonl", text("a1"));
    await disk.write("logs/b.jsonl", text("b1"));
    await disk.write("logs/below/c.jsonl", text("c1"));
    const sessions = await Sessions.open(await droppedFolder("logs"), { recursive: true });
    t.after(() => sessions.close());
    const index = await sessions.index();
    assert.deepEqual(skillsOf(index), ["a1", "b1", "c1"]);
    await disk.append("logs/below/c.jsonl", text("c2"));
    await disk.write("new", text("x1", "x2"));
    await disk.rename("new", "logs/a.jsonl");
    await disk.remove("logs/b.jsonl");
    assert.deepEqual(await index.refresh(), { added: 3, removed: 2 });
    assert.deepEqual(skillsOf(index).sort(), ["c1", "c2", "x1", "x2"]);
    assert.equal((await index.entry(index.length - 1)).session_id, "s");
    const log = sessions.open("below/c");
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["c1", "c2"],
    );
    await assert.rejects(log.append({ skill: "c3", final_status: "ok" }), { code: "READ_ONLY" });
    await assert.rejects(log.repair(), { code: "READ_ONLY" });
    assert.deepEqual(await disk.names("logs"), ["a.jsonl", "below"]);
  });

  test("dropped files: are indexed as they are now", async (t) => {
    await disk.write("a.jsonl", text("a1"));
    await disk.write("b.jsonl", text("b1"));
    const files = [await droppedFile("a.jsonl"), await droppedFile("b.jsonl")];
    const sessions = await Sessions.open(files);
    t.after(() => sessions.close());
    const index = await sessions.index();
    assert.deepEqual(skillsOf(index), ["a1", "b1"]);
    await disk.append("a.jsonl", text("a2"));
    assert.deepEqual(await index.refresh(), { added: 1, removed: 0 });
    await disk.remove("b.jsonl");
    assert.deepEqual(await index.refresh(), { added: 0, removed: 1 });
    assert.deepEqual(
      (await collected(sessions.list())).map(({ id }) => id),
      ["a"],
    );
    assert.deepEqual((await sessions.open("a").read()).length, 2);
    assert.deepEqual(await sessions.open("b").read(), []);
  });

  test("a dropped folder: compares last bytes with its cache, because another may have its name", async (t) => {
    const { name } = await opfsFolder(t);
    const options = { cache: name };
    const time = Date.now() - 60_000;
    await disk.write("one/logs/a.jsonl", text("a1", "a2"));
    await disk.setTime("one/logs/a.jsonl", time);
    await disk.write("two/logs/a.jsonl", text("b1", "b2"));
    await disk.setTime("two/logs/a.jsonl", time);
    for (const [folder, skills] of /** @type {const} */ ([
      ["one", ["a1", "a2"]],
      ["one", ["a1", "a2"]],
      ["two", ["b1", "b2"]],
      ["one", ["a1", "a2"]],
    ])) {
      const sessions = await Sessions.open(await droppedFolder(`${folder}/logs`), options);
      assert.deepEqual(skillsOf(await sessions.index()), skills);
      await sessions.close();
    }
  });
}
