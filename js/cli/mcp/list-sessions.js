// The tool `list_sessions`.

import { createHash } from "node:crypto";

import { jsonText } from "../json-text.js";
import { Answer, reasonText, unreadable } from "./answer.js";
import { cutText } from "./cut-text.js";
import { limitOf, quoted, RefusedCall, SIZE } from "./tool.js";

/** @import { SessionInfo } from "../../types.js" */
/** @import { Logs } from "./fresh-index.js" */
/** @import { ShownTexts } from "./shown-texts.js" */
/** @import { Tool } from "./tool.js" */

/** The most UTF-16 units of a skill or status. */
const MOST_TEXT = 200;

/** Where a page starts: after the log that was changed then and whose id has this digest. */
const CURSOR = /^(\d{1,16})-([\w-]{16})$/;

/** A log by its place in the list. @typedef {{ modified: number, digest: string }} Place */

/** @type {Tool} */
export const listTool = {
  title: "List sessions",
  description:
    "Lists the sessions, the one that was written to last first: how many entries each has, its first and last time, its last skill and status, and how many of its lines are damaged. A session that is written to while you page through the list moves to the front.",
  arguments: {
    cursor: {
      type: "string",
      description: "`next` of the page before. Default: the first page.",
    },
    ...limitOf("sessions", 50),
    ...SIZE,
  },
  required: [],
  async run({ cursor, limit, max_bytes }, { fresh, shown }) {
    const after = cursor === undefined ? null : placeOf(cursor);
    const logs = await fresh.logs();
    const found = logs.listed
      .map((log) => ({
        log,
        modified: Math.max(0, Number(log.modified)),
        digest: digestOf(log.id),
      }))
      .sort(compared);
    const wanted = after ? found.filter((each) => compared(after, each) < 0) : found;
    const answer = new Answer("sessions", { total: found.length }, { max_bytes, limit });
    for (const { log } of wanted)
      if (answer.isFull || !answer.add(jsonText(await described(log, logs, shown)))) break;
    const last = wanted[answer.length - 1];
    return answer.text({
      next: answer.length < wanted.length ? `${last.modified}-${last.digest}` : undefined,
      // Subdirectories that cannot be listed: their ids end in a slash.
      unreadable_directories: unreadable([...logs.failures].filter(([id]) => id.endsWith("/"))),
    });
  },
};

/** Returns what orders logs that were changed at once, and is short. @param {string} id */
function digestOf(id) {
  return createHash("sha256").update(id).digest("base64url").slice(0, 16);
}

/**
 * Compares places, for sorting: what was changed last comes first.
 *
 * @param {Place} one
 * @param {Place} other
 */
function compared(one, other) {
  if (one.modified !== other.modified) return other.modified - one.modified;
  return one.digest < other.digest ? -1 : Number(one.digest > other.digest);
}

/**
 * @param {string} cursor
 * @returns {Place}
 */
function placeOf(cursor) {
  const [, modified, digest] = CURSOR.exec(cursor) ?? [];
  if (digest === undefined)
    throw new RefusedCall(`cursor: expected \`next\` of an answer, got ${quoted(cursor)}`);
  return { modified: Number(modified), digest };
}

/**
 * @param {SessionInfo} log
 * @param {Logs} logs
 * @param {ShownTexts} shown
 */
async function described({ id, bytes, modified, link, unsafe }, logs, shown) {
  const about = { session: id, bytes, modified };
  const contents = logs.contentsOf(id);
  if (!contents) {
    const otherwise =
      link === undefined ? (unsafe ?? "the log was removed") : "a link, which is not followed";
    return { ...about, unreadable: reasonText(logs.failures.get(id) ?? otherwise) };
  }
  const { entries, first, last, damaged, foreign, pending } = contents;
  const texts = await shown.factsOf({ skill: contents.skill, status: contents.final_status });
  const cut = (/** @type {unknown} */ text) => text && cutText(String(text), MOST_TEXT);
  return {
    ...about,
    entries,
    first,
    last,
    last_skill: cut(texts.skill),
    last_status: cut(texts.status),
    damaged_lines: damaged || undefined,
    foreign_entries: foreign || undefined,
    unfinished_bytes: pending?.length,
  };
}
