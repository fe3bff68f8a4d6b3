// Bytes that are no lines of whole entries, and what a reader must say of them.

import { line, TORN } from "./lines.js";

/** The beginning of an entry, up to a value that may be an object. */
const BEFORE_INPUT = `${line("head").slice(0, -1)},"input":`;

const b = line("b");
const c = line("c");

/**
 * @typedef {object} Tail what follows the last line end of a file
 * @property {string} name
 * @property {string} text
 * @property {string[]} [skills] of the entries that reading gives
 * @property {{ kind: import("skill-log").DamageKind, length?: number, recovered?: number }} [damage] at its start. `length` is its
 *   text's where it is absent
 * @property {number} [pending] how many of its last bytes more may make an entry
 */

/** @type {Tail[]} */
export const tails = [
  { name: "an entry", text: b, skills: ["b"] },
  { name: "an entry and a carriage return", text: `${b}\r`, skills: ["b"] },
  { name: "JSON of another format", text: "{}", skills: [""] },
  { name: "the beginning of an entry", text: TORN, pending: TORN.length },
  { name: "a brace", text: "{", pending: 1 },
  { name: "a carriage return", text: "\r", pending: 1 },
  { name: "blanks", text: " \t ", pending: 3 },
  {
    name: "entries that touch",
    text: `${b}${c}`,
    skills: ["b", "c"],
    damage: { kind: "fused", recovered: 2 },
  },
  {
    name: "entries with a carriage return between them",
    text: `${b}\r${c}`,
    skills: ["b", "c"],
    damage: { kind: "fused", recovered: 2 },
  },
  {
    name: "JSON of another format, and a brace",
    text: "{} {",
    damage: { kind: "torn", length: 3 },
    pending: 1,
  },
  { name: "a field of the wrong type", text: '{"skill":1}', damage: { kind: "corrupt" } },
  {
    name: "what a shell says",
    text: "Segmentation fault (core dumped)",
    damage: { kind: "corrupt" },
  },
  {
    name: "an entry, then what a shell says",
    text: `${b}Killed`,
    skills: ["b"],
    damage: { kind: "corrupt", recovered: 1 },
  },
  {
    name: "a torn entry, then what a shell says and an entry",
    text: `${TORN}\x07${b}`,
    skills: ["b"],
    damage: { kind: "corrupt", recovered: 1 },
  },
  {
    name: "a torn entry, then a whole one",
    text: `${TORN}${b}`,
    skills: ["b"],
    damage: { kind: "fused", recovered: 1 },
  },
  {
    name: "two torn entries",
    text: `${TORN}${TORN}`,
    damage: { kind: "torn", length: TORN.length },
    pending: TORN.length,
  },
  {
    name: "a torn entry, a whole one, and the beginning of one",
    text: `${TORN}${b}${TORN}`,
    skills: ["b"],
    damage: { kind: "fused", length: TORN.length + b.length, recovered: 1 },
    pending: TORN.length,
  },
  {
    name: "a torn entry that a whole one may stand in",
    text: `${BEFORE_INPUT}${b}`,
    pending: BEFORE_INPUT.length + b.length,
  },
  {
    name: "an entry, then a torn one that a whole one may stand in",
    text: `${b}${BEFORE_INPUT}${c}`,
    skills: ["b"],
    damage: { kind: "fused", length: b.length, recovered: 1 },
    pending: BEFORE_INPUT.length + c.length,
  },
  { name: "NULs", text: "\0\0\0", damage: { kind: "nul" } },
  {
    name: "NULs, then an entry",
    text: `\0\0${b}`,
    skills: ["b"],
    damage: { kind: "nul", recovered: 1 },
  },
  {
    name: "an entry, then NULs",
    text: `${b}\0\0`,
    skills: ["b"],
    damage: { kind: "nul", recovered: 1 },
  },
  { name: "a torn entry, then NULs", text: `${TORN}\0\0`, damage: { kind: "nul" } },
  {
    name: "NULs, then the beginning of an entry",
    text: `\0\0${TORN}`,
    damage: { kind: "nul", length: 2 },
    pending: TORN.length,
  },
];

/**
 * @typedef {object} Doubt a line that does not decode, with objects that may be entries
 * @property {string} name
 * @property {string} text
 * @property {string[]} certain the skills of the entries that reading gives
 * @property {string[]} doubtful the skills of those it gives only when it is asked to
 */

/** @type {Doubt[]} */
export const doubts = [
  {
    name: "behind an entry torn before its input",
    text: `${BEFORE_INPUT}${b}`,
    certain: [],
    doubtful: ["b"],
  },
  {
    name: "behind an entry torn before its input, with a blank",
    text: `${BEFORE_INPUT} ${b}`,
    certain: [],
    doubtful: ["b"],
  },
  {
    name: "within the input of a torn entry",
    text: `${BEFORE_INPUT}[1,{"k":${b}`,
    certain: [],
    doubtful: ["b"],
  },
  {
    name: "two in the input of a torn entry",
    text: `${BEFORE_INPUT}[${b},${c}`,
    certain: [],
    doubtful: ["b", "c"],
  },
  {
    name: "one in the input of a torn entry, then one of its own",
    text: `${BEFORE_INPUT}${b}${c}`,
    certain: ["c"],
    doubtful: ["b"],
  },
  { name: "before a comma", text: `\0\0${b},`, certain: [], doubtful: ["b"] },
  { name: "before blanks and a bracket", text: `x${b} \t]`, certain: [], doubtful: ["b"] },
  { name: "before a brace", text: `"input":${b}}`, certain: [], doubtful: ["b"] },
  { name: "in an array", text: `[${b},${c}]`, certain: [], doubtful: ["b", "c"] },
  {
    name: "an entry, then the end of another one with one in it",
    text: `${b}x${c}}`,
    certain: ["b"],
    doubtful: ["c"],
  },
  { name: "behind an entry torn in a string", text: `${TORN}${b}`, certain: ["b"], doubtful: [] },
  {
    name: "behind an entry torn in a number",
    text: `${line("head").slice(0, -1)},"duration_ms":12${b}`,
    certain: ["b"],
    doubtful: [],
  },
  {
    name: "behind an entry torn where a text is due",
    text: `${line("head").slice(0, -1)},"message":${b}`,
    certain: ["b"],
    doubtful: [],
  },
  { name: "before bytes that go on with nothing", text: `${b}:`, certain: ["b"], doubtful: [] },
  {
    name: "quoted in a string",
    text: `${TORN} ${JSON.stringify(b).slice(1, -1)}`,
    certain: [],
    doubtful: [],
  },
];
