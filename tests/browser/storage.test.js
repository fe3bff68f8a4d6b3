// The suites of every storage, in the browser's own file system, which a driven WebKitGTK lacks.

import { browserSuite } from "./suite-run.js";

browserSuite("OPFS", new URL("page/opfs-suites.js", import.meta.url), ["Chromium", "Firefox"]);
