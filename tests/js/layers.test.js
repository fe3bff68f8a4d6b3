import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../../scripts/command.js";
import { checkLayers } from "../../scripts/layers.js";

/** Each breaks one rule: what is added to which file, and what the check then reports. */
const breaks = [
  {
    title: "two files import each other, one of them a type alone",
    file: "js/storage/chunks.js",
    text: '/** @import { Blob } from "./blob.js" */\n',
    reported: /no-cycles: .*js\/storage\/(blob|chunks)\.js/,
  },
  {
    title: "storage imports a type of the room above it",
    file: "js/storage/storage.d.ts",
    text: 'export type { RowSearch } from "../indexing/row-search.js";\n',
    reported: /storage-is-below-work: js\/storage\/storage\.js → js\/indexing\/row-search\.js/,
  },
  {
    title: "a room imports the command line",
    file: "js/damage/warning.js",
    text: 'import "../cli/version.js";\n',
    reported: /no-import-of-cli: js\/damage\/warning\.js → js\/cli\/version\.js/,
  },
  {
    title: "the browser's wing imports Node's",
    file: "js/storage/browser/errors.js",
    text: 'export { SyncGroup } from "../node/sync-group.js";\n',
    reported: /browser-imports-no-node: js\/storage\/browser\/errors\.js → js\/storage\/node\//,
  },
  {
    title: "the page imports a room of the package",
    file: "viewer/app/store.js",
    text: 'import "../../js/errors.js";\n',
    reported: /viewer-imports-the-public-api: viewer\/app\/store\.js → js\/errors\.js/,
  },
  {
    title: "a part of the page imports the shell",
    file: "viewer/app/store.js",
    text: 'import "./viewer.js";\n',
    reported: /viewer-parts-are-below-the-shell: viewer\/app\/store\.js → viewer\/app\/viewer\.js/,
  },
  {
    title: "the core names JavaScript outside src/wasm/",
    file: "src/scan.rs",
    text: "use wasm_bindgen::JsValue;\n",
    reported: /rust-knows-no-javascript: src\/scan\.rs:\d+ names wasm_bindgen/,
  },
];

test("finds no wrong import when it checks this working copy", () => checkLayers(root));

for (const { title, file, text, reported } of breaks) {
  test(`fails when ${title}`, async (t) => {
    const copy = mkdtempSync(join(tmpdir(), "skill-log-break-"));
    t.after(() => rmSync(copy, { recursive: true }));
    for (const folder of ["js", "src", "viewer"])
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    appendFileSync(join(copy, file), text);
    await assert.rejects(checkLayers(copy), { message: reported });
  });
}
