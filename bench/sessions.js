// Makes sessions from the corpus: the same bytes on every machine.

import { encode } from "skill-log";

import { Random } from "../tests/conformance/random.js";
import { corpus } from "./corpus.js";

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

/** A text that 4 in 100 entries hold, in no key and without an escape. */
export const rareText = "panicked at src/decode.rs";

/** How many entries are made. Further sessions repeat them, with their own ids and days. */
const piece = 50_000;

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

/** Returns a session's id. @param {number} i below a million */
export function idOf(i) {
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
