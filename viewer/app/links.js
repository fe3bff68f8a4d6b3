// What is shown, as the fragment of the page's URL, and back. An entry is named by its session and
// its place in the file, so that a link still leads to it when the log has grown.
//
//   #session=deploy-12&entry=deploy-12@10240&status=failed&not.skill=tdd&sort=-duration_ms
//
// Two sessions that are compared, and an entry of each:
//
//   #session=deploy-12&with=deploy-13&left=10240&right=8192

/** @import { RowConditions } from "skill-log" */
/** @import { State } from "./store.js" */

/**
 * What a link keeps.
 *
 * @typedef {Pick<State, "session" | "filter" | "sort" | "range" | "search" | "entry" | "compared" | "pair">} Linked
 */

/** @type {Readonly<Linked>} */
export const NOTHING_LINKED = {
  session: null,
  filter: {},
  sort: null,
  range: null,
  search: null,
  entry: null,
  compared: null,
  pair: null,
};

/** Conditions of texts: name in a link → name in `RowConditions`. */
const TEXTS = /** @type {const} */ ({
  skill: "skill",
  phase: "phase",
  status: "final_status",
  model: "model_used",
  of: "session",
});

const FLAGS = /** @type {const} */ (["verified", "recovered", "foreign"]);

const DURATIONS = /** @type {const} */ ({ min: "min_duration_ms", max: "max_duration_ms" });

const COLUMNS = new Set([
  ...["timestamp", "duration_ms", "length", "attempts", "offset"],
  ...["session", "skill", "phase", "final_status", "model_used"],
  ...["verified", "recovered", "foreign"],
]);

/**
 * Returns the fragment of a link.
 *
 * @param {Readonly<Linked>} linked
 * @returns {string} with its `#`; empty where nothing is kept
 */
export function linkTo({ session, filter, sort, range, search, entry, compared, pair }) {
  const words = new URLSearchParams();
  if (session !== null) words.append("session", session);
  if (compared !== null) words.append("with", compared);
  for (const [side, offset] of Object.entries(pair ?? {}))
    if (offset !== null) words.append(side, String(offset));
  addConditions(words, "", filter);
  if (filter.not) addConditions(words, "not.", filter.not);
  if (range) {
    words.append("since", timeText(range.since));
    words.append("until", timeText(range.until));
  }
  if (search && search.text !== "") {
    words.append("find", search.text);
    const how = [search.isExact && "exact", search.isPattern && "pattern"].filter(Boolean);
    if (how.length > 0) words.append("how", how.join("-"));
  }
  if (sort) words.append("sort", `${sort.descending ? "-" : ""}${sort.by}`);
  if (entry) words.append("entry", `${entry.session}@${entry.offset}`);
  const text = words.toString();
  // These are allowed in a fragment, and easier to read.
  return text && `#${text.replaceAll("%40", "@").replaceAll("%2F", "/").replaceAll("%3A", ":")}`;
}

/**
 * Returns what a link keeps. Ignores what it does not understand: links are typed by people, and
 * sent by strangers.
 *
 * @param {string} fragment with or without its `#`
 * @returns {Linked}
 */
export function linkedBy(fragment) {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  const not = conditionsOf(words, "not.");
  const filter = { ...conditionsOf(words, ""), ...(Object.keys(not).length > 0 && { not }) };
  const text = words.get("find") ?? "";
  const how = (words.get("how") ?? "").split("-");
  return {
    session: words.get("session"),
    filter,
    sort: sortOf(words.get("sort")),
    range: rangeOf(words.get("since"), words.get("until")),
    search:
      text === ""
        ? null
        : { text, isExact: how.includes("exact"), isPattern: how.includes("pattern") },
    entry: placeOf(words.get("entry")),
    compared: words.get("with"),
    pair: pairOf(words),
  };
}

/**
 * @param {URLSearchParams} words
 * @param {string} prefix
 * @param {RowConditions} conditions
 */
function addConditions(words, prefix, conditions) {
  for (const [word, name] of Object.entries(TEXTS)) {
    const wanted = conditions[name];
    if (wanted === undefined) continue;
    for (const text of typeof wanted === "string" ? [wanted] : wanted)
      words.append(prefix + word, text);
  }
  for (const flag of FLAGS) {
    const wanted = conditions[flag];
    if (wanted !== undefined) words.append(prefix + flag, wanted ? "yes" : "no");
  }
  for (const [word, name] of Object.entries(DURATIONS)) {
    const wanted = conditions[name];
    if (wanted !== undefined) words.append(prefix + word, String(wanted));
  }
}

/**
 * @param {URLSearchParams} words
 * @param {string} prefix
 * @returns {RowConditions}
 */
function conditionsOf(words, prefix) {
  /** @type {RowConditions} */
  const conditions = {};
  for (const [word, name] of Object.entries(TEXTS)) {
    const texts = words.getAll(prefix + word);
    if (texts.length > 0) conditions[name] = texts;
  }
  for (const flag of FLAGS) {
    const wanted = words.get(prefix + flag);
    if (wanted === "yes" || wanted === "no") conditions[flag] = wanted === "yes";
  }
  for (const [word, name] of Object.entries(DURATIONS)) {
    const wanted = wholeNumber(words.get(prefix + word));
    if (wanted !== null) conditions[name] = wanted;
  }
  return conditions;
}

/** @param {string | null} word @returns {State["sort"]} */
function sortOf(word) {
  const descending = word?.startsWith("-") ?? false;
  const by = /** @type {any} */ (descending ? word?.slice(1) : word);
  return COLUMNS.has(by) ? { by, descending } : null;
}

/**
 * @param {string | null} first
 * @param {string | null} last
 * @returns {State["range"]}
 */
function rangeOf(first, last) {
  const [since, until] = [first, last].map((word) => Date.parse(word ?? ""));
  return since < until ? { since, until } : null;
}

/** @param {string | null} word @returns {State["entry"]} */
function placeOf(word) {
  const at = word?.lastIndexOf("@") ?? -1;
  const offset = wholeNumber(word?.slice(at + 1) ?? null);
  return word && at >= 0 && offset !== null ? { session: word.slice(0, at), offset } : null;
}

/** @param {URLSearchParams} words @returns {State["pair"]} */
function pairOf(words) {
  const [left, right] = [wholeNumber(words.get("left")), wholeNumber(words.get("right"))];
  return left === null && right === null ? null : { left, right };
}

/** @param {string | null} word */
function wholeNumber(word) {
  const number = Number(word);
  return word && /^\d+$/.test(word) && Number.isSafeInteger(number) ? number : null;
}

/** @param {number} instant in milliseconds since 1970; of a year that dates have */
function timeText(instant) {
  return new Date(instant).toISOString();
}
