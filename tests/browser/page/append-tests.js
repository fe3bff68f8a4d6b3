// Many appends at the same time: by calls of `append`, by several logs of one session, and while
// the session is removed.

import assert from "node:assert/strict";
import test from "node:test";
import { append, removeSession, SessionLog } from "skill-log";

import { entry } from "../../js/support/lines.js";
import { opfsFolder } from "./opfs-place.js";

/** Counts the rejections by code and cause. @param {PromiseSettledResult<unknown>[]} settled */
function reasonsOf(settled) {
  /** @type {Record<string, number>} */
  const reasons = {};
  for (const each of settled) {
    if (each.status === "fulfilled") continue;
    const reason = `${each.reason.code} ${each.reason.cause?.name}`;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}

/** @param {SessionLog} log */
async function messagesOf(log) {
  const { damage, pending } = await log.verify();
  assert.deepEqual({ damage, pending }, { damage: [], pending: null });
  return (await log.read()).map(({ message = "" }) => message);
}

export function appendTests() {
  test("appends: writes all entries in order when a thousand calls are not awaited", async (t) => {
    const { name } = await opfsFolder(t);
    for (const part of ["cold", "warm"]) {
      const messages = Array.from({ length: 1000 }, (_, number) => `${part} ${number}`);
      const settled = await Promise.allSettled(
        messages.map((message) => append(`${name}/${part}`, "s", entry("a", { message }))),
      );
      assert.deepEqual(reasonsOf(settled), {});
      assert.deepEqual(await messagesOf(await SessionLog.open(`${name}/${part}`, "s")), messages);
    }
  });

  test("appends: rejects no append when many logs of one session append at once", async (t) => {
    const { name, folder } = await opfsFolder(t);
    const logs = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        SessionLog.open(i % 2 ? folder : [name, `/${name}/.`][(i % 4) / 2], "s"),
      ),
    );
    const settled = [];
    for (let round = 0; round < 10; round += 1) {
      settled.push(
        ...logs.flatMap((log, i) =>
          ["a", "b"].map((part) => log.append(entry(`${i}`, { message: `${i} ${round} ${part}` }))),
        ),
      );
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.deepEqual(reasonsOf(await Promise.allSettled(settled)), {});
    const messages = await messagesOf(logs[0]);
    assert.equal(messages.length, settled.length);
    // The entries of each log are in the order of its calls.
    for (const i of logs.keys()) {
      const own = messages.filter((message) => message.startsWith(`${i} `));
      assert.deepEqual(
        own,
        Array.from({ length: 10 }, (_, round) =>
          ["a", "b"].map((part) => `${i} ${round} ${part}`),
        ).flat(),
      );
    }
    await Promise.all(logs.map((log) => log.close()));
  });

  test("appends: rejects no append when its session is removed again and again", async (t) => {
    const { name } = await opfsFolder(t);
    const log = await SessionLog.open(name, "s");
    let isDone = false;
    const removing = (async () => {
      for (; !isDone; await new Promise((done) => setTimeout(done))) await removeSession(name, "s");
    })();
    const settled = [];
    for (let number = 0; number < 150; number += 1)
      settled.push(...(await Promise.allSettled([log.append(entry("a"))])));
    isDone = true;
    await removing;
    assert.deepEqual(reasonsOf(settled), {});
    await log.append(entry("last"));
    assert.equal((await log.read()).at(-1)?.skill, "last");
    await log.close();
  });

  test("appends: lets a removal take its turn when writers hold the file without pause", async (t) => {
    const { name, folder } = await opfsFolder(t);
    await append(name, "s", entry("a"));
    let isDone = false;
    const writers = ["one", "two"].map(async () => {
      while (!isDone)
        await navigator.locks.request(`skill-log:${name}/s.jsonl`, async () => {
          const file = await folder.getFileHandle("s.jsonl", { create: true });
          const stream = await file.createWritable();
          await new Promise((done) => setTimeout(done, 100));
          await stream.abort();
        });
    });
    try {
      assert.equal(await removeSession(name, "s"), true);
    } finally {
      isDone = true;
      await Promise.all(writers);
    }
  });

  // Only a worker writes by itself; a page's writes are its worker's.
  if (typeof document === "object") return;

  for (const removed of ["inner/s.jsonl", "inner"]) {
    test(`appends: makes ${removed} again when it is removed before it is opened`, async (t) => {
      const { name, folder } = await opfsFolder(t);
      const log = await SessionLog.open(`${name}/inner`, "s");
      const { createSyncAccessHandle } = FileSystemFileHandle.prototype;
      t.after(
        () => (FileSystemFileHandle.prototype.createSyncAccessHandle = createSyncAccessHandle),
      );
      for (const skill of ["first", "second"]) {
        let times = 0;
        FileSystemFileHandle.prototype.createSyncAccessHandle = async function () {
          times += 1;
          if (times <= 3) {
            if (removed === "inner") await folder.removeEntry("inner", { recursive: true });
            else await (await folder.getDirectoryHandle("inner")).removeEntry("s.jsonl");
          }
          return createSyncAccessHandle.call(this);
        };
        await log.append(entry(skill));
        assert.deepEqual(
          (await log.read()).map((each) => each.skill),
          [skill],
        );
        assert.equal(times, 4);
      }
      await log.close();
    });
  }
}
