// What the command line prints, and how it ends: each transcript in this folder is run again. UPDATE=1 writes down what there is now.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { temporaryFolder } from "../js/temporary-folder.js";
import { casesOf, transcriptOf } from "./console.js";
import { furnish } from "./places.js";

for (const file of fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith(".console")).sort()) {
  test(file, async (t) => {
    const path = `${import.meta.dirname}/${file}`;
    const cases = casesOf(fs.readFileSync(path, "utf8"));
    assert.notEqual(cases.length, 0, "no case in it");
    const found = [];
    for (const each of cases) {
      await t.test(each.title, async (t) => {
        assert.notEqual(each.steps.length, 0, "no command in it");
        const folder = temporaryFolder(t);
        furnish(folder);
        const transcript = await transcriptOf(each, folder);
        found.push(transcript);
        if (!process.env.UPDATE) assert.equal(transcript, each.text);
      });
    }
    if (process.env.UPDATE) fs.writeFileSync(path, `${found.join("\n\n")}\n`);
  });
}
