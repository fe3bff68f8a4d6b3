// How many entries each value has, given every other condition.

import { FLAG_FACETS, TEXT_FACETS, withoutFacet } from "./conditions.js";

/** @import { LogIndex, RowConditions } from "skill-log" */
/** @import { State } from "../app/store.js" */
/** @import { FlagFacet, TextFacet } from "./conditions.js" */

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
  const isEvery = rows.length === index.length - index.removed;
  for (const { name } of [...texts, ...(isAll ? FLAG_FACETS : [])]) {
    await new Promise((done) => setTimeout(done));
    const { [name]: own, not } = filter;
    // A value that is not wanted shows how many entries it would add.
    const wanted =
      own === undefined && not?.[name] === undefined
        ? rows
        : index.select({
            ...withoutFacet(filter, name),
            ...(range && { since: new Date(range.since), until: new Date(range.until) }),
          });
    const counted = isEvery && wanted === rows ? undefined : wanted;
    counts.set(
      name,
      isText(name) ? textCounts(index, name, counted) : flagCounts(index, name, counted),
    );
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
 * @param {Uint32Array | undefined} rows
 * @returns {[string, number][]}
 */
function textCounts(index, name, rows) {
  const { codes, texts } = index.column(name, rows);
  const counts = new Uint32Array(texts.length);
  for (const code of codes) counts[code] += 1;
  return texts
    .map((text, code) => /** @type {[string, number]} */ ([text, counts[code]]))
    .sort((a, b) => b[1] - a[1]);
}

/**
 * @param {LogIndex} index
 * @param {FlagFacet} name
 * @param {Uint32Array | undefined} rows
 * @returns {[string, number][]}
 */
function flagCounts(index, name, rows) {
  let yes = 0;
  const flags = index.column(name, rows);
  for (const flag of flags) yes += flag;
  return [
    ["yes", yes],
    ["no", flags.length - yes],
  ];
}
