// Checks a disk that a crash left: what is read, and whether the next operations work.

import assert from "node:assert/strict";
import { encode, SessionLog } from "skill-log";

import { SESSION } from "./starts.js";
import { DIRECTORY, linesOf, LOG, LOGS, SAVED } from "./workload.js";
import { ROOT } from "./virtual-disk.js";

/** @import { VirtualDisk } from "./virtual-disk.js" */

const LATER = {
  session_id: SESSION,
  timestamp: "2026-01-02T03:04:06Z",
  skill: "after the crash",
  final_status: "ok",
};
const LATER_LINE = Buffer.from(encode(LATER)).toString("latin1").trimEnd();

const SAVED_LINE = /^{"offset":(\d+),"length":\d+,"kind":"\w+","base64":"([\w+/=]*)"}$/;

/**
 * What a disk must and may hold.
 *
 * @typedef {object} Promised
 * @property {Map<string, number>} may the lines of entries that may be there, with numbers that
 *   never fall in a log
 * @property {Set<string>} must the lines that must be there
 */

/**
 * Checks the disk that `disk` is. The functions of `node:fs` must lead to it.
 *
 * @param {VirtualDisk} disk
 * @param {Promised} promised
 * @param {Map<string, string[]>} known by the bytes of the files: the lines that were read, because
 *   the same bytes may be left with other promises
 * @param {"none" | "before" | "after"} repair whether to repair before the next append, or after it
 * @param {boolean} [doubtful] whether entries may be there that only reading with `doubtful` returns
 */
export async function checkRecovery(disk, { may, must }, known, repair, doubtful = false) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const path of LOGS) {
    const bytes = disk.bytesOf(path);
    if (!bytes) continue;
    const text = bytes.toString("latin1");
    const lines = known.get(text) ?? (await linesAt(path, doubtful));
    known.set(text, lines);
    checkLines(text, lines, may);
    for (const line of lines) {
      assert.ok(!found.has(line), `an entry is there twice: ${line}`);
      found.add(line);
    }
  }
  for (const line of must) assert.ok(found.has(line), `an acknowledged entry is lost: ${line}`);
  const files = [LOG, SAVED].map((path) => disk.bytesOf(path)?.toString("latin1"));
  const key = `next: ${files.join("\0\0")}`;
  if (known.has(key)) return;
  known.set(key, []);
  const lines = known.get(files[0] ?? "") ?? [];
  await checkNextOperations(disk, lines, repair, doubtful);
  assert.equal(disk.openCount, 0, "files stay open");
}

/**
 * @param {string} path
 * @param {boolean} doubtful
 */
async function linesAt(path, doubtful) {
  const log = await SessionLog.from(`${ROOT}/${path}`);
  const lines = await linesOf(log, doubtful);
  const report = await log.verify();
  await log.close();
  const count = report.entries + (doubtful ? report.doubtful : 0);
  assert.equal(count, lines.length, "verify counts other entries than reading returns");
  return lines;
}

/**
 * @param {string} text what the log holds
 * @param {string[]} lines that were read of it
 * @param {Map<string, number>} may
 */
function checkLines(text, lines, may) {
  let last = -1;
  for (const line of lines) {
    const number = may.get(line);
    assert.ok(number !== undefined, `an entry is invented: ${line}`);
    assert.ok(number >= last, `entries are in another order: ${line}`);
    last = number;
  }
  const read = new Set(lines);
  for (const line of may.keys())
    if (!read.has(line)) assert.ok(!text.includes(line), `an entry is hidden: ${line}`);
}

/**
 * @param {VirtualDisk} disk
 * @param {string[]} lines of the entries in the log
 * @param {"none" | "before" | "after"} repair
 * @param {boolean} doubtful
 */
async function checkNextOperations(disk, lines, repair, doubtful) {
  const log = await SessionLog.open(`${ROOT}/${DIRECTORY}`, SESSION);
  const expected = [...lines, LATER_LINE];
  if (repair === "before") await checkRepair(disk, log, lines);
  await log.append(LATER);
  assert.deepEqual(await linesOf(log, doubtful), expected, "after an append");
  if (repair === "after") await checkRepair(disk, log, expected);
  await log.close();
}

/**
 * @param {VirtualDisk} disk
 * @param {SessionLog} log
 * @param {string[]} expected the lines of its entries
 */
async function checkRepair(disk, log, expected) {
  const bytes = disk.bytesOf(LOG);
  const before = bytes && Buffer.from(bytes);
  const report = await log.repair();
  assert.deepEqual(await linesOf(log), expected, "after a repair");
  if (report.repaired + report.left === 0) return;
  const { damage, pending } = await log.verify();
  assert.equal(pending, null);
  assert.equal(damage.length > 0, report.left > 0, "damage is left that the repair did not report");
  const after = disk.bytesOf(LOG);
  if (!before || !after || before.equals(after)) return;
  checkSaved(before, after, disk.bytesOf(SAVED)?.toString("latin1") ?? "");
}

/**
 * Checks that each byte that a repair changed is in the file of saved damage.
 *
 * @param {Buffer} before
 * @param {Buffer} after
 * @param {string} saved
 */
export function checkSaved(before, after, saved) {
  if (before.equals(after.subarray(0, before.length))) return;
  const isSaved = new Uint8Array(before.length);
  for (const line of saved.split("\n")) {
    // A line that the crash tore does not match.
    const [, start, base64 = ""] = SAVED_LINE.exec(line) ?? [];
    const bytes = Buffer.from(base64, "base64");
    for (let at = 0; at < bytes.length; at += 1)
      if (before[Number(start) + at] === bytes[at]) isSaved[Number(start) + at] = 1;
  }
  for (let at = 0; at < Math.min(before.length, after.length); at += 1)
    if (before[at] !== after[at] && isSaved[at] === 0) assert.fail(`byte ${at} was not saved`);
}
