// Appends at once, beside removals and repairs, and where the browser does not do what it should.

import { browserSuite } from "./suite-run.js";

browserSuite("appends", new URL("page/append-suites.js", import.meta.url), [
  "Chromium",
  "Chromium, private",
  "Firefox",
]);
