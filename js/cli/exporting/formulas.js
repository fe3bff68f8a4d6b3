// Keeps spreadsheets from running texts as formulas:
// https://owasp.org/www-community/attacks/CSV_Injection

/**
 * The first characters of a formula: plain, in full width, in small forms, and as a minus sign.
 * Some spreadsheets skip blanks, control and format characters before them, and so do the
 * expressions below.
 */
const START = String.raw`[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]`;

/**
 * Matches the start of a text that a spreadsheet may run. A tab or a line end suffices: some
 * spreadsheets drop it.
 */
const textStart = new RegExp(String.raw`^(?=[\t\r\n]|[\p{Z}\p{Cc}\p{Cf}]*${START})`, "u");

/**
 * Matches after a separator within a text. Spreadsheets of countries with decimal commas start a
 * cell there, and recognize quotes only at the start of a cell.
 */
const cellStart = new RegExp(
  String.raw`(?<=[;\t\r\n])(?=(?:(?![;\t\r\n])[\p{Z}\p{Cc}\p{Cf}"])*${START})`,
  "gu",
);

/** The same for JSON: its strings have no tabs and no line ends. */
const jsonCellStart = new RegExp(
  String.raw`(?<=;)(?=(?:(?![;])[\p{Z}\p{Cc}\p{Cf}"])*${START})`,
  "gu",
);

/**
 * Puts an apostrophe before each part of a text that a spreadsheet would run; it then shows the
 * part as text.
 *
 * @param {string} text
 */
export function withoutFormulas(text) {
  return text.replace(cellStart, "'").replace(textStart, "'");
}

/**
 * Does the same in JSON. Only strings change, so that the result is JSON too.
 *
 * @param {string} json
 */
export function jsonWithoutFormulas(json) {
  return json.replace(jsonCellStart, "'");
}
