import { SessionLog } from "skill-log";

import { archivedWhileFollowedSuite } from "../../js/storage/archives-suite.js";
import { readOnlySuite } from "../../js/storage/reading-suite.js";
import { archivesInFolder } from "./archive-places.js";
import { droppedSessionsTests } from "./dropped-sessions-tests.js";
import { droppedTests } from "./dropped-tests.js";
import { disk, droppedFile, droppedFolder } from "./user-files.js";

let folders = 0;

/** @param {Uint8Array} bytes */
async function folderWith(bytes) {
  const name = `${(folders += 1)}`;
  await disk.write(`${name}/s.jsonl`, bytes);
  return name;
}

readOnlySuite("a dropped file", async (t, bytes) =>
  SessionLog.from(await droppedFile(`${await folderWith(bytes)}/s.jsonl`)),
);
readOnlySuite("a dropped folder", async (t, bytes) =>
  SessionLog.open(await droppedFolder(await folderWith(bytes)), "s"),
);
archivedWhileFollowedSuite("a dropped folder", archivesInFolder, true);
droppedTests();
droppedSessionsTests();
