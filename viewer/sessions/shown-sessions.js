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
export function isNew({ id, bytes, modified, pending }, { known: { seen }, since }) {
  if (!Object.hasOwn(seen, id)) return modified.getTime() > since;
  // What has no end is no entry yet.
  return bytes - (pending?.length ?? 0) > seen[id];
}

/**
 * Returns how many entries of a session are new to the person.
 *
 * @param {SessionSummary} summary
 * @param {Readonly<Known>} known
 * @returns {number} 0 where nobody knows
 */
export function newEntries({ id, entries }, { counts }) {
  return Object.hasOwn(counts, id) ? Math.max(0, entries - counts[id]) : 0;
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
  // Each key once: a list of 10,000 is sorted again whenever more of it is read.
  const keyOf = keys[order];
  const keyed = found.map((summary) => ({ summary, key: keyOf(summary, look.known) }));
  keyed.sort(order === "name" ? byText : byNumber);
  return keyed.map(({ summary }) => summary);
}

const collator = new Intl.Collator("en", { numeric: true });

/** What sessions are sorted by. @type {Record<Order, (summary: SessionSummary, known: Readonly<Known>) => any>} */
const keys = {
  recent: lastActivity,
  name: ({ id }, known) => nameOf(known, id),
  entries: ({ entries }) => entries,
  size: ({ bytes }) => bytes,
};

/** @param {{ key: number }} a @param {{ key: number }} b */
const byNumber = (a, b) => b.key - a.key;

/** @param {{ key: string }} a @param {{ key: string }} b */
const byText = (a, b) => collator.compare(a.key, b.key);
