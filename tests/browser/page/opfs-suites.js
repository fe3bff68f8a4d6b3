// Applies every storage's suites to the browser's own file system.

import {
  archivedWhileFollowedSuite,
  archivesSuite,
  followedArchivesSuite,
} from "../../js/storage/archives-suite.js";
import { copyingSuite } from "../../js/storage/copying-suite.js";
import { growingIndexSuite } from "../../js/storage/growing-index-suite.js";
import { storageSuite } from "../../js/storage/suite.js";
import { archivesInOpfs } from "./archive-places.js";
import { changingFileTests } from "./changing-file-tests.js";
import { opfsPlace } from "./opfs-place.js";

for (const suite of [storageSuite, growingIndexSuite, copyingSuite]) suite("OPFS", opfsPlace);
archivesSuite("OPFS", archivesInOpfs);
followedArchivesSuite("OPFS", archivesInOpfs);
archivedWhileFollowedSuite("OPFS", archivesInOpfs, true);
changingFileTests();
