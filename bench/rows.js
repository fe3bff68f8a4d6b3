// Lists the rows of the bench in the order in which they run.

import { rows as append } from "./rows/append.js";
import { rows as bulk } from "./rows/bulk.js";
import { rows as codec } from "./rows/codec.js";
import { rows as commandLine } from "./rows/command-line.js";
import { rows as compressed } from "./rows/compressed.js";
import { rows as index } from "./rows/index.js";
import { rows as memory } from "./rows/memory.js";
import { rows as query } from "./rows/query.js";
import { rows as read } from "./rows/read.js";
import { rows as refresh } from "./rows/refresh.js";
import { rows as reverse } from "./rows/reverse.js";
import { rows as search } from "./rows/search.js";
import { rows as sessions } from "./rows/sessions.js";
import { rows as start } from "./rows/start.js";

/** @type {import("./measure.js").Row[]} */
export const rows = [
  ...codec,
  ...read,
  ...index,
  ...refresh,
  ...search,
  ...query,
  ...reverse,
  ...sessions,
  ...append,
  ...compressed,
  ...memory,
  ...start,
  ...commandLine,
  ...bulk,
];
