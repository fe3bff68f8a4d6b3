import { appendTests } from "./append-tests.js";
import { rewriteTests } from "./rewrite-tests.js";

appendTests();
rewriteTests();
