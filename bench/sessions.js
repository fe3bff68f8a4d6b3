// Makes directories of many sessions from the corpus, and keeps them below target/bench for later
// runs.

import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encode } from "skill-log";

import { say } from "../scripts/command.js";
import { Random } from "../tests/conformance/random.js";
import { corpus } from "./corpus.js";
import { KeptFacts } from "./kept.js";
import { folder, scratch } from "./scratch.js";

/**
 * A size of sessions. Each session has from `least` to `most` entries, whose lines are as long as
 * the classes say.
 *
 * @typedef {{ least: number, most: number, classes: import("./corpus.js").SizeClass[] }} Size
 */

/** A session without whole files: short entries, and some of a runner's output. */
const short = [
  { name: "small", percent: 95, from: 300, to: 800 },
  { name: "medium", percent: 5, from: 2_048, to: 6_000 },
];

/** Sizes by their mean bytes. @satisfies {Record<string, Size>} */
export const sizes = {
  "2kb": { least: 10, most: 10, classes: [{ name: "tiny", percent: 100, from: 205, to: 215 }] },
  "15kb": { least: 12, most: 33, classes: short },
  "37kb": { least: 28, most: 83, classes: short },
};

/** @typedef {keyof typeof sizes} SizeName */

/**
 * @typedef {object} SessionDirectory
 * @property {string} dir
 * @property {string[]} names of the files, in order
 * @property {number} bytes of all files
 * @property {number} entries in all files
 */

/** A text that 4 in 100 entries hold, in no key and without an escape. */
export const rareText = "panicked at src/decode.rs";

/** How many entries are made. Further sessions repeat them, with their own ids and days. */
const piece = 50_000;

/** @type {KeptFacts<{ bytes: number, entries: number }>} */
const kept = new KeptFacts(
  new URL(import.meta.url),
  new URL("./corpus.js", import.meta.url),
  new URL("../tests/conformance/random.js", import.meta.url),
);

/**
 * Returns a directory of `count` sessions. Nobody may write to it.
 *
 * @param {number} count below a million
 * @param {SizeName} size
 * @returns {SessionDirectory}
 */
export function sessionsOf(count, size) {
  const name = `sessions-${count}x${size}`;
  const dir = join(folder, name);
  const names = Array.from({ length: count }, (_, i) => `${idOf(i)}.jsonl`);
  const made = kept.of(name);
  if (made && filesIn(dir) === count) return { dir, names, ...made };
  say(`making ${dir}, which later runs reuse`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const written = { bytes: 0, entries: 0 };
  const session = sessions(sizes[size]);
  for (const name of names) {
    const lines = session.next().value;
    const bytes = Buffer.concat(lines);
    writeFileSync(join(dir, name), bytes, { flag: "wx" });
    written.bytes += bytes.length;
    written.entries += lines.length;
  }
  kept.keep(name, written);
  return { dir, names, ...written };
}

/**
 * Copies a directory of sessions to a place where they may be written to.
 *
 * @param {SessionDirectory} sessions
 * @returns {SessionDirectory}
 */
export function copyOf({ dir: from, names, ...facts }) {
  const dir = scratch();
  for (const name of names) copyFileSync(join(from, name), join(dir, name));
  return { dir, names, ...facts };
}

/**
 * Makes the lines of session after session. The same size makes the same bytes on every machine.
 *
 * @param {Size} size
 * @returns {Generator<Buffer[], never>}
 */
export function* sessions({ least, most, classes }) {
  const random = new Random(1);
  const lines = endlessLines(classes);
  for (let i = 0; ; i++) {
    const id = Buffer.from(idOf(i));
    yield Array.from({ length: random.between(least, most) }, () => {
      const line = lines.next().value;
      id.copy(line, idPlace);
      return line;
    });
  }
}

/** Where a canonical line has its session id and its day. All ids have the same length. */
const idPlace = '{"session_id":"'.length;
const dayPlace = `{"session_id":"${idOf(0)}","timestamp":"`.length;
const dayLength = "2026-01-05".length;

/** @param {number} i */
function idOf(i) {
  return `run-${String(i).padStart(6, "0")}`;
}

/**
 * Makes the lines of a piece again and again, each time on later days, because that takes a
 * fraction of the time of new entries.
 *
 * @param {import("./corpus.js").SizeClass[]} classes
 * @returns {Generator<Buffer, never>}
 */
function* endlessLines(classes) {
  const source = corpus({ sessionId: idOf(0), classes });
  /** @type {Buffer[]} */
  const made = [];
  while (made.length < piece) {
    const line = Buffer.from(encode(source.next().value));
    made.push(line);
    yield Buffer.from(line);
  }
  const day = (/** @type {Buffer} */ line) =>
    Date.parse(line.toString("latin1", dayPlace, dayPlace + dayLength));
  const first = day(made[0]);
  const days = day(made[piece - 1]) - first + 86_400_000;
  for (let past = days; ; past += days) {
    for (const line of made) {
      const later = Buffer.from(line);
      later.write(new Date(day(line) + past).toISOString().slice(0, dayLength), dayPlace, "latin1");
      yield later;
    }
  }
}

/** @param {string} dir */
function filesIn(dir) {
  try {
    return readdirSync(dir).length;
  } catch {
    return 0;
  }
}
