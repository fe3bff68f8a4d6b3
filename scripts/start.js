// `npm start`: sets up, builds, and runs the demo.

import { build } from "./build.js";
import { run, script } from "./command.js";
import { setUp } from "./setup.js";

script(import.meta.url, async () => {
  setUp();
  await build();
  run(process.execPath, ["scripts/demo.js"]);
});
