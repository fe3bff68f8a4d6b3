// What becomes of the exclusive handle of a file: only workers have it.

import { browserSuite } from "./suite-run.js";

browserSuite(
  "exclusive handles",
  new URL("page/exclusive-tests.js", import.meta.url),
  ["Chromium", "Firefox"],
  ["worker"],
);
