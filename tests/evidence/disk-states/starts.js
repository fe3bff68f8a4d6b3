// The logs that a workload starts with: whole, damaged, cut, or none.

import { lineOf, numberedEntry } from "../../faults/numbered-entry.js";

export const SESSION = "log";

const text = (/** @type {number} */ number, length = 200) =>
  lineOf(numberedEntry({ session: SESSION, writer: "before", number, length }))
    .toString("latin1")
    .trimEnd();
const torn = (/** @type {number} */ number, length = 200) => text(number, length).slice(0, -40);

/** An entry spelled as no writer of ours spells it inside another entry's input. */
const inner = (/** @type {string} */ skill, more = "") =>
  `{"session_id":"${SESSION}","timestamp":"2026-01-02T03:04:05Z","skill":"${skill}","final_status":"ok"${more}}`;
const tornAround = (/** @type {string} */ input) =>
  `{"session_id":"${SESSION}","timestamp":"2026-01-02T03:04:05Z","skill":"outer","input":${input}`;
const wide = " ".repeat(512);
const filler = (/** @type {number} */ length) => "y".repeat(length);

/**
 * Logs by name. Every line that `text` makes holds an entry.
 *
 * @type {Record<string, string | null>}
 */
export const STARTS = {
  "no directory": null,
  "a whole log": lines(text(1), text(2, 700), text(3, 5000)),
  "a damaged log": lines(
    text(1),
    torn(2, 600),
    `${torn(3, 300)}${text(4)}`,
    "\0".repeat(700),
    `\0\0${text(5)}`,
    "what is this?",
    text(6),
  ),
  "entries that touch": lines(text(1), `${text(2)}${text(3, 600)}`, torn(4), text(5)),
  "a cut entry at the end": `${lines(text(1), text(2, 900))}${torn(3, 700)}`,
  "an entry without its line end": `${lines(text(1))}${text(2, 600)}`,
};

/**
 * Damaged lines with objects that must never become entries, by name. A whole entry stands before
 * them, and two follow, with damage in between.
 *
 * @type {Record<string, string>}
 */
export const DAMAGED = Object.fromEntries(
  Object.entries({
    "objects of an input that look like entries, a sector apart": [
      tornAround(`[${[1, 2, 3].map((n) => `${inner(`hidden ${n}`)},"${filler(700)}"`).join(",")},`),
    ],
    "objects of an input that fill sectors": [
      tornAround(`[${Array.from({ length: 40 }, (_, n) => inner(`hidden ${n}`)).join(",")},"cut`),
    ],
    "objects in objects": [
      tornAround(
        `{"a":${inner("hidden 1", `,"input":{"b":${inner("hidden 2", `,"input":"${filler(900)}"`)},"c":"${filler(600)}"}`)},"d":"${filler(600)}`,
      ),
    ],
    "an object without the fields of an entry, around others": [
      `{"a":[${inner("hidden 1")},"${filler(600)}",${inner("hidden 2")},"${filler(600)}"]} ${filler(20)}`,
    ],
    "an entry that ends a sector before a cut entry": [
      `${tornAround(`["${filler(420)}",`)}${wide}${inner("hidden")}${wide}, "${filler(600)}`,
    ],
    "objects and nulls alone in their sectors": [
      `x${wide}${wide}{"a":1}${wide}${wide}null${wide}${wide}{}${wide}x`,
      `x${filler(512)}${wide}{"timestamp":"2026-01-02T03:04:05Z"}${wide}${filler(512)}`,
    ],
    "whole entries between torn ones": [
      `${torn(11, 3000)}${text(12)}`,
      `${torn(13, 1500)}${torn(14, 1500)}${text(15, 700)}${filler(800)}${text(16)}${torn(17, 3000)}`,
    ],
    "an entry after text that begins an entry once its start is overwritten": [
      `{"session_id":"t","message":"${filler(700)}{"b":[${text(11)}`,
      `x"${filler(500)}{"input":"${wide}{"b":[${wide}[${text(12)}`,
    ],
    "a torn entry that ends in a string, with a later torn entry that holds objects": [
      `{"session_id":"s","message":"${filler(600)}${tornAround(`["${filler(600)}",${inner("hidden")},"${filler(600)}`)}`,
    ],
    "many short lines": [
      ...Array.from(
        { length: 300 },
        (_, n) => ["x", "x{}", '{"a":', "}null", "", "{{", "\0{}"][n % 7],
      ),
      text(11),
      ...Array.from({ length: 300 }, () => "}{}"),
    ],
  }).map(([what, damaged]) => [what, lines(text(1), ...damaged, text(2), "x", text(3))]),
);

/** @param {string[]} all */
function lines(...all) {
  return `${all.join("\n")}\n`;
}
