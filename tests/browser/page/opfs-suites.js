// Applies every storage's suites to the browser's own file system.

import { copyingSuite } from "../../js/storage/copying-suite.js";
import { growingIndexSuite } from "../../js/storage/growing-index-suite.js";
import { storageSuite } from "../../js/storage/suite.js";
import { changingFileTests } from "./changing-file-tests.js";
import { opfsPlace } from "./opfs-place.js";

for (const suite of [storageSuite, growingIndexSuite, copyingSuite]) suite("OPFS", opfsPlace);
changingFileTests();
