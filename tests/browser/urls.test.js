// What is at URLs: of the page's origin, and of another. No other platform has either.

import { browserSuite } from "./suite-run.js";

browserSuite("URLs", new URL("page/url-tests.js", import.meta.url), [
  "Chromium",
  "Firefox",
  "WebKitGTK",
]);
