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
 * The lines of a log with each kind of damage. Its last line is cut, as if a write were going on.
 * `whole` lists the numbers of the whole entries in a line.
 *
 * @type {{ bytes: (Buffer | string)[], whole?: number[], kind?: "torn" | "fused" | "nul" |
 *   "corrupt", isPending?: boolean }[]}
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

const parts = lines.map(({ bytes, isPending }) =>
  Buffer.concat([...bytes.map((part) => Buffer.from(part)), Buffer.from(isPending ? "" : "\n")]),
);

/** The session's id, the bytes of its file, and what readers must return and report. */
export const damagedLog = {
  session: "damaged",
  bytes: Buffer.concat(parts),
  entries: lines
    .flatMap(({ whole = [] }) => whole)
    .map((number) => entry(number, number === 3 ? long : undefined)),
  kinds: lines.flatMap(({ kind = [] }) => kind),
  pending: { offset: Buffer.concat(parts.slice(0, -1)).length, length: torn(17).length },
};

/**
 * Returns a log with the same damage many times, whose repair takes long enough to be killed.
 *
 * @param {number} times
 */
export function longDamagedLog(times) {
  const whole = Buffer.concat(parts.slice(0, -1));
  return {
    ...damagedLog,
    bytes: Buffer.concat([...Array(times).fill(whole), ...parts.slice(-1)]),
    entries: Array.from({ length: times }, () => damagedLog.entries).flat(),
    pending: { ...damagedLog.pending, offset: whole.length * times },
  };
}
