// Appends at the same time, appends beside removals and repairs, and appends in faulty browsers.

import { browserSuite } from "./suite-run.js";

browserSuite("appends", new URL("page/append-suites.js", import.meta.url), [
  "Chromium",
  "Chromium, private",
  "Firefox",
]);
