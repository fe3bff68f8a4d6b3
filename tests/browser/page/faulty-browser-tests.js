// What a log does when a part of the browser is missing or fails.

import assert from "node:assert/strict";
import test from "node:test";

import { entry, line, TORN } from "../../js/support/lines.js";
import { copyOfPackage, replace } from "./faults.js";
import { opfsFolder } from "./opfs-place.js";

const { FileSystemSyncAccessHandle } = globalThis;

/** @type {Record<string, unknown>} */
const withoutChannels = {
  "there is no BroadcastChannel": undefined,
  "a BroadcastChannel throws": class {
    constructor() {
      throw new DOMException("no", "SecurityError");
    }
  },
};

export function faultyBrowserTests() {
  for (const [what, value] of Object.entries(withoutChannels)) {
    test(`faults: appends and follows when ${what}`, async (t) => {
      const { name } = await opfsFolder(t);
      replace(t, globalThis, "BroadcastChannel", value);
      const { SessionLog } = await copyOfPackage();
      const log = await SessionLog.open(name, "s");
      await log.append(entry("a"));
      const records = log.follow();
      for (const skill of ["a", "b", "c"]) {
        if (skill !== "a") await log.append(entry(skill));
        assert.equal((await records.next()).value?.entry.skill, skill);
      }
      await records.return();
      await log.close();
    });
  }

  // Only a worker writes by itself.
  if (typeof document === "object") return;

  test("faults: seals a torn line when the byte before the end cannot be read", async (t) => {
    const { name, put } = await opfsFolder(t);
    await put(TORN);
    replace(t, FileSystemSyncAccessHandle.prototype, "read", () => 0);
    const { SessionLog } = await copyOfPackage();
    const log = await SessionLog.open(name, "s");
    assert.deepEqual(await log.append(entry("a")), { bytes: `\n${line("a")}\n`.length });
    assert.deepEqual(
      (await log.read({ onDamage() {} })).map(({ skill }) => skill),
      ["a"],
    );
    assert.deepEqual(
      (await log.verify()).damage.map(({ kind }) => kind),
      ["torn"],
    );
    await log.close();
  });

  test("faults: leaves the file to other writers when its size cannot be read at first", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog } = await copyOfPackage();
    const log = await SessionLog.open(name, "s");
    await log.append(entry("a"));
    const { getSize } = FileSystemSyncAccessHandle.prototype;
    const failing = () => {
      throw new DOMException("no", "InvalidStateError");
    };
    replace(t, FileSystemSyncAccessHandle.prototype, "getSize", failing);
    await assert.rejects(log.append(entry("b")), { code: "IO_ERROR", path: `${name}/s.jsonl` });
    replace(t, FileSystemSyncAccessHandle.prototype, "getSize", getSize);
    await log.append(entry("c"));
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "c"],
    );
    await log.close();
  });

  test("faults: rejects with INTERRUPTED when the size cannot be read after a write", async (t) => {
    const { name } = await opfsFolder(t);
    const { SessionLog } = await copyOfPackage();
    const log = await SessionLog.open(name, "s");
    const { getSize, write } = FileSystemSyncAccessHandle.prototype;
    let isWritten = false;
    /** @this {FileSystemSyncAccessHandle} @param {Parameters<typeof write>} args */
    const writing = function (...args) {
      isWritten = true;
      return write.apply(this, args);
    };
    replace(t, FileSystemSyncAccessHandle.prototype, "write", writing);
    /** @this {FileSystemSyncAccessHandle} */
    const measuring = function () {
      if (isWritten) throw new DOMException("no", "InvalidStateError");
      return getSize.apply(this);
    };
    replace(t, FileSystemSyncAccessHandle.prototype, "getSize", measuring);
    await assert.rejects(log.append(entry("a")), { code: "INTERRUPTED", path: `${name}/s.jsonl` });
    isWritten = false;
    replace(t, FileSystemSyncAccessHandle.prototype, "write", write);
    await log.append(entry("b"));
    assert.deepEqual(
      (await log.read()).map(({ skill }) => skill),
      ["a", "b"],
    );
    await log.close();
  });
}
