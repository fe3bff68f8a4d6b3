// How many entries each value has, given every other condition.

import { freeValues } from "../app/free-values.js";
import { pause } from "../app/pause.js";
import { FLAG_FACETS, TEXT_FACETS, withoutFacet } from "./conditions.js";

/** @import { LogIndex, RowConditions } from "skill-log" */
/** @import { State } from "../app/store.js" */
/** @import { FlagFacet, TextFacet } from "./conditions.js" */

/** The most rows that are counted in one turn: some 5 ms. */
const AT_ONCE = 100_000;

/**
 * For each facet its values, the most frequent first. Flags have the values `yes` and `no`.
 *
 * @typedef {Map<TextFacet | FlagFacet, [value: string, count: number][]>} FacetCounts
 */

/**
 * Counts the values of facets, and lets the page do other things between two of them.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows that meet all conditions
 * @param {RowConditions} filter
 * @param {State["range"]} range
 * @param {boolean} isAll whether all facets are wanted, or statuses alone
 * @returns {AsyncGenerator<FacetCounts, void, void>} what is counted so far
 */
export async function* countsOf(index, rows, filter, range, isAll) {
  /** @type {FacetCounts} */
  const counts = new Map();
  const texts = isAll ? TEXT_FACETS : TEXT_FACETS.slice(0, 1);
  for (const { name } of [...texts, ...(isAll ? FLAG_FACETS : [])]) {
    await pause();
    const { [name]: own, not } = filter;
    // A value that is not wanted shows how many entries it would add.
    const wanted =
      own === undefined && not?.[name] === undefined
        ? rows
        : await index.query({
            ...withoutFacet(filter, name),
            ...(range && { since: new Date(range.since), until: new Date(range.until) }),
          });
    counts.set(
      name,
      await (isText(name) ? textCounts(index, name, wanted) : flagCounts(index, name, wanted)),
    );
    if (wanted !== rows) freeValues(wanted);
    yield new Map(counts);
  }
}

/**
 * @param {TextFacet | FlagFacet} name
 * @returns {name is TextFacet}
 */
function isText(name) {
  return TEXT_FACETS.some((facet) => facet.name === name);
}

/**
 * @param {LogIndex} index
 * @param {TextFacet} name
 * @param {Uint32Array} rows
 * @returns {Promise<[string, number][]>}
 */
async function textCounts(index, name, rows) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for await (const part of partsOf(rows)) {
    const { codes, texts } = index.column(name, part);
    const counts = new Uint32Array(texts.length);
    for (let at = 0; at < codes.length; at += 1) counts[codes[at]] += 1;
    for (const [code, text] of texts.entries())
      sums.set(text, (sums.get(text) ?? 0) + counts[code]);
    freeValues(codes);
  }
  return [...sums].sort(([a, most], [b, other]) => other - most || (a < b ? -1 : 1));
}

/**
 * @param {LogIndex} index
 * @param {FlagFacet} name
 * @param {Uint32Array} rows
 * @returns {Promise<[string, number][]>}
 */
async function flagCounts(index, name, rows) {
  let [yes, all] = [0, 0];
  for await (const part of partsOf(rows)) {
    const flags = index.column(name, part);
    for (let at = 0; at < flags.length; at += 1) yes += flags[at];
    all += flags.length;
    freeValues(flags);
  }
  return [
    ["yes", yes],
    ["no", all - yes],
  ];
}

/**
 * Returns rows some at a time, so that the page answers meanwhile.
 *
 * @param {Uint32Array} rows
 * @returns {AsyncGenerator<Uint32Array, void, void>}
 */
async function* partsOf(rows) {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    if (from > 0) await pause();
    yield rows.subarray(from, from + AT_ONCE);
  }
}
