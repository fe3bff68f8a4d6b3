// What handles of a user's files and folders lead to. Only Chromium gives such handles.

import { browserSuite } from "./suite-run.js";

browserSuite("dropped", new URL("page/dropped-suites.js", import.meta.url), ["Chromium"]);
