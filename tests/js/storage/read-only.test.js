// The sources that can only be read.

import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { SessionLog } from "skill-log";

import { temporaryFolder } from "../support/temporary-folder.js";
import { readOnlySuite } from "./reading-suite.js";

/**
 * @param {import("node:test").TestContext} t
 * @param {Uint8Array} bytes
 */
async function fileOf(t, bytes) {
  const file = path.join(temporaryFolder(t), "any name.txt");
  await fs.writeFile(file, bytes);
  return file;
}

/** @type {Record<string, import("./reading-suite.js").MakeLog>} */
const places = {
  bytes: (t, bytes) => SessionLog.from(bytes),
  "a Blob": (t, bytes) => SessionLog.from(new Blob([Uint8Array.from(bytes)])),
  "a Blob of a file": async (t, bytes) => SessionLog.from(await openAsBlob(await fileOf(t, bytes))),
  "a path": async (t, bytes) => SessionLog.from(await fileOf(t, bytes)),
};

for (const [name, makeLog] of Object.entries(places))
  readOnlySuite(name, makeLog, name === "a path");

test("refuses bytes of more than 64 MiB at once when the file has them", async (t) => {
  const file = await fileOf(t, Buffer.from("a log"));
  // Sparse: it takes no space.
  const most = 64 << 20;
  await fs.truncate(file, most + 1);
  const log = await SessionLog.from(file);
  await assert.rejects(log.bytes(), {
    code: "INVALID_ARGUMENT",
    message: /at most 67108864 bytes/,
  });
  assert.equal((await log.bytes({ from: 1 })).length, most);
  assert.equal((await log.bytes({ from: most, to: 2 ** 40 })).length, 1);
});
