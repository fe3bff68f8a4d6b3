// The worker of entries: compares outputs and sessions, and finds what a search found. Each may take
// long.

import { places, RawJson } from "skill-log/slim";

import { started } from "../app/package.js";
import { comparisonOf } from "../compare/comparison.js";
import { differenceOf } from "./diff-blocks.js";

/** @import { Entry, PlacesOptions } from "skill-log" */
/** @import { Columns } from "../compare/comparison.js" */

/**
 * What the worker does, by name.
 */
export const WORK = {
  /** @param {{ left: string, right: string, ignoresNumbers: boolean }} wanted */
  async difference({ left, right, ignoresNumbers }) {
    return differenceOf(left, right, { ignoresNumbers });
  },

  /** @param {{ left: Columns, right: Columns, most?: number }} wanted */
  async comparison(wanted) {
    return comparisonOf(wanted);
  },

  /**
   * @param {{ entry: Omit<Entry, "input">, input: Uint8Array | null, text: string | RegExp, options: PlacesOptions }} wanted
   */
  async places({ entry, input, text, options }) {
    if (input === null) return places(/** @type {Entry} */ (entry), text, options);
    await started();
    return places(/** @type {Entry} */ ({ ...entry, input: new RawJson(input) }), text, options);
  },
};

addEventListener("message", async ({ data: { name, given } }) => {
  try {
    const result = await WORK[/** @type {keyof typeof WORK} */ (name)](given);
    postMessage({ result });
  } catch (error) {
    postMessage({ failure: String(error instanceof Error ? error.message : error) });
  }
});
