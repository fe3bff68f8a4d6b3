// Logs at URLs of the page's origin and of another origin, which only browsers have.

import { browserSuite } from "./suite-run.js";

browserSuite("URLs", new URL("page/url-tests.js", import.meta.url), [
  "Chromium",
  "Firefox",
  "WebKitGTK",
]);
