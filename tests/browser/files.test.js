// Sources that any page can read: bytes, Blobs, and files that the user has chosen.

import { browserSuite } from "./suite-run.js";

browserSuite("files", new URL("page/file-suites.js", import.meta.url), [
  "Chromium",
  "Firefox",
  "WebKitGTK",
]);
