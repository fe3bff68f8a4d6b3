// Lines of long logs.

import { line } from "../support/lines.js";

/** The part of a long log that a thread reads at once. */
export const PART = 8 << 20;

/**
 * Returns lines with so many bytes, to the byte.
 *
 * @param {number} bytes
 * @param {string} [skill]
 */
export function lines(bytes, skill = "a") {
  const long = `${line(skill, { message: "m".repeat(5000) })}\n`;
  const count = Math.floor(bytes / long.length) - 1;
  const rest = bytes - count * long.length;
  const empty = line("b", { message: "x" }).length;
  return long.repeat(count) + `${line("b", { message: "m".repeat(rest - empty) })}\n`;
}
