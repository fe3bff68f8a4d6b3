// Checks a damaged log that a repair was interrupted in, and that another repair completes.

import assert from "node:assert/strict";
import fs, { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { SessionLog, read } from "skill-log";

import { briefly } from "./numbered-entry.js";

/**
 * A log with damage, and what readers must return of it. `pending` is its unfinished last line, and
 * `touches` the number of places where an exclusive repair inserts a line end.
 *
 * @typedef {{ session: string, bytes: Buffer, entries: import("skill-log").Entry[], pending: {
 *   offset: number, length: number }, touches: number }} DamagedLog
 */

/** Seconds since the log was changed: less than a minute, after which repair ends a last line. */
const AGE = 20;

/**
 * Writes a damaged log to a new directory.
 *
 * @param {string} dir
 * @param {DamagedLog} log
 * @param {{ isSynced?: boolean }} [options] whether a loss of power keeps it
 */
export function putDamaged(dir, { session, bytes }, { isSynced = false } = {}) {
  if (!existsSync(dir)) mkdirSync(dir);
  const path = join(dir, `${session}.jsonl`);
  writeFileSync(path, bytes);
  makeOld(path, AGE);
  if (isSynced) for (const each of [path, dir, dirname(dir)]) sync(each);
}

/** @param {string} path */
function sync(path) {
  const fd = fs.openSync(path, "r");
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

/**
 * Checks that a log which is not repaired, or repaired in part, shows the same entries, and that
 * each changed byte was saved.
 *
 * @param {string} dir
 * @param {DamagedLog} log
 * @param {{ isDone?: boolean, isRewritten?: boolean }} [options] `isDone`: whether each changed byte
 *   must be a line end. `isRewritten`: whether line ends may be inserted
 */
export async function checkUnrepaired(dir, log, { isDone = false, isRewritten = false } = {}) {
  makeOld(join(dir, `${log.session}.jsonl`), AGE);
  assert.deepEqual(
    briefly(await read(dir, log.session, { onDamage() {} })),
    briefly(log.entries),
    "other entries are read than before the repair",
  );
  checkBytes(dir, log, { isDone, isRewritten });
}

/**
 * Repairs a log to the end, and checks that.
 *
 * @param {string} dir
 * @param {DamagedLog} damaged
 * @param {{ exclusive?: boolean }} [options] of the repair
 */
export async function checkRepaired(dir, damaged, { exclusive = false } = {}) {
  const log = await SessionLog.open(dir, damaged.session);
  await log.repair({ exclusive });
  await log.close();
  await checkComplete(dir, damaged, { isRewritten: exclusive });
}

/**
 * Checks that a repair is complete: no damage, nothing lost, and another repair changes nothing.
 *
 * @param {string} dir
 * @param {DamagedLog} damaged
 * @param {{ isRewritten?: boolean }} [options]
 */
export async function checkComplete(dir, damaged, { isRewritten = false } = {}) {
  await checkUnrepaired(dir, damaged, { isDone: true, isRewritten });
  const { offset, length } = damaged.pending;
  const log = await SessionLog.open(dir, damaged.session);
  const { damage, pending } = await log.verify();
  assert.deepEqual(damage, [], "damage is left");
  assert.equal(pending?.length, length);
  assert.equal(pending.offset, offset + (isRewritten ? damaged.touches : 0));
  const before = files(dir, damaged);
  const report = await log.repair();
  assert.equal(report.repaired, 0);
  const after = files(dir, damaged);
  assert.ok(before.log.equals(after.log), "the second repair changed the log");
  assert.ok(before.saved.equals(after.saved), "the second repair changed the saved damage");
  await log.close();
}

/**
 * Checks that each byte of the log is the original byte, or was saved and overwritten. A rewritten
 * log also has line ends between entries that touch: all, or none yet.
 *
 * @param {string} dir
 * @param {DamagedLog} damaged
 * @param {{ isDone: boolean, isRewritten: boolean }} options `isDone`: whether each overwritten byte
 *   must be a line end, and a rewritten log have all that are inserted
 */
function checkBytes(dir, damaged, { isDone, isRewritten }) {
  const { bytes: original, touches } = damaged;
  const { log } = files(dir, damaged);
  const saved = savedBytes(join(dir, `${damaged.session}.damaged`), original.length);
  const inserted = log.length - original.length;
  const most = isRewritten ? touches : 0;
  assert.ok(inserted === most || (inserted === 0 && !isDone), `${inserted} bytes were inserted`);
  let left = inserted;
  for (let at = 0; at < original.length; at++) {
    const byte = original[at];
    // Between two whole entries, of which nothing was saved.
    if (left > 0 && saved[at] === -1 && isInserted(log, original, at, inserted - left)) left -= 1;
    const now = log[at + inserted - left];
    if (now === byte) continue;
    const isBroken = !isDone && (now === 0x18 || (byte === 0x64 && now === 0x44));
    assert.ok(now === 0x0a || isBroken, `byte ${at} became ${now}`);
    assert.equal(saved[at], byte, `byte ${at} is lost`);
  }
  assert.equal(left, 0, "line ends were inserted elsewhere");
}

/**
 * Returns whether a line end was inserted before a byte of the original log.
 *
 * @param {Buffer} log
 * @param {Buffer} original
 * @param {number} at
 * @param {number} before how many were inserted before it
 */
function isInserted(log, original, at, before) {
  const isBetween = original[at - 1] === 0x7d && original[at] === 0x7b;
  return isBetween && log[at + before] === 0x0a;
}

/** @param {string} dir @param {DamagedLog} log */
function files(dir, { session }) {
  const path = join(dir, `${session}.damaged`);
  return {
    log: readFileSync(join(dir, `${session}.jsonl`)),
    saved: existsSync(path) ? readFileSync(path) : Buffer.alloc(0),
  };
}

/**
 * Returns the bytes that repairs saved, by their offsets: -1 where none was saved. Skips lines that
 * a failure cut, because nothing relied on these yet.
 *
 * @param {string} path
 * @param {number} size of the log
 */
export function savedBytes(path, size) {
  const bytes = new Int16Array(size).fill(-1);
  const text = existsSync(path) ? readFileSync(path, "latin1") : "";
  for (const line of text.split("\n")) {
    let saved;
    try {
      saved = JSON.parse(line);
    } catch {
      continue;
    }
    const piece = Buffer.from(saved.base64, "base64");
    assert.equal(piece.length, saved.length);
    assert.ok(["torn", "fused", "nul", "corrupt"].includes(saved.kind), saved.kind);
    // The first repair that saved a byte saved what was there.
    for (let i = 0; i < piece.length; i++)
      if (bytes[saved.offset + i] === -1) bytes[saved.offset + i] = piece[i];
  }
  return bytes;
}

/**
 * Sets back a log's time of change, so that no read waits for a writer to overwrite its NULs.
 *
 * @param {string} path
 * @param {number} age in seconds
 */
export function makeOld(path, age) {
  const time = Date.now() / 1000 - age;
  utimesSync(path, time, time);
}
