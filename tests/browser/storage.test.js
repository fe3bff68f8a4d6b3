// What a log must do in every storage, in the browser's own file system. WebKitGTK has none when it is driven.

import { browserSuite } from "./suite-run.js";

browserSuite("OPFS", new URL("page/opfs-suites.js", import.meta.url), ["Chromium", "Firefox"]);
