// Many appends at once: by calls of `append`, and by several logs of one session; and while the session is removed.

import assert from "node:assert/strict";
import test from "node:test";
import { append, removeSession, SessionLog } from "skill-log";

import { entry } from "../../js/lines.js";
import { opfsFolder } from "./opfs-place.js";

/** @param {unknown[]} settled of `Promise.allSettled` */
function reasonsOf(settled) {
  const reasons = {};
  for (const { reason } of settled) if (reason) reasons[`${reason.code} ${reason.cause?.name}`] = (reasons[`${reason.code} ${reason.cause?.name}`] ?? 0) + 1;
  return reasons;
}

/** @param {SessionLog} log */
async function messagesOf(log) {
  const { damage, pending } = await log.verify();
  assert.deepEqual({ damage, pending }, { damage: [], pending: null });
  return (await log.read()).map(({ message = "" }) => message);
}

export function appendTests() {
  test("appends: a thousand calls that nobody waits for are all in the file, in their order", async (t) => {
    const { name } = await opfsFolder(t);
    for (const part of ["cold", "warm"]) {
      const messages = Array.from({ length: 1000 }, (_, number) => `${part} ${number}`);
      const settled = await Promise.allSettled(messages.map((message) => append(`${name}/${part}`, "s", entry("a", { message }))));
      assert.deepEqual(reasonsOf(settled), {});
      assert.deepEqual(await messagesOf(await SessionLog.open(`${name}/${part}`, "s")), messages);
    }
  });

  test("appends: logs of one session, by path and by handle, wait for nobody in their own thread", async (t) => {
    const { name, folder } = await opfsFolder(t);
    const logs = await Promise.all(Array.from({ length: 30 }, (_, i) => SessionLog.open(i % 2 ? folder : [name, `/${name}/.`][i % 4 / 2], "s")));
    const settled = [];
    for (let round = 0; round < 10; round += 1) {
      settled.push(...logs.flatMap((log, i) => ["a", "b"].map((part) => log.append(entry(`${i}`, { message: `${i} ${round} ${part}` })))));
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.deepEqual(reasonsOf(await Promise.allSettled(settled)), {});
    const messages = await messagesOf(logs[0]);
    assert.equal(messages.length, settled.length);
    // Each log's in the order of its calls.
    for (const i of logs.keys()) {
      const own = messages.filter((message) => message.startsWith(`${i} `));
      assert.deepEqual(own, Array.from({ length: 10 }, (_, round) => ["a", "b"].map((part) => `${i} ${round} ${part}`)).flat());
    }
    await Promise.all(logs.map((log) => log.close()));
  });

  /** Removes the file, or its directory, in the middle of an append or not. @type {Record<string, (path: string, folder: FileSystemDirectoryHandle) => Promise<unknown>>} */
  const removals = {
    "its session is removed": (path) => removeSession(path, "s"),
    "its directory is removed": (_, folder) => folder.removeEntry("inner", { recursive: true }),
  };
  for (const [what, remove] of Object.entries(removals)) {
    test(`appends: none fails while ${what} again and again`, async (t) => {
      const { name, folder } = await opfsFolder(t);
      const path = `${name}/inner`;
      const log = await SessionLog.open(path, "s");
      let isDone = false;
      const refusals = {};
      const removing = (async () => {
        while (!isDone) {
          // Held by the append, or not there.
          await remove(path, folder).catch(({ name }) => (refusals[name] = (refusals[name] ?? 0) + 1));
          await new Promise((done) => setTimeout(done));
        }
      })();
      const settled = [];
      for (let number = 0; number < 150; number += 1) settled.push(...(await Promise.allSettled([log.append(entry("a"))])));
      isDone = true;
      await removing;
      t.diagnostic(`removals that were refused: ${JSON.stringify(refusals)}`);
      assert.deepEqual(reasonsOf(settled), {});
      await log.append(entry("last"));
      assert.equal((await log.read()).at(-1)?.skill, "last");
      await log.close();
    });
  }
}
