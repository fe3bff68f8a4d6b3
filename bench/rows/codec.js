// Encoding and decoding entries, beside what the JavaScript engine has built in.

import { decode, encode } from "skill-log";

import { entries, note } from "../corpus.js";

/** @typedef {import("../measure.js").Row} Row */

/**
 * The ratio to reach. A codec that writes Go's bytes and checks each field may take twice the
 * engine's time.
 */
const half = 0.5;

const corpora = [
  { name: "mix", what: "the corpus", classes: undefined, count: 1_000 },
  { name: "note", what: "entries of about 930 bytes", classes: note, count: 4_000 },
];

/** @type {Row[]} */
export const rows = corpora.flatMap(({ name, what, classes, count }) => {
  const make = (/** @type {boolean} */ quick) => {
    const list = entries(quick ? count / 10 : count, { classes });
    const lines = list.map((entry) => Buffer.from(encode(entry)).subarray(0, -1));
    return { list, lines, ...measures(name, lines) };
  };
  return [
    {
      name: `encode/${name}`,
      title: `encode ${what}`,
      rounds: 21,
      setUp({ quick }) {
        const { list, ...measure } = make(quick);
        return {
          ...measure,
          contenders: [
            { name: "skill-log encode", start: () => each(list, encode) },
            {
              name: "Buffer.from(JSON.stringify)",
              atLeast: half,
              start: () => each(list, (entry) => Buffer.from(`${JSON.stringify(entry)}\n`)),
            },
          ],
        };
      },
    },
    {
      name: `decode/${name}`,
      title: `decode ${what}`,
      rounds: 21,
      setUp({ quick }) {
        const { lines, ...measure } = make(quick);
        return {
          ...measure,
          contenders: [
            { name: "skill-log decode", start: () => each(lines, (line) => decode(line)) },
            {
              name: "JSON.parse(buffer.toString())",
              atLeast: half,
              start: () => each(lines, (line) => JSON.parse(line.toString())),
            },
          ],
        };
      },
    },
  ];
});

/**
 * Measures notes per entry, and the mix per byte, because its few large entries take most of the
 * time.
 *
 * @param {string} name
 * @param {Buffer[]} lines
 */
function measures(name, lines) {
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  return name === "mix"
    ? { unit: "MB/s", value: (/** @type {number} */ time) => bytes / 1_000 / time }
    : { unit: "µs an entry", value: (/** @type {number} */ time) => (1_000 * time) / lines.length };
}

/**
 * @template T
 * @param {T[]} list
 * @param {(item: T) => unknown} work
 */
function each(list, work) {
  /** @type {unknown} */
  let last; // kept, so that the compiler cannot remove the work
  return {
    run() {
      for (const item of list) last = work(item);
    },
    end() {
      if (typeof last !== "object") throw new Error(`the last result is ${last}, not an object`);
    },
  };
}
