// A text of an entry as nodes of the page: text nodes, in elements with classes. Never markup, and
// no link.

import { css, unsafeCSS } from "lit";

import { piecesOf } from "./hidden-characters.js";
import { runsOf } from "./terminal-text.js";

/**
 * A place that is marked in a text, in UTF-16 units.
 *
 * @typedef {{ start: number, end: number }} Mark
 */

/** The most runs of a part that get elements of their own: the rest is drawn plain. */
const MOST_RUNS = 2000;

/** The most code points of a run that get elements of their own. */
const MOST_CODE_POINTS = 200;

/**
 * Draws a text.
 *
 * @param {string} text
 * @param {object} [options]
 * @param {readonly Mark[]} [options.marks] in order, without overlap
 * @param {Mark | null} [options.current] the one of them that is looked at
 * @param {number} [options.start] the place of `text` in the text that `marks` are about
 * @param {boolean} [options.isRaw] shows sequences of terminals instead of obeying their colours
 * @returns {DocumentFragment}
 */
export function drawn(text, { marks = [], current = null, start = 0, isRaw = false } = {}) {
  const fragment = document.createDocumentFragment();
  const runs = isRaw ? [{ text, start: 0, classes: "" }] : runsOf(text);
  let next = marks.findIndex((mark) => mark.end > start);
  for (const [at, run] of runs.entries()) {
    const parent = run.classes === "" || at >= MOST_RUNS ? fragment : span(run.classes);
    const from = start + run.start;
    const to = from + run.text.length;
    let done = from;
    // A mark may go on in the next run.
    while (next !== -1 && next < marks.length && marks[next].start < to) {
      const mark = marks[next];
      const [open, close] = [Math.max(done, mark.start), Math.min(to, mark.end)];
      addPieces(parent, run.text.slice(done - from, open - from));
      if (open < close) {
        const element = document.createElement("mark");
        if (mark === current) element.className = "current";
        addPieces(element, run.text.slice(open - from, close - from));
        parent.append(element);
      }
      done = Math.max(done, close);
      if (mark.end > to) break;
      next += 1;
    }
    addPieces(parent, run.text.slice(done - from));
    if (parent !== fragment) fragment.append(parent);
  }
  return fragment;
}

/**
 * Draws a text without colours, such as a name.
 *
 * @param {string} text
 */
export function drawnName(text) {
  const fragment = document.createDocumentFragment();
  addPieces(fragment, text);
  return fragment;
}

/**
 * @param {ParentNode} parent
 * @param {string} text
 */
function addPieces(parent, text) {
  let left = MOST_CODE_POINTS;
  let plain = "";
  for (const piece of piecesOf(text)) {
    if (piece.code === undefined) plain += piece.text;
    else if (left === 0) plain += `[${piece.code}]`;
    else {
      if (plain !== "") parent.append(plain);
      plain = "";
      left -= 1;
      const shown = span("code-point");
      shown.textContent = piece.code;
      parent.append(shown);
    }
  }
  if (plain !== "") parent.append(plain);
}

/** @param {string} classes */
function span(classes) {
  const element = document.createElement("span");
  element.className = classes;
  return element;
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Text on a colour is in the colour of other text, unless it has its own: both can be read. */
const colorRules = ["", "bright-"]
  .flatMap((bright) => COLORS.map((color) => `ansi-${bright}${color}`))
  .map(
    (name) =>
      `.${name}-fg { color: var(--${name}); }
       .${name}-bg { background: color-mix(in srgb, var(--${name}) 22%, transparent); }`,
  )
  .join("");

/** How drawn texts look. */
export const drawnStyles = css`
  .code-point {
    padding: 0 3px; margin: 0 1px; border-radius: 3px; white-space: nowrap;
    font: 600 .8em var(--font-mono); color: var(--warn); background: var(--warn-soft);
  }
  mark.current { outline: 2px solid var(--accent); }
  .bold { font-weight: 700; }
  .dim { opacity: .75; }
  .italic { font-style: italic; }
  .underline { text-decoration: underline; }
  .struck { text-decoration: line-through; }
  .underline.struck { text-decoration: underline line-through; }
  .concealed { border-bottom: 1px dotted; }
  .reversed { color: var(--background); }
  .reversed-bg { background: var(--text); }
  ${unsafeCSS(colorRules)}
`;
