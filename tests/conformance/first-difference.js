/**
 * Returns the first two values that differ, or `null`. Does not recurse as deepEqual does, because
 * some vectors nest arrays 9,999 deep.
 *
 * @param {any} left
 * @param {any} right
 */
export function firstDifference(left, right) {
  const pairs = [[left, right]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [got, expected] = pair;
    if (Object.is(got, expected)) continue;
    const kinds = [got, expected].map((value) => Object.prototype.toString.call(value));
    const names = [got, expected].map((value) =>
      typeof value === "object" && value !== null ? Object.keys(value) : [],
    );
    const bothObjects = kinds[0] === kinds[1] && typeof got === "object" && got !== null;
    if (!bothObjects || names[0].join("\0") !== names[1].join("\0")) return { got, expected };
    for (const name of names[0]) pairs.push([got[name], expected[name]]);
  }
  return null;
}
