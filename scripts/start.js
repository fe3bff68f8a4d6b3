// What `npm start` runs: set-up, build, and the main job on real input.

import { build } from "./build.js";
import { run, script } from "./command.js";
import { setUp } from "./setup.js";

script(import.meta.url, async () => {
  setUp();
  await build();
  run(process.execPath, ["scripts/demo.js"]);
});
