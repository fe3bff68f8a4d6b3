import { listedFilesTests } from "./listed-files-tests.js";

listedFilesTests();
