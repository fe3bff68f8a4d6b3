// The memory of `skill-log archive`, for one long log and for many sessions.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { temporaryFolder } from "../js/support/temporary-folder.js";
import { program } from "./running.js";

/** The most bytes that the process may take. Node itself takes about 60 MB. */
const MOST = 200e6;

const line =
  '{"session_id":"s","timestamp":"2026-01-01T00:00:00Z","skill":"a","final_status":"ok"}\n';

/** @type {[title: string, make: (dir: string) => void, options: string[]][]} */
const cases = [
  [
    "a log has 100 MB",
    (dir) => {
      const text = line.repeat(1e6 / line.length);
      for (let part = 0; part < 100; part += 1) fs.appendFileSync(path.join(dir, "s.jsonl"), text);
    },
    [],
  ],
  [
    "a directory has 50,000 sessions",
    (dir) => {
      for (let session = 0; session < 50_000; session += 1)
        fs.writeFileSync(path.join(dir, `session-${session}.jsonl`), line);
    },
    ["--dry-run"],
  ],
];

for (const [title, make, options] of cases)
  test(`takes less than 200 MB when ${title}`, (t) => {
    const dir = temporaryFolder(t);
    make(dir);
    const peak = path.join(temporaryFolder(t), "peak");
    const report = `import fs from "node:fs"; process.on("exit", () => fs.writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`;
    execFileSync(
      process.execPath,
      [
        "--import",
        `data:text/javascript,${encodeURIComponent(report)}`,
        ...[program, "archive", dir, "--idle", "0s", "--json", ...options],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const bytes = 1024 * Number(fs.readFileSync(peak, "utf8"));
    assert.ok(bytes < MOST, `${bytes} bytes`);
  });
