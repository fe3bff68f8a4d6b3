import { appendTests } from "./append-tests.js";
import { faultyBrowserTests } from "./faulty-browser-tests.js";
import { rewriteTests } from "./rewrite-tests.js";

appendTests();
rewriteTests();
faultyBrowserTests();
