// The fault: a process ends before it has awaited its appends.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog, append, read } from "skill-log";

import { run } from "./child.js";
import { temporaryDirectory } from "./directory.js";
import { briefly, lineOf, numberedEntry } from "./numbered-entry.js";

const session = "hasty";
const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "hasty", number, length: 5000 });

const ends = [
  { how: "process.exit()", code: 0, signal: null },
  { how: "SIGKILL", code: null, signal: "SIGKILL" },
  { how: "an exception", code: 1, signal: null },
  { how: "an unhandled rejection", code: 1, signal: null },
  { how: "its last line", code: 0, signal: null },
];

for (const { how, ...expected } of ends) {
  test(`has appended all entries when the process ends by ${how}`, async () => {
    const dir = temporaryDirectory();
    const { code, signal, stderr } = await run("hasty-writer.js", [dir, session, how]);
    assert.deepEqual({ code, signal }, expected, stderr);
    assert.deepEqual(
      briefly(await read(dir, session)),
      briefly(Array.from({ length: 107 }, (_, number) => entry(number))),
    );
  });
}

test("has written the entry when append returns its promise", async () => {
  const dir = temporaryDirectory();
  const path = join(dir, `${session}.jsonl`);
  const log = await SessionLog.open(dir, session);
  const calls = [
    () => append(dir, session, entry(0)),
    () => log.append(entry(1)),
    () => log.append(entry(2), { sync: true }),
    () => append(dir, session, entry(3), { sync: true }),
  ];
  let lines = "";
  for (const [number, call] of calls.entries()) {
    const promise = call();
    lines += lineOf(entry(number));
    assert.ok(readFileSync(path, "utf8") === lines, `entry ${number} is not in the file`);
    await promise;
  }
  await log.close();
});
