// The fault: `skill-log prune` is killed (SIGKILL) before any call that removes a file or syncs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
const preload = new URL("children/killed-call.js", import.meta.url).href;

const SESSIONS = 3;

/** Long ago. */
const OLD = Date.UTC(2026, 0, 3) / 1000;

test("writes down each session that is gone when it is killed before any change", async (t) => {
  const base = temporaryDirectory();
  const bytes = (/** @type {number} */ session) =>
    lineOf(numberedEntry({ session: `s${session}`, writer: "w", number: session, length: 300 }));
  let killed = 0;
  for (let nth = 1; ; nth += 1) {
    const dir = join(base, `${nth}`);
    mkdirSync(dir);
    const names = Array.from({ length: SESSIONS }, (_, session) => `s${session}.jsonl`);
    for (const [session, name] of names.entries()) {
      writeFileSync(join(dir, name), bytes(session));
      utimesSync(join(dir, name), OLD, OLD);
    }
    writeFileSync(join(dir, "s1.damaged"), "saved\n");
    utimesSync(join(dir, "s1.damaged"), OLD, OLD);
    const signal = await prune(dir, nth);
    checkAudit(dir, names, bytes);
    if (signal !== "SIGKILL") {
      assert.deepEqual(readdirSync(dir), ["prune.audit"]);
      break;
    }
    killed += 1;
    // A killed run may leave a part of a line, or what it did not remove.
    assert.equal(await prune(dir), null);
    // Who has nothing to remove takes no lock, and leaves that of a killed run.
    const left = readdirSync(dir).filter((name) => name !== "skill-log-archive.lock");
    assert.deepEqual(left, ["prune.audit"], `completed after call ${nth}`);
    checkAudit(dir, names, bytes);
  }
  t.diagnostic(`${killed} kills`);
  // For each file a removal and a sync, and those of the audit.
  assert.ok(killed >= 2 * (SESSIONS + 1) + 1, `only ${killed} kills`);
});

/**
 * Removes the old sessions of a directory.
 *
 * @param {string} dir
 * @param {number} [nth] the call before which it is killed
 * @returns {Promise<string | null>} the signal that ended it
 */
async function prune(dir, nth) {
  const imports = nth === undefined ? [] : ["--import", preload];
  const words = ["prune", dir, "--older", "30d", "--yes", "--no-cache"];
  const child = spawn(process.execPath, [...imports, program, ...words], {
    env: { ...process.env, KILLED_CALL: `${nth}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "close");
  if (signal === null) assert.equal(code, 0);
  return signal;
}

/**
 * Checks that the audit has each file that is gone, with its digest.
 *
 * @param {string} dir
 * @param {string[]} names
 * @param {(session: number) => Buffer} bytes
 */
function checkAudit(dir, names, bytes) {
  const path = join(dir, "prune.audit");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  const files = lines.flatMap((line) => JSON.parse(line).files);
  for (const [session, name] of names.entries()) {
    if (existsSync(join(dir, name))) continue;
    const sha256 = createHash("sha256").update(bytes(session)).digest("hex");
    assert.ok(
      files.some((file) => file.name === name && file.sha256 === sha256),
      name,
    );
  }
  if (!existsSync(join(dir, "s1.damaged")))
    assert.ok(files.some(({ name }) => name === "s1.damaged"));
}
