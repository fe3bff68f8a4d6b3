// Logs that a page reads by handles of a user's files and folders. Only Chromium has such handles.

import { browserSuite } from "./suite-run.js";

browserSuite("dropped", new URL("page/dropped-suites.js", import.meta.url), ["Chromium"]);
