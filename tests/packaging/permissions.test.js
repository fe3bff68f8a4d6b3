// Runs the package where a program may read and write only in one folder.

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

// Node's permission model forbids syncs, so a repair changes nothing and saves nothing.
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

  test(`appends and reads, but never syncs, under the permission model of Node ${version}`, {
    skip: unrunnable,
  }, async (t) => {
    const folder = project(t, ["permissions"]);
    assert.deepEqual(
      JSON.parse(await run(folder, node(version), ...flags(folder), "main.js")),
      doneWithoutSync,
    );
  });

  test(`keeps a file as private as the umask makes it, under Node ${version}'s permissions`, {
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

test("does everything in Deno when its folder may be read and written", {
  skip: unrunnable,
}, async (t) => {
  const folder = project(t, ["permissions"]);
  const flags = ["--cached-only", "--no-prompt", "--allow-read=main.js,made", "--allow-write=made"];
  assert.deepEqual(JSON.parse(await run(folder, deno, "run", ...flags, "main.js")), done);
});
