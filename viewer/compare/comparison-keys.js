// The keys of a comparison.

/** @import { KeyGroup } from "../app/keys.js" */
/** @import { SessionComparison } from "./session-comparison.js" */

/**
 * Returns the part of the page's table of keys that acts on a comparison.
 *
 * @param {() => SessionComparison | null} shown null while sessions are not compared
 * @returns {KeyGroup}
 */
export function comparisonKeys(shown) {
  const when = () => shown() !== null;
  return {
    title: "In a comparison",
    keys: [
      { keys: "j", shown: "↓ j", does: "Next row", when, act: () => shown()?.move(1) },
      { keys: "k", shown: "↑ k", does: "Row before", when, act: () => shown()?.move(-1) },
      { keys: "Enter", does: "Show both entries" },
      { keys: "n", does: "Next difference", when, act: () => shown()?.moveToOther(1) },
      {
        keys: "Shift+N",
        does: "Difference before",
        when,
        act: () => shown()?.moveToOther(-1),
      },
      { keys: "x", does: "Swap the sides", when, act: () => shown()?.swap() },
    ],
  };
}
