// What handles lead to in the browser's own file system, and the sessions of a directory there.

import { browserSuite } from "./suite-run.js";

browserSuite("handles", new URL("page/handle-suites.js", import.meta.url), [
  "Chromium",
  "Chromium, private",
  "Firefox",
]);
