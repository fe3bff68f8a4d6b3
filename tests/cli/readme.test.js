// README.md opens with commands: this is what they print. UPDATE=1 writes down what there is now.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { temporaryFolder } from "../js/temporary-folder.js";
import { casesOf, transcriptOf } from "./console.js";
import { furnish } from "./places.js";

const path = new URL("../../README.md", import.meta.url);

test("README.md opens with a session that is so", async (t) => {
  const readme = fs.readFileSync(path, "utf8");
  const [, block] = /** @type {RegExpExecArray} */ (/```console\n([^]*?)```/.exec(readme));
  const [session] = casesOf(`# README\n${block}`);
  const folder = temporaryFolder(t);
  furnish(folder);
  const printed = `${(await transcriptOf(session, folder)).replace("# README\n", "")}\n`;
  if (process.env.UPDATE)
    fs.writeFileSync(
      path,
      readme.replace(block, () => printed),
    );
  else assert.equal(printed, block);
});
