// Damaged lines and unfinished ones, and what a reader must report of them.

import { line, TORN } from "./lines.js";

/** The start of an entry, up to a value that may be an object. */
const BEFORE_INPUT = `${line("head").slice(0, -1)},"input":`;

const b = line("b");
const c = line("c");

/**
 * @typedef {object} Tail the bytes after a file's last line end
 * @property {string} name
 * @property {string} text
 * @property {string[]} [skills] of the entries that reading returns
 * @property {TailDamage} [damage] at the tail's start
 * @property {number} [pending] how many of the last bytes more bytes may complete
 */

/**
 * @typedef {object} TailDamage
 * @property {import("skill-log").DamageKind} kind
 * @property {number} [length] absent: the whole text's
 * @property {number} [recovered]
 */

/** @type {Tail[]} */
export const tails = [
  { name: "an entry", text: b, skills: ["b"] },
  { name: "an entry and a carriage return", text: `${b}\r`, skills: ["b"] },
  { name: "JSON of another format", text: "{}", skills: [""] },
  { name: "the start of an entry", text: TORN, pending: TORN.length },
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
    name: "a shell's message",
    text: "Segmentation fault (core dumped)",
    damage: { kind: "corrupt" },
  },
  {
    name: "an entry, then a shell's message",
    text: `${b}Killed`,
    skills: ["b"],
    damage: { kind: "corrupt", recovered: 1 },
  },
  {
    name: "a torn entry, then a control character and an entry",
    text: `${TORN}\x07${b}`,
    skills: ["b"],
    damage: { kind: "corrupt", recovered: 1 },
  },
  {
    name: "a torn entry, then a whole entry",
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
    name: "a torn entry, a whole entry, and the start of an entry",
    text: `${TORN}${b}${TORN}`,
    skills: ["b"],
    damage: { kind: "fused", length: TORN.length + b.length, recovered: 1 },
    pending: TORN.length,
  },
  {
    name: "a torn entry whose input may be the whole entry after it",
    text: `${BEFORE_INPUT}${b}`,
    pending: BEFORE_INPUT.length + b.length,
  },
  {
    name: "an entry, then a torn entry whose input may be the whole entry after it",
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
    name: "NULs, then the start of an entry",
    text: `\0\0${TORN}`,
    damage: { kind: "nul", length: 2 },
    pending: TORN.length,
  },
];

/**
 * @typedef {object} Doubt a damaged line with objects that may be entries
 * @property {string} name where the objects stand
 * @property {string} text
 * @property {string[]} certain the skills of the entries that reading returns
 * @property {string[]} doubtful the skills that reading returns only with `{ doubtful: true }`
 */

/** @type {Doubt[]} */
export const doubts = [
  {
    name: "after an entry torn before its input",
    text: `${BEFORE_INPUT}${b}`,
    certain: [],
    doubtful: ["b"],
  },
  {
    name: "after an entry torn before its input, and a blank",
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
    name: "in the input of a torn entry, and after that entry",
    text: `${BEFORE_INPUT}${b}${c}`,
    certain: ["c"],
    doubtful: ["b"],
  },
  { name: "before a comma", text: `\0\0${b},`, certain: [], doubtful: ["b"] },
  { name: "before blanks and a bracket", text: `x${b} \t]`, certain: [], doubtful: ["b"] },
  { name: "before a brace", text: `"input":${b}}`, certain: [], doubtful: ["b"] },
  { name: "in an array", text: `[${b},${c}]`, certain: [], doubtful: ["b", "c"] },
  {
    name: "after an entry, within the end of another entry",
    text: `${b}x${c}}`,
    certain: ["b"],
    doubtful: ["c"],
  },
  { name: "after an entry torn in a string", text: `${TORN}${b}`, certain: ["b"], doubtful: [] },
  {
    name: "after an entry torn in a number",
    text: `${line("head").slice(0, -1)},"duration_ms":12${b}`,
    certain: ["b"],
    doubtful: [],
  },
  {
    name: "after an entry torn where a string is due",
    text: `${line("head").slice(0, -1)},"message":${b}`,
    certain: ["b"],
    doubtful: [],
  },
  {
    name: "before a colon, which can follow no entry",
    text: `${b}:`,
    certain: ["b"],
    doubtful: [],
  },
  {
    name: "quoted in a string",
    text: `${TORN} ${JSON.stringify(b).slice(1, -1)}`,
    certain: [],
    doubtful: [],
  },
];
