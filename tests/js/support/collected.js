/**
 * Collects all that an iterable yields.
 *
 * @template T
 * @param {AsyncIterable<T>} iterable
 */
export async function collected(iterable) {
  /** @type {T[]} */
  const all = [];
  for await (const each of iterable) all.push(each);
  return all;
}
