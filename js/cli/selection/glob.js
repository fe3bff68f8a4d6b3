// Patterns of session ids, as shells have them for file names.

/** The characters that make an operand a pattern. Session ids have none of the first two. */
const SPECIAL = /[*?[]/;

/**
 * Reports whether an operand may be a pattern.
 *
 * @param {string} operand
 */
export function isGlob(operand) {
  return SPECIAL.test(operand);
}

/**
 * Returns an expression for a pattern: `*` stands for any characters but a slash, `**` for any, `?`
 * for one, and `[a-z]` or `[!a-z]` for one of a set.
 *
 * @param {string} pattern
 */
export function globExpression(pattern) {
  const source = pattern.replace(
    /\*\*\/|\*+|\?|\[([!^]?)(\]?[^\]]*)\]|[^]/gu,
    (part, /** @type {string | undefined} */ not, /** @type {string | undefined} */ set) => {
      if (part === "**/") return "(?:.*/)?";
      if (part[0] === "*") return part.length > 1 ? ".*" : "[^/]*";
      if (part === "?") return "[^/]";
      if (set !== undefined) return `(?!/)[${not ? "^" : ""}${set.replace(/[\\\][^&]/g, "\\$&")}]`;
      return part.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    },
  );
  return new RegExp(`^${source}$`, "su");
}
