import { appendTests } from "./append-tests.js";
import { faultyBrowserTests } from "./faulty-browser-tests.js";
import { packageWorkerTests } from "./package-worker-tests.js";
import { rewriteTests } from "./rewrite-tests.js";

appendTests();
rewriteTests();
faultyBrowserTests();
packageWorkerTests();
