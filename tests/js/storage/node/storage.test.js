import fs from "node:fs/promises";
import path from "node:path";
import { SessionLog } from "skill-log";

import { temporaryFolder } from "../../support/temporary-folder.js";
import { copyingSuite } from "../copying-suite.js";
import { growingIndexSuite } from "../growing-index-suite.js";
import { storageSuite } from "../suite.js";

for (const suite of [storageSuite, growingIndexSuite, copyingSuite]) {
  suite(
    "Node's file system",
    async (t) => {
      const folder = temporaryFolder(t);
      const file = path.join(folder, "s.jsonl");
      const bytesOf = (/** @type {string} */ path) =>
        fs
          .readFile(path)
          .catch((error) => (error.code === "ENOENT" ? null : Promise.reject(error)));
      return {
        path: file,
        open: (options) => SessionLog.open(folder, "s", options),
        bytes: () => bytesOf(file),
        rewrite: (text) => fs.writeFile(file, text),
        async replace(text) {
          await fs.writeFile(`${file}.new`, text);
          await fs.rename(`${file}.new`, file);
        },
        remove: () => fs.rm(file),
        put: (text) => fs.appendFile(file, text),
        saved: () => bytesOf(path.join(folder, "s.damaged")),
      };
    },
    true,
  );
}
