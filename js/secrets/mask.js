/** @import { Secret } from "../types.js" */

/**
 * Returns what is written instead of a secret.
 *
 * @param {string} name
 */
export function maskOf(name) {
  return `[masked: ${name}]`;
}

/**
 * Replaces parts of a text by masks.
 *
 * @param {string} text
 * @param {readonly Secret[]} secrets in their order
 * @returns {string} the same text where there are none
 */
export function masked(text, secrets) {
  let result = "";
  let from = 0;
  for (const { start, end, name } of secrets) {
    result += text.slice(from, start) + maskOf(name);
    from = end;
  }
  return from === 0 ? text : result + text.slice(from);
}
