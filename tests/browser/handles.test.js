// Logs that handles of the browser's own file system lead to, and the sessions of a directory
// there.

import { browserSuite } from "./suite-run.js";

browserSuite("handles", new URL("page/handle-suites.js", import.meta.url), [
  "Chromium",
  "Chromium, private",
  "Firefox",
]);
