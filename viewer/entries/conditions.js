// What a filter says of one value, and a filter that says another thing of it.

/** @import { RowConditions } from "skill-log" */

/**
 * The columns whose texts can be chosen.
 *
 * @typedef {"skill" | "phase" | "final_status" | "model_used"} TextFacet
 *
 * @typedef {"verified" | "recovered" | "foreign"} FlagFacet
 *
 * What is wanted of a value: nothing but it and others like it, or anything else.
 * @typedef {"only" | "not" | null} Wanted
 */

/** @type {readonly { name: TextFacet, title: string, none: string }[]} */
export const TEXT_FACETS = [
  { name: "final_status", title: "Status", none: "no status" },
  { name: "skill", title: "Skill", none: "no skill" },
  { name: "phase", title: "Phase", none: "no phase" },
  { name: "model_used", title: "Model", none: "no model" },
];

/** @type {readonly { name: FlagFacet, yes: string, no: string }[]} */
export const FLAG_FACETS = [
  { name: "verified", yes: "verified", no: "not verified" },
  { name: "recovered", yes: "recovered", no: "not recovered" },
  { name: "foreign", yes: "foreign", no: "not foreign" },
];

/**
 * Returns what a filter wants of a text.
 *
 * @param {RowConditions} filter
 * @param {TextFacet} facet
 * @param {string} value
 * @returns {Wanted}
 */
export function wantedOf(filter, facet, value) {
  if (listOf(filter[facet]).includes(value)) return "only";
  return listOf(filter.not?.[facet]).includes(value) ? "not" : null;
}

/**
 * Returns a filter that wants something else of a text.
 *
 * @param {RowConditions} filter
 * @param {TextFacet} facet
 * @param {string} value
 * @param {Wanted} wanted
 * @returns {RowConditions}
 */
export function withText(filter, facet, value, wanted) {
  const without = (/** @type {RowConditions[TextFacet]} */ texts) =>
    listOf(texts).filter((text) => text !== value);
  const only = without(filter[facet]);
  const not = without(filter.not?.[facet]);
  if (wanted === "only") only.push(value);
  if (wanted === "not") not.push(value);
  return tidy({
    ...filter,
    [facet]: only.length > 0 ? only : undefined,
    not: { ...filter.not, [facet]: not.length > 0 ? not : undefined },
  });
}

/**
 * Returns a filter that wants a flag to be set, or not to be set, or either.
 *
 * @param {RowConditions} filter
 * @param {FlagFacet} facet
 * @param {boolean | undefined} wanted
 * @returns {RowConditions}
 */
export function withFlag(filter, facet, wanted) {
  return tidy({ ...filter, [facet]: wanted });
}

/**
 * Returns a filter without what it says of a facet.
 *
 * @param {RowConditions} filter
 * @param {TextFacet | FlagFacet} facet
 * @returns {RowConditions}
 */
export function withoutFacet(filter, facet) {
  return tidy({ ...filter, [facet]: undefined, not: { ...filter.not, [facet]: undefined } });
}

/**
 * Returns the conditions of a filter one by one, as people read them.
 *
 * @param {RowConditions} filter
 * @returns {{ text: string, isNot: boolean, status?: string, without: RowConditions }[]}
 *   `status`: the one that the condition is about. `without`: the filter without that condition
 */
export function described(filter) {
  /** @type {ReturnType<typeof described>} */
  const all = [];
  for (const { name, title, none } of TEXT_FACETS) {
    const word = (/** @type {string} */ value) =>
      value === "" ? none : `${title.toLowerCase()} ${value}`;
    const add = (/** @type {string} */ value, /** @type {boolean} */ isNot) =>
      all.push({
        text: word(value),
        isNot,
        ...(name === "final_status" && { status: value }),
        without: withText(filter, name, value, null),
      });
    for (const value of listOf(filter[name])) add(value, false);
    for (const value of listOf(filter.not?.[name])) add(value, true);
  }
  for (const { name, yes, no } of FLAG_FACETS) {
    if (filter[name] !== undefined)
      all.push({
        text: filter[name] ? yes : no,
        isNot: false,
        without: withFlag(filter, name, undefined),
      });
    if (filter.not?.[name] !== undefined)
      all.push({
        text: filter.not[name] ? yes : no,
        isNot: true,
        without: withoutFacet(filter, name),
      });
  }
  for (const [name, text] of /** @type {const} */ ([
    ["min_duration_ms", "from"],
    ["max_duration_ms", "up to"],
  ]))
    if (filter[name] !== undefined)
      all.push({
        text: `${text} ${filter[name]} ms`,
        isNot: false,
        without: tidy({ ...filter, [name]: undefined }),
      });
  return all;
}

/**
 * Returns a filter without what it leaves open.
 *
 * @param {RowConditions} filter
 * @returns {RowConditions}
 */
function tidy({ not, ...filter }) {
  const kept = (/** @type {object} */ conditions) =>
    Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined));
  const left = kept(not ?? {});
  return { ...kept(filter), ...(Object.keys(left).length > 0 && { not: left }) };
}

/**
 * @param {string | readonly string[] | undefined} texts
 * @returns {string[]}
 */
function listOf(texts) {
  if (texts === undefined) return [];
  return typeof texts === "string" ? [texts] : [...texts];
}
