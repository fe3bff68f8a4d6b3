// Appends COUNT entries with `sync`, DELAY milliseconds apart, and awaits none before the next.
// Prints "resolved N" or "rejected N" when each promise settles, and then the outcomes of later
// appends.
//
//   synced-writer.js DIR SESSION COUNT DELAY

import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { SessionLog, SkillLogError, append } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, session, count, delay] = process.argv.slice(2);
const entry = (/** @type {number} */ number) =>
  numberedEntry({ session, writer: "synced", number });
// Written synchronously, so that the trace shows these lines in the order of the calls.
const say = (/** @type {string} */ text) => writeSync(1, `${text}\n`);

const log = await SessionLog.open(dir, session);
await Promise.all(
  Array.from({ length: Number(count) }, async (_, number) => {
    if (Number(delay) > 0) await pause(number * Number(delay));
    await outcome(`${number}`, () => log.append(entry(number), { sync: true }));
  }),
);
await outcome("later, synced", () => log.append(entry(1000), { sync: true }));
await outcome("later, not synced", () => log.append(entry(1001)));
await outcome("another log, synced", () => append(dir, session, entry(1002), { sync: true }));
await outcome("later still, synced", () => log.append(entry(1003), { sync: true }));
await log.close();

/** @param {string} name @param {() => Promise<unknown>} call */
async function outcome(name, call) {
  try {
    await call();
    say(`resolved ${name}`);
  } catch (error) {
    if (!(error instanceof SkillLogError)) throw error;
    const { code } = /** @type {{ code?: string }} */ (error.cause ?? {});
    say(`rejected ${name}: ${error.code} ${code} ${error.path}`);
  }
}
