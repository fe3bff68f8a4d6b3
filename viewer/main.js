// The page's program.

import "./app/viewer.js";
