import { createCipheriv, createHash } from "node:crypto";

import { Random } from "../conformance/random.js";

/** Text that never repeats, so that a moved or doubled piece shows. */
const text = randomText(2 ** 21);

/**
 * Makes an entry from numbers, so that a test can make it again and compare.
 *
 * @param {{ session: string, writer: string, number: number, length?: number }} of `length` is the
 *   length of its line in bytes, line end included, if the entry fits in it
 */
export function numberedEntry({ session, writer, number, length = 0 }) {
  const entry = {
    session_id: session,
    timestamp: new Date(Date.UTC(2026, 0, 2) + number * 1000).toISOString().replace(".000Z", "Z"),
    skill: writer,
    phase: `${number}`,
    final_status: "ok",
  };
  const room = length - lineOf({ ...entry, message: "" }).length;
  if (room <= 0) return entry;
  const from = (number * 7919) % 4096;
  return {
    ...entry,
    message: text.repeat(Math.ceil((from + room) / text.length)).slice(from, from + room),
  };
}

/**
 * Makes an entry's line without the package's `encode`, so that tests do not compare the package
 * with itself.
 *
 * @param {object} entry
 */
export function lineOf(entry) {
  return Buffer.from(`${JSON.stringify(entry)}\n`);
}

/**
 * Returns a brief name for each entry, which differs when entries differ. Failure messages stay
 * short however long the entries are.
 *
 * @param {import("skill-log").Entry[]} entries
 */
export function briefly(entries) {
  return entries.map((entry) => {
    const json = JSON.stringify(entry);
    return `${entry.skill} ${entry.phase}: ${json.length} characters, ${createHash("sha1").update(json).digest("hex").slice(0, 12)}`;
  });
}

/**
 * Chooses log-uniform lengths of lines: as many from 1 to 2 KB as from 1 to 2 MB.
 *
 * @param {{ seed: number, count: number, least: number, most: number }} of
 */
export function logUniformLengths({ seed, count, least, most }) {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    Math.round(least * (most / least) ** random.fraction()),
  );
}

/** @param {number} length */
function randomText(length) {
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;-+*/=!?(){}[]'_|~^%$#@";
  // Any bytes that do not repeat. A cipher makes them in 3 ms, which each killed process takes.
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const characters = cipher.update(Buffer.alloc(length));
  const codes = Buffer.from(alphabet);
  for (let i = 0; i < length; i++) characters[i] = codes[characters[i] % codes.length];
  return characters.toString("latin1");
}
