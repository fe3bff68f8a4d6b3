// Searching many logs finds the rows that searching each finds, however the lines spell the text.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, Sessions } from "skill-log";

import { temporaryFolder } from "../support/temporary-folder.js";

/** @param {string} message spelled as in JSON @param {number} [second] */
const line = (message, second = 0) =>
  `{"session_id":"s","timestamp":"2026-01-31T18:00:0${second}Z","skill":"a","final_status":"ok","message":"${message}"}`;

/** What a log has. @type {Record<string, string>} */
const logs = {
  plain: `${line("no")}\n${line("a needle")}\n${line("needle needle")}\n${line("no")}\n`,
  none: `${line("no")}\n${line("need le")}\n`,
  empty: "",
  escaped: `${line("n\\u0065edle")}\n${line("\\u006eeedle\\n")}\n`,
  "without a line end": `${line("no")}\n${line("needle")}`,
  "carriage returns": `${line("needle")}\r\n${line("no")}\r\n${line("needle")}\r\n`,
  spaces: `  ${line("needle")}  \n\n\t${line("needle")}\n`,
  fused: `${line("needle")}${line("needle", 1)}\n${line("needle", 2)}\n`,
  torn: `${line("needle").slice(0, -9)}${line("no", 1)}\n${line("needle").slice(0, 90)}`,
  "another entry after one": `${line("no")}${line("needle", 1)}\n`,
  "in a key alone": `${line("no")}\n{"needle":1}\n`,
};

/** Texts, and whether case is ignored. */
const TEXTS = /** @type {const} */ ([
  ["needle", false],
  ["NEEDLE", true],
  ["2026-01", false],
  ["18:00:01", false],
  ["absent", false],
  ["", false],
]);

/** A file that changed less than two seconds before it was looked at may be another by now. */
const SETTLED = 2_100;

test("finds what searching each log finds when logs spell the text in many ways", async (t) => {
  const dir = temporaryFolder(t);
  const pathOf = (/** @type {string} */ id) => path.join(dir, `${id}.jsonl`);
  for (const [id, bytes] of Object.entries(logs)) fs.writeFileSync(pathOf(id), bytes);
  await pause(SETTLED);
  const sessions = await Sessions.open(dir);
  t.after(() => sessions.close());
  const index = await sessions.index();
  for (const when of ["as indexed", "grown"]) {
    for (const [text, ignoreCase] of TEXTS) {
      const hits = new Set(await index.search(text, { ignoreCase }));
      for (const id of Object.keys(logs)) {
        const rows = [...index.select({ session: id })];
        const each = await (await SessionLog.from(pathOf(id))).index();
        const own = await each.search(text, { ignoreCase });
        assert.deepEqual(
          rows.flatMap((row, at) => (hits.has(row) ? [at] : [])),
          [...own].filter((row) => row < rows.length),
          `${id}, ${when}, ${JSON.stringify(text)}`,
        );
      }
    }
    for (const id of ["plain", "escaped", "fused"])
      fs.appendFileSync(pathOf(id), `${line("needle")}\n`);
  }
});

test("finds the rows of a long log when others are short", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(path.join(dir, "a.jsonl"), logs.plain);
  fs.writeFileSync(
    path.join(dir, "b.jsonl"),
    `${`${line("no")}\n`.repeat(6_000)}${line("needle")}\n`,
  );
  await pause(SETTLED);
  const sessions = await Sessions.open(dir);
  t.after(() => sessions.close());
  const index = await sessions.index();
  assert.deepEqual([...(await index.search("needle"))], [1, 2, 6004]);
});

test("finds only the given rows when other rows have the text too", async (t) => {
  const dir = temporaryFolder(t);
  fs.writeFileSync(path.join(dir, "plain.jsonl"), logs.plain);
  await pause(SETTLED);
  const sessions = await Sessions.open(dir);
  t.after(() => sessions.close());
  const index = await sessions.index();
  assert.deepEqual([...(await index.search("needle", { rows: [0, 2, 3] }))], [2]);
  assert.deepEqual([...(await index.search("needle"))], [1, 2]);
});
