// Text as a terminal colours it. Colours and weights become names of classes; every other sequence
// is left out, as it would move a cursor, name a link or set a title.

import Anser from "anser";

/**
 * Text in one style.
 *
 * @typedef {object} Run
 * @property {string} text
 * @property {number} start its place in the text with sequences, in UTF-16 units
 * @property {string} classes such as `ansi-red bold`; empty for plain text
 */

// CSI; OSC up to BEL or ST; other strings up to ST; escapes of one character. What has no end is text.
const SEQUENCE =
  // eslint-disable-next-line no-control-regex
  /\x1b(?:\[([0-?]{0,256})[ -/]{0,8}([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/][0-~]|[0-OQ-WYZ\\=>`-~])/g;

const SOME = /\x1b/; // eslint-disable-line no-control-regex

/** Anser names what is in effect; these are the names of classes. @type {Record<string, string>} */
const DECORATIONS = {
  bold: "bold",
  dim: "dim",
  italic: "italic",
  underline: "underline",
  strikethrough: "struck",
  // Nothing blinks, and nothing is hidden: a reader would miss it.
  hidden: "concealed",
};

/**
 * Returns whether a text starts with lines that have sequences. Looks at its start alone.
 *
 * @param {string} text
 */
export function isStyled(text) {
  return SOME.test(text.slice(0, 20_000));
}

/**
 * Returns a text without sequences.
 *
 * @param {string} text
 */
export function withoutSequences(text) {
  return SOME.test(text) ? text.replace(SEQUENCE, "") : text;
}

/**
 * Divides a text into runs of one style.
 *
 * @param {string} text
 * @returns {Run[]} none is empty, and neighbours differ in style or have a sequence between them
 */
export function runsOf(text) {
  if (!SOME.test(text)) return text === "" ? [] : [{ text, start: 0, classes: "" }];
  const terminal = new Anser();
  /** @type {Run[]} */
  const runs = [];
  let classes = "";
  let from = 0;
  for (const { 0: sequence, 1: numbers, 2: command, index } of text.matchAll(SEQUENCE)) {
    if (index > from) runs.push({ text: text.slice(from, index), start: from, classes });
    from = index + sequence.length;
    if (command === "m" && /^[\d;:]*$/.test(numbers)) classes = styled(terminal, numbers);
  }
  if (from < text.length) runs.push({ text: text.slice(from), start: from, classes });
  return runs;
}

/**
 * @param {Anser} terminal keeps what is in effect
 * @param {string} numbers
 */
function styled(terminal, numbers) {
  // Colons are the newer way to write 38;2;r;g;b, with an empty place for a colour space.
  const known = numbers.replace(/([34]8):2::/g, "$1;2;").replaceAll(":", ";");
  const made = /** @type {any} */ (terminal).processChunkJson(
    `${known}m`,
    { json: true, use_classes: true },
    true,
  );
  // Anser adds a decoration each time it is named.
  const inEffect = new Set(/** @type {string[]} */ (made.decorations));
  Object.assign(terminal, { decorations: [...inEffect] });
  const fore = made.fg && nameOf(made.fg, made.fg_truecolor);
  const back = made.bg && nameOf(made.bg, made.bg_truecolor);
  const isReverse = inEffect.has("reverse");
  return [
    isReverse ? (back ? `${back}-fg` : "reversed") : fore && `${fore}-fg`,
    isReverse ? (fore ? `${fore}-bg` : "reversed-bg") : back && `${back}-bg`,
    ...[...inEffect].map((name) => DECORATIONS[name]),
  ]
    .filter(Boolean)
    .join(" ");
}

const HUES = ["red", "yellow", "green", "cyan", "blue", "magenta"];

/**
 * Returns the nearest of the sixteen colours of the theme, which can be read on its background.
 *
 * @param {string} name as Anser has it: `ansi-red`, `ansi-palette-208` or `ansi-truecolor`
 * @param {string | null} color of `ansi-truecolor`: `r, g, b`
 */
function nameOf(name, color) {
  if (name === "ansi-truecolor") return nearest((color ?? "").split(",").map(Number));
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  return palette ? nearest(paletteColor(Number(palette[1]))) : name;
}

/** @param {number} index 16 to 255: a cube of 6 × 6 × 6 colours, then 24 greys */
function paletteColor(index) {
  if (index >= 232) return Array(3).fill(8 + (index - 232) * 10);
  const levels = [0, 95, 135, 175, 215, 255];
  const at = index - 16;
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((level) => levels[level]);
}

/** @param {number[]} color red, green and blue, 0 to 255 */
function nearest([red, green, blue]) {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40)
    return most < 64
      ? "ansi-black"
      : most < 140
        ? "ansi-bright-black"
        : most < 215
          ? "ansi-white"
          : "ansi-bright-white";
  const spread = most - least;
  const sixth =
    most === red
      ? (green - blue) / spread
      : most === green
        ? 2 + (blue - red) / spread
        : 4 + (red - green) / spread;
  return `ansi-${(most + least) / 2 > 140 ? "bright-" : ""}${HUES[(Math.round(sixth) + 6) % 6]}`;
}
