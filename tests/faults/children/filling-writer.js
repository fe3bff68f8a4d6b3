// Appends entries of one length until an append is refused, then tries once more and reads the log.
// Runs RELEASE, a shell command that makes room, then appends and reads again. Prints what it saw.
//
//   filling-writer.js DIR SESSION LENGTH RELEASE

import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

import { SessionLog, SkillLogError } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, session, length, release] = process.argv.slice(2);
const path = join(dir, `${session}.jsonl`);
const log = await SessionLog.open(dir, session);

const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "filling", number, length: Number(length) });
let acknowledged = 0;
let first = await outcome(acknowledged);
while (!first) first = await outcome(++acknowledged);
const second = await outcome(acknowledged);
const full = await state();

// In RELEASE, $PPID is this process, because the shell is its child.
execFileSync("sh", ["-c", release], { stdio: "inherit" });
const later = await outcome(acknowledged + 1);
const released = await state();
await log.close();
console.log(JSON.stringify({ path, acknowledged, first, second, full, later, released }));

/**
 * Appends an entry. Returns `null`, or the error and what the failed write did to the file.
 *
 * @param {number} number
 */
async function outcome(number) {
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  try {
    await log.append(entry(number));
    return null;
  } catch (error) {
    if (!(error instanceof SkillLogError)) throw error;
    const { name, code, message, written, expected, path: at } = error;
    const { code: cause } = /** @type {{ code?: string }} */ (error.cause ?? {});
    return {
      name,
      code,
      message,
      written,
      expected,
      path: at,
      cause,
      grown: statSync(path).size - before,
    };
  }
}

async function state() {
  const entries = await log.read({ onDamage() {} });
  const { damage, pending, bytes } = await log.verify();
  const place = pending && { offset: pending.offset, length: pending.length };
  return {
    numbers: entries.map(({ phase }) => Number(phase)),
    same: entries.every(isWhole),
    damage,
    pending: place,
    bytes,
  };
}

/** @param {import("skill-log").Entry} read */
function isWhole(read) {
  return JSON.stringify(read) === JSON.stringify(entry(Number(read.phase)));
}
