// Which sessions a list shows, and in which order.

/** @import { SessionSummary } from "skill-log" */
/** @import { Known } from "../app/preferences.js" */

/** @typedef {"recent" | "name" | "entries" | "size"} Order */
/** @typedef {"all" | "favourites" | "new" | "damaged" | "unfinished"} Group */

/** For people: the orders of the list. @type {Record<Order, string>} */
export const orders = {
  recent: "Last activity",
  name: "Name",
  entries: "Most entries",
  size: "Largest",
};

/** For people: the groups of sessions. @type {Record<Group, string>} */
export const groups = {
  all: "All",
  favourites: "Favourites",
  new: "New",
  damaged: "Damaged",
  unfinished: "Unfinished",
};

/**
 * @typedef {object} Look
 * @property {Readonly<Known>} known
 * @property {number} since when the source was opened, in milliseconds since 1970
 */

/** @type {WeakMap<SessionSummary, number>} */
const instants = new WeakMap();

/**
 * Returns when something last happened in a session: its latest entry, or its file's change.
 *
 * @param {SessionSummary} summary
 * @returns {number} in milliseconds since 1970
 */
export function lastActivity(summary) {
  let instant = instants.get(summary);
  if (instant === undefined) {
    instant = Date.parse(summary.last ?? "");
    if (Number.isNaN(instant)) instant = summary.modified.getTime();
    instants.set(summary, instant);
  }
  return instant;
}

/**
 * Returns a person's own name for a session, or its id.
 *
 * @param {Readonly<Known>} known
 * @param {string} id
 */
export function nameOf({ names }, id) {
  return Object.hasOwn(names, id) ? names[id] : id;
}

/**
 * Returns whether a session has what the person has not seen: it grew since it was shown last, or
 * is new since the source was opened.
 *
 * @param {SessionSummary} summary
 * @param {Look} look
 */
export function isNew({ id, bytes, modified }, { known: { seen }, since }) {
  return Object.hasOwn(seen, id) ? bytes > seen[id] : modified.getTime() > since;
}

/**
 * Returns whether the last line of a log was left unfinished.
 *
 * @param {SessionSummary} summary
 */
export function isUnfinished({ pending }) {
  return pending?.unfinished === true;
}

/**
 * Returns whether a group has a session.
 *
 * @param {Group} group
 * @param {SessionSummary} summary
 * @param {Look} look
 * @param {ReadonlySet<string>} favourites
 */
function isIn(group, summary, look, favourites) {
  switch (group) {
    case "favourites":
      return favourites.has(summary.id);
    case "new":
      return isNew(summary, look);
    case "damaged":
      return summary.damaged > 0 || summary.error !== undefined;
    case "unfinished":
      return isUnfinished(summary);
    default:
      return true;
  }
}

/**
 * Returns how many sessions each group has.
 *
 * @param {readonly SessionSummary[]} summaries
 * @param {Look} look
 * @returns {Record<Group, number>}
 */
export function groupCounts(summaries, look) {
  const favourites = new Set(look.known.favourites);
  const names = /** @type {Group[]} */ (Object.keys(groups));
  const counts = { all: 0, favourites: 0, new: 0, damaged: 0, unfinished: 0 };
  for (const summary of summaries)
    for (const name of names) if (isIn(name, summary, look, favourites)) counts[name] += 1;
  return counts;
}

/**
 * Returns the sessions to show.
 *
 * @param {readonly SessionSummary[]} summaries
 * @param {Look & { text: string, group: Group, order: Order }} wanted `text` is part of an id or of
 *   a person's own name; the case of letters does not count
 * @returns {SessionSummary[]}
 */
export function shownSessions(summaries, { text, group, order, ...look }) {
  const favourites = new Set(look.known.favourites);
  const part = text.trim().toLowerCase();
  const found = summaries.filter((summary) => {
    if (!isIn(group, summary, look, favourites)) return false;
    if (part === "") return true;
    const { id } = summary;
    return id.toLowerCase().includes(part) || nameOf(look.known, id).toLowerCase().includes(part);
  });
  return found.sort(comparisons[order](look.known));
}

const collator = new Intl.Collator("en", { numeric: true });

/** @type {Record<Order, (known: Readonly<Known>) => (a: SessionSummary, b: SessionSummary) => number>} */
const comparisons = {
  recent: () => (a, b) => lastActivity(b) - lastActivity(a),
  name: (known) => (a, b) => collator.compare(nameOf(known, a.id), nameOf(known, b.id)),
  entries: () => (a, b) => b.entries - a.entries,
  size: () => (a, b) => b.bytes - a.bytes,
};
