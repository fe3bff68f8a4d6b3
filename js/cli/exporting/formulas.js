// What a spreadsheet would take for a formula, and obey: https://owasp.org/www-community/attacks/CSV_Injection

/**
 * What a formula begins with, as it is typed, in full width, in small forms, or as a minus sign. Blanks, control and format characters
 * before it are skipped, as some spreadsheets do.
 */
const START = String.raw`[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]`;

/** Before the start of a text that a spreadsheet obeys; a tab or a line end is enough, as some drop it. */
const textStart = new RegExp(String.raw`^(?=[\t\r\n]|[\p{Z}\p{Cc}\p{Cf}]*${START})`, "u");

/**
 * Behind what begins another cell where a spreadsheet goes by other separators than a comma, as in countries where that is in numbers: it
 * knows no quotes then but those at the start of a cell.
 */
const cellStart = new RegExp(
  String.raw`(?<=[;\t\r\n])(?=(?:(?![;\t\r\n])[\p{Z}\p{Cc}\p{Cf}"])*${START})`,
  "gu",
);

/** The same within JSON, whose strings have no tabs and no line ends, and outside of which there are numbers alone. */
const jsonCellStart = new RegExp(
  String.raw`(?<=;)(?=(?:(?![;])[\p{Z}\p{Cc}\p{Cf}"])*${START})`,
  "gu",
);

/**
 * Puts an apostrophe before all in a text that a spreadsheet would obey: it takes the rest for text then.
 *
 * @param {string} text
 */
export function withoutFormulas(text) {
  return text.replace(cellStart, "'").replace(textStart, "'");
}

/**
 * Does so in JSON, which is JSON then, too: only within strings.
 *
 * @param {string} json
 */
export function jsonWithoutFormulas(json) {
  return json.replace(jsonCellStart, "'");
}
