// The tool `search_entries`.

import { jsonText } from "../json-text.js";
import { Answer, unreadable } from "./answer.js";
import { cutText } from "./cut-text.js";
import { contentsOf } from "./read-entries.js";
import { conditionsOf, FILTERS, limitOf, quoted, RefusedCall, SIZE } from "./tool.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { ShownTexts } from "./shown-texts.js" */
/** @import { Tool } from "./tool.js" */

/**
 * The bytes of entries that are searched at once: first, and then. A page is mostly full after the
 * first ones; the others are enough for several threads.
 */
const FIRST_BYTES = 8 << 20;
const MOST_BYTES = 256 << 20;

/** The most UTF-16 units of a text of an entry, of an excerpt, and of its text around a match. */
const MOST_TEXT = 200;
const MOST_EXCERPT = 400;
const AROUND = 80;

/** How many places of a match are shown. */
const MOST_PLACES = 3;

/** What is on no page. */
const HIDDEN = "";

/** @type {Tool} */
export const searchTool = {
  title: "Search entries",
  description:
    "Finds the entries of all sessions, or of some, that hold a text and meet the conditions; the newest first. Returns of each where it is, its skill, status and times, and excerpts of where the text is. read_entries reads it: pass its `session`, its `offset` as `from`, and limit 1.",
  arguments: {
    text: {
      type: "string",
      description:
        "A text that a string of the entry holds, or a key of its input: literally, as no pattern. Default: every entry that meets the conditions.",
    },
    ignore_case: {
      type: "boolean",
      default: false,
      description: "Whether letters of the text match in any case.",
    },
    sessions: {
      type: "array",
      items: { type: "string" },
      description: "Only these sessions, by their ids. Default: all.",
    },
    ...FILTERS,
    cursor: {
      type: "string",
      description:
        "`next` of the page before, with the same other arguments. Default: the first page.",
    },
    ...limitOf("entries", 20),
    ...SIZE,
  },
  required: [],
  async run(checked, { fresh, signal, shown }) {
    const { text, ignore_case: ignoreCase, cursor } = checked;
    /** @type {string[] | undefined} */
    const sessions = checked.sessions && [...new Set(checked.sessions)];
    if (text === "") throw new RefusedCall("text: expected a text that is not empty");
    const conditions = conditionsOf(checked);
    const logs = await fresh.logs();
    const { index } = logs;
    const contents = sessions?.map((id) => contentsOf(logs, id));
    // Rows of a log that cannot be read now would end the search of the others.
    const not = { session: [...logs.failures.keys()] };
    const selected = index.select({ ...conditions, session: sessions, not });
    const ordered = index.sort({ by: "timestamp", descending: true }, selected);
    const from = cursor === undefined ? 0 : positionOf(cursor, logs.id, ordered);
    const answer = new Answer("matches", { selected: ordered.length }, checked);
    /** The first match that is on no page yet. @type {number | undefined} */
    let next;
    for (const rows of batchesOf(index, ordered.subarray(from))) {
      const hits =
        text === undefined ? rows : await index.search(text, { rows, ignoreCase, signal });
      for (const row of hits) {
        const item = answer.isFull
          ? null
          : await matchText(index, row, { text, ignoreCase, shown });
        if (item === HIDDEN || (item !== null && answer.add(item))) continue;
        next = row;
        break;
      }
      if (next !== undefined) break;
    }
    const damaged = contents?.reduce((sum, each) => sum + each.damaged, 0) ?? index.damaged;
    return answer.text({
      next: next === undefined ? undefined : `${logs.id}-${next}`,
      damaged_lines: damaged || undefined,
      unreadable: sessions ? undefined : unreadable(logs.failures),
    });
  },
};

/**
 * Returns where a page starts.
 *
 * @param {string} cursor
 * @param {string} id of the index
 * @param {Uint32Array} ordered
 */
function positionOf(cursor, id, ordered) {
  const [, other, row] = /^([\da-f]{12})-(\d{1,10})$/.exec(cursor) ?? [];
  if (row === undefined)
    throw new RefusedCall(`cursor: expected \`next\` of an answer, got ${quoted(cursor)}`);
  const at = other === id ? ordered.indexOf(Number(row)) : -1;
  if (at < 0)
    throw new RefusedCall(
      "cursor: it belongs to other arguments, to an earlier run of the server, or its entry was removed; search again without it",
    );
  return at;
}

/**
 * Divides rows, in their order.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 */
function* batchesOf(index, rows) {
  const lengths = index.column("length", rows);
  let most = FIRST_BYTES;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (let bytes = 0; to < rows.length && bytes < most; to += 1) bytes += lengths[to];
    yield rows.subarray(from, to);
    most = MOST_BYTES;
  }
}

/**
 * Returns a match as an answer has it.
 *
 * @param {LogIndex} index
 * @param {number} row
 * @param {{ text: string | undefined, ignoreCase: boolean, shown: ShownTexts }} of
 * @returns {Promise<string>} `HIDDEN` where the text stands only in what is not shown
 */
async function matchText(index, row, { text, ignoreCase, shown }) {
  const { session, offset, length, recovered, ...all } = index.row(row);
  const options = { ignoreCase, most: MOST_PLACES, mostPerString: 1, around: AROUND };
  const match = await shown.matchOf(index, row, all, text, options);
  if (match === null) return HIDDEN;
  const { facts, found } = match;
  return jsonText({
    session,
    offset,
    ...Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [
        name,
        typeof value === "string" ? cutText(value, MOST_TEXT) : value,
      ]),
    ),
    bytes: length,
    recovered: recovered || undefined,
    places: found?.map(({ field, key, excerpt }) => ({
      field: cutText(field, MOST_TEXT),
      key,
      excerpt: cutText(excerpt.text, MOST_EXCERPT),
    })),
  });
}
