// Every ```console block in README.md and docs/ is what its commands print.
// UPDATE=1 writes down what they print now.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { blocksOf, pages, root, textOf } from "../js/docs/pages.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { casesOf, transcriptOf } from "./console.js";
import { furnish } from "./places.js";

for (const page of pages) {
  for (const { language, text, line } of blocksOf(page)) {
    if (language !== "console") continue;
    test(`${page}, line ${line}: the commands print what is shown`, async (t) => {
      const [session] = casesOf(`# ${page}\n${text}`);
      assert.notEqual(session.steps.length, 0, "no command in it");
      const folder = temporaryFolder(t);
      furnish(folder);
      const printed = `${(await transcriptOf(session, folder)).replace(`# ${page}\n`, "")}\n`;
      if (process.env.UPDATE)
        fs.writeFileSync(
          `${root}/${page}`,
          textOf(page).replace(text, () => printed),
        );
      else assert.equal(printed, text);
    });
  }
}
