// The sources that can only be read.

import { openAsBlob } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
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
