import { SessionLog } from "skill-log";

import { archivesSuite } from "../../js/storage/archives-suite.js";
import { readOnlySuite } from "../../js/storage/reading-suite.js";
import { listedFilesTests, pickedFolderTests } from "../../js/sessions/listed-files-tests.js";
import { archivesInFiles } from "./archive-places.js";
import { chosenFileTests } from "./chosen-file-tests.js";
import { chosenSessionsTests } from "./chosen-sessions-tests.js";
import { compressedTests } from "./compressed-tests.js";
import { chosen, disk } from "./user-files.js";

let files = 0;

readOnlySuite("bytes", (t, bytes) => SessionLog.from(bytes));
readOnlySuite("a Blob", (t, bytes) => SessionLog.from(new Blob([Uint8Array.from(bytes)])));
readOnlySuite("a chosen file", async (t, bytes) => {
  const name = `${(files += 1)}.jsonl`;
  await disk.write(name, bytes);
  return SessionLog.from(await chosen(name));
});
chosenFileTests();
listedFilesTests();
pickedFolderTests();
chosenSessionsTests();
compressedTests();
archivesSuite("a picked folder", archivesInFiles);
