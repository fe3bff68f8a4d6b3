// Frees what is made of many rows and used once.

/**
 * Frees the memory of values that nobody uses any more. A browser collects garbage when its objects
 * are many, not when they are large: a million rows leave a hundred megabytes otherwise.
 *
 * @param {...({ buffer: ArrayBufferLike })} values
 */
export function freeValues(...values) {
  // Not every browser has it yet.
  for (const { buffer } of values) /** @type {any} */ (buffer).transfer?.(0);
}
