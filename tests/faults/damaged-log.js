import { lineOf, numberedEntry } from "./numbered-entry.js";

/** A length beyond a page, so that a piece takes more than one write. */
const long = 20_000;

const entry = (/** @type {number} */ number, length = 200) =>
  numberedEntry({ session: "damaged", writer: "before", number, length });
const line = (/** @type {number} */ number, length = 200) =>
  lineOf(entry(number, length)).subarray(0, -1);
const torn = (/** @type {number} */ number, length = 200) =>
  line(number, length).subarray(0, -length / 4);

/**
 * A line of a log. `whole` lists the numbers of the whole entries in it.
 *
 * @typedef {{ bytes: (Buffer | string)[], whole?: number[], kind?: "torn" | "fused" | "nul" |
 *   "corrupt", isPending?: boolean }} Line
 */

/**
 * The lines of a log with each kind of damage. Its last line is cut, as if a write were going on.
 *
 * @type {Line[]}
 */
const lines = [
  { bytes: [line(1)], whole: [1] },
  { bytes: [torn(2)], kind: "torn" },
  { bytes: [line(3, long)], whole: [3] },
  { bytes: [torn(4, long)], kind: "torn" },
  { bytes: [torn(5), line(6)], whole: [6], kind: "fused" },
  { bytes: [torn(7), torn(8), line(9), torn(10)], whole: [9], kind: "fused" },
  { bytes: [""] },
  { bytes: ["\0".repeat(5000)], kind: "nul" },
  { bytes: ["\0".repeat(3), line(11)], whole: [11], kind: "nul" },
  { bytes: ["what is this?"], kind: "corrupt" },
  { bytes: ["\xff\xfe".repeat(4000), line(12), "{}]"], whole: [12], kind: "corrupt" },
  { bytes: [torn(13), "\0\0", line(14), "…", line(15)], whole: [14, 15], kind: "corrupt" },
  { bytes: [line(16)], whole: [16] },
  { bytes: [torn(17)], isPending: true },
];

/** A line that an exclusive repair parts, by a rewrite of the log. @type {Line} */
const touching = {
  bytes: [line(18), line(19, long), torn(20), line(21)],
  whole: [18, 19, 21],
  kind: "fused",
};

/**
 * Returns a log: its session's id, its bytes, what readers must return and report, and where line
 * ends belong between entries that touch.
 *
 * @param {Line[]} lines
 * @param {number} times how often all lines but the last are there
 */
function logOf(lines, times) {
  const bytes = lines.map(({ bytes, isPending }) =>
    Buffer.concat([...bytes.map((part) => Buffer.from(part)), Buffer.from(isPending ? "" : "\n")]),
  );
  const whole = Buffer.concat(bytes.slice(0, -1));
  const entries = lines
    .flatMap(({ whole = [] }) => whole)
    .map((number) => entry(number, [3, 19].includes(number) ? long : undefined));
  return {
    session: "damaged",
    bytes: Buffer.concat([...Array(times).fill(whole), ...bytes.slice(-1)]),
    entries: Array.from({ length: times }, () => entries).flat(),
    kinds: lines.flatMap(({ kind = [] }) => kind),
    pending: { offset: whole.length * times, length: torn(17).length },
    touches: lines.includes(touching) ? times : 0,
  };
}

/** A log with each kind of damage that is repaired in place. */
export const damagedLog = logOf(lines, 1);

const touchingLines = [...lines.slice(0, 6), touching, ...lines.slice(6)];

/** The same with entries that touch, which only an exclusive repair parts. */
export const touchingLog = logOf(touchingLines, 1);

/**
 * Returns such logs with the same damage many times, whose repair takes long enough to be killed.
 *
 * @param {number} times
 */
export function longDamagedLogs(times) {
  return { damaged: logOf(lines, times), touching: logOf(touchingLines, times) };
}
