// The package in a runtime that lets a program read and write in one folder alone.

import assert from "node:assert/strict";
import test from "node:test";

import { project, run } from "./project.js";
import { deno, node, nodes, unrunnable } from "./runtimes.js";

const done = {
  leftOpen: 0,
  modes: ["600", "700", "700"],
  followed: "docs",
  synced: "none",
  wouldRepair: 1,
  repaired: "none",
  saved: true,
  rows: 4,
  read: ["tdd", "review", "docs", "commit"],
  sessions: ["a", "b", "c"],
  removed: true,
  left: ["b.jsonl", "c.jsonl"],
};

// Nothing can be synced there: a log is not repaired then, and nothing is saved of it.
const doneWithoutSync = {
  ...done,
  synced: "SYNC_FAILED: fdatasync API is disabled when Permission Model is enabled.",
  repaired: "IO_ERROR: fsync API is disabled when Permission Model is enabled.",
  saved: false,
};

for (const version of nodes) {
  const flag = version === 20 ? "--experimental-permission" : "--permission";
  const flags = (/** @type {string} */ folder) => [
    flag,
    `--allow-fs-read=${folder}/*`,
    `--allow-fs-write=${folder}/made/*`,
  ];

  test(`Node ${version} with its permission model`, { skip: unrunnable }, async (t) => {
    const folder = project(t, ["permissions"]);
    assert.deepEqual(
      JSON.parse(await run(folder, node(version), ...flags(folder), "main.js")),
      doneWithoutSync,
    );
  });

  test(`Node ${version} with its permission model: a file that the umask makes more private stays so`, {
    skip: unrunnable,
  }, async (t) => {
    const folder = project(t, ["permissions"]);
    const shell = ["-c", 'umask 027; exec "$0" "$@"'];
    assert.equal(
      await run(folder, "/bin/sh", ...shell, node(version), ...flags(folder), "shared.js"),
      "640 775\n",
    );
  });
}

test("Deno with a folder that it may read and write", { skip: unrunnable }, async (t) => {
  const folder = project(t, ["permissions"]);
  const flags = ["--cached-only", "--no-prompt", "--allow-read=main.js,made", "--allow-write=made"];
  assert.deepEqual(JSON.parse(await run(folder, deno, "run", ...flags, "main.js")), done);
});
