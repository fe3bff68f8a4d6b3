import { SessionLog } from "skill-log";

import { readingSuite, readOnlySuite } from "../../js/storage/reading-suite.js";
import { fileHandleTests } from "./file-handle-tests.js";
import { folderSessionsTests } from "./folder-sessions-tests.js";
import { manyLogsTests } from "./many-logs-tests.js";
import { opfsFolder } from "./opfs-place.js";
import { sessionFileTests } from "./session-file-tests.js";

/**
 * @param {import("node:test").TestContext} t
 * @param {Uint8Array} bytes
 */
async function folderWith(t, bytes) {
  const { folder, put } = await opfsFolder(t);
  await put(bytes);
  return folder;
}

readOnlySuite("a file's handle", async (t, bytes) =>
  SessionLog.from(await (await folderWith(t, bytes)).getFileHandle("s.jsonl")),
);
readingSuite("a folder's handle", async (t, bytes) =>
  SessionLog.open(await folderWith(t, bytes), "s"),
);
fileHandleTests();
sessionFileTests();
folderSessionsTests();
manyLogsTests();
