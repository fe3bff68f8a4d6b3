// The package's worker, as a page sees it.

import assert from "node:assert/strict";
import test from "node:test";

import { entry } from "../../js/support/lines.js";
import { copyOfPackage, replace } from "./faults.js";
import { holdFile } from "./held-file.js";
import { opfsFolder } from "./opfs-place.js";

const { Worker } = globalThis;

/**
 * Loads a copy of the package, with a worker of its own.
 *
 * @param {import("node:test").TestContext} t
 */
async function withWorkers(t) {
  /** @type {Worker[]} */
  const workers = [];
  const seen = { workers, sent: 0, detached: 0 };
  replace(
    t,
    globalThis,
    "Worker",
    class extends Worker {
      isTerminated = false;

      /** @param {ConstructorParameters<typeof Worker>} args */
      constructor(...args) {
        super(...args);
        workers.push(this);
      }

      /** @param {unknown} message @param {any} [transferred] */
      postMessage(message, transferred = []) {
        super.postMessage(message, transferred);
        if (this.isTerminated) return;
        seen.sent += 1;
        seen.detached += transferred.filter(
          (/** @type {unknown} */ each) => each instanceof ArrayBuffer && each.byteLength === 0,
        ).length;
      }

      terminate() {
        this.isTerminated = true;
        super.terminate();
      }
    },
  );
  return { ...(await copyOfPackage()), seen };
}

export function packageWorkerTests() {
  // In a worker, the worker itself writes.
  if (typeof document === "undefined") return;

  test("worker: transfers the bytes, without a copy, when an entry is appended", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog, seen } = await withWorkers(t);
    const log = await SessionLog.open(name, "s");
    for (const skill of ["a", "b"]) await log.append(entry(skill));
    assert.equal(seen.detached, 2);
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "b"],
    );
    await log.close();
  });

  test("worker: lets the page see an error when a worker that works reports it", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog, seen } = await withWorkers(t);
    const log = await SessionLog.open(name, "s");
    await log.append(entry("a"));
    const isSeen = seen.workers
      .at(-1)
      ?.dispatchEvent(new ErrorEvent("error", { message: "later", cancelable: true }));
    assert.equal(isSeen, true);
    await log.close();
  });

  test("worker: rejects with INTERRUPTED when an answer cannot be read", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog, seen } = await withWorkers(t);
    const log = await SessionLog.open(name, "s");
    await log.append(entry("a"));
    const worker = seen.workers.at(-1);
    const release = await holdFile(name, "s.jsonl");
    t.after(release);
    const count = seen.sent;
    const appending = log.append(entry("b"));
    while (seen.sent === count) await new Promise((done) => setTimeout(done));
    worker?.dispatchEvent(new MessageEvent("messageerror"));
    await assert.rejects(appending, { code: "INTERRUPTED" });
    release();
    await log.append(entry("c"));
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "c"],
    );
    await log.close();
  });

  test("worker: appends in another worker when the first ended before it was asked", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog, seen } = await withWorkers(t);
    const [writing, waiting] = await Promise.all(
      ["writing", "waiting"].map((id) => SessionLog.open(name, id)),
    );
    let unsent = 0;
    // The page's freeze event comes so many microtasks after the call.
    for (let steps = 0; steps < 40; steps += 1) {
      await writing.append({ skill: "a", final_status: "ok" });
      const first = writing.append({ skill: "a", final_status: "ok" }).catch(({ code }) => code);
      for (let i = 0; i < 30; i += 1) await null;
      const count = seen.sent;
      const appending = waiting.append({ skill: "b", final_status: "ok", message: `${steps}` });
      for (let i = 0; i < steps; i += 1) await null;
      const isSent = seen.sent > count;
      globalThis.dispatchEvent(new Event("freeze"));
      const code = await appending.then(
        () => "appended",
        ({ code }) => code,
      );
      if (!isSent) {
        unsent += 1;
        assert.equal(code, "appended", `after ${steps} steps`);
      }
      assert.ok(code === "appended" || code === "INTERRUPTED", code);
      await first;
    }
    t.diagnostic(`${unsent} were not sent`);
    assert.ok(unsent > 0 && unsent < 40);
    // A worker that was ended in a write may hold its file for a moment.
    for (const log of [writing, waiting]) {
      await log.append({ skill: "last", final_status: "ok" });
      await log.close();
    }
  });
}
