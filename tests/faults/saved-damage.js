// What a repair in place leaves: the log, and the damage that it saved.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Checks that each byte of the log is the original byte, or was saved and overwritten.
 *
 * @param {string} dir
 * @param {string} session
 * @param {Buffer} original the bytes of the log before its repair
 * @param {boolean} isDone whether each overwritten byte must be a line end
 */
export function checkSaved(dir, session, original, isDone) {
  const { log } = repairedFiles(dir, session);
  assert.equal(log.length, original.length);
  const saved = savedBytes(dir, session);
  for (const [at, byte] of original.entries()) {
    if (log[at] === byte) continue;
    const isBroken = !isDone && (log[at] === 0x18 || (byte === 0x64 && log[at] === 0x44));
    assert.ok(log[at] === 0x0a || isBroken, `byte ${at} became ${log[at]}`);
    assert.equal(saved.get(at), byte, `byte ${at} is lost`);
  }
}

/**
 * @param {string} dir
 * @param {string} session
 */
export function repairedFiles(dir, session) {
  const path = join(dir, `${session}.damaged`);
  return {
    log: readFileSync(join(dir, `${session}.jsonl`)),
    saved: existsSync(path) ? readFileSync(path) : Buffer.alloc(0),
  };
}

/**
 * Maps each saved offset to its byte. Skips a line that a kill cut, because nothing relied on it
 * yet.
 *
 * @param {string} dir
 * @param {string} session
 */
export function savedBytes(dir, session) {
  const bytes = new Map();
  for (const text of repairedFiles(dir, session).saved.toString("latin1").split("\n")) {
    let savedLine;
    try {
      savedLine = JSON.parse(text);
    } catch {
      continue;
    }
    const saved = Buffer.from(savedLine.base64, "base64");
    assert.equal(saved.length, savedLine.length);
    assert.ok(["torn", "fused", "nul", "corrupt"].includes(savedLine.kind), savedLine.kind);
    for (const [i, byte] of saved.entries())
      if (!bytes.has(savedLine.offset + i)) bytes.set(savedLine.offset + i, byte);
  }
  return bytes;
}
