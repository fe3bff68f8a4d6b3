// How the package uses the exclusive handle of a file, which only workers have.

import { browserSuite } from "./suite-run.js";

browserSuite(
  "exclusive handles",
  new URL("page/exclusive-tests.js", import.meta.url),
  ["Chromium", "Firefox"],
  ["worker"],
);
