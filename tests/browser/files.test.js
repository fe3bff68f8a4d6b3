// What can be read in any page: bytes, Blobs, and files that its user has chosen.

import { browserSuite } from "./suite-run.js";

browserSuite("files", new URL("page/file-suites.js", import.meta.url), [
  "Chromium",
  "Firefox",
  "WebKitGTK",
]);
