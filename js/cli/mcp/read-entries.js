// The tool `read_entries`.

import { SkillLogError } from "../../index.js";
import { jsonText } from "../json-text.js";
import { Answer, damagedPlaces, reasonText } from "./answer.js";
import { cutLine, textPart } from "./cut-text.js";
import { MOST_DECODED } from "./shown-texts.js";
import { conditionsOf, FILTERS, limitOf, quoted, RefusedCall, SIZE } from "./tool.js";

/** @import { LogIndex } from "../../index.js" */
/** @import { Logs } from "./fresh-index.js" */
/** @import { ShownTexts } from "./shown-texts.js" */
/** @import { Tool } from "./tool.js" */

/** The bytes that a page has at least for the entry that is too large for it. */
const LEAST_PART = 512;

/** @type {Tool} */
export const readTool = {
  title: "Read entries",
  description:
    "Reads entries of one session, in the order of its file or the last one first. Each comes with `offset`, its place in the file. Long strings are cut, and say how much is missing. `json_from` reads the JSON line of one entry in parts, without a cut. What is damaged is counted and named; entries on damaged lines that are whole are `recovered`.",
  arguments: {
    session: { type: "string", description: "The id, as list_sessions returns it." },
    order: {
      type: "string",
      enum: ["oldest_first", "newest_first"],
      default: "oldest_first",
      description: "The order of the file, or the last entry first.",
    },
    from: {
      type: "integer",
      minimum: 0,
      description:
        "Where to start: `next` of the page before, or `offset` of an entry. Entries at this offset and after it, or with newest_first those before it. Default: the first or last entry.",
    },
    ...FILTERS,
    ...limitOf("entries", 50),
    max_string_length: {
      type: "integer",
      minimum: 100,
      maximum: 1_000_000,
      default: 2000,
      description: "The most characters of a string. The rest is cut.",
    },
    json_from: {
      type: "integer",
      minimum: 0,
      description:
        "Reads only the entry at `from`, as the text of its JSON line from this byte on: 0 for its start, then `next_json_from`.",
    },
    ...SIZE,
  },
  required: ["session"],
  async run(checked, { fresh, shown }) {
    const { session, order, from, json_from } = checked;
    const conditions = conditionsOf(checked);
    const logs = await fresh.logs();
    const { index } = logs;
    const contents = contentsOf(logs, session);
    if (json_from !== undefined) {
      const { max_bytes: most } = checked;
      return jsonOf(index, { session, offset: from, from: json_from, most, shown });
    }
    const isBack = order === "newest_first";
    const all = index.sort({ by: "offset" }, index.select({ ...conditions, session }));
    const offsets = index.column("offset", all);
    const bound =
      from === undefined ? (isBack ? all.length : 0) : offsets.findIndex((at) => at >= from);
    const edge = bound < 0 ? all.length : bound;
    const rows = isBack ? all.subarray(0, edge).reverse() : all.subarray(edge);
    const answer = new Answer("entries", { session, selected: all.length }, checked);
    for (const row of rows) {
      const item = answer.isFull
        ? null
        : await entryText(index, row, checked.max_string_length, answer, shown);
      if (item === null || !answer.add(item)) break;
    }
    const left = rows.length - answer.length;
    const next = left === 0 ? undefined : index.row(rows[answer.length - (isBack ? 1 : 0)]).offset;
    // Of the part of the file that this page is about.
    const [start, end] = isBack ? [next ?? 0, from ?? Infinity] : [from ?? 0, next ?? Infinity];
    const damage =
      contents.damaged === 0
        ? []
        : index.damage.filter(
            (each) => each.session === session && start <= each.offset && each.offset < end,
          );
    return answer.text({
      left,
      next,
      damaged_lines_in_session: contents.damaged || undefined,
      damage_here: damagedPlaces(damage),
      unfinished_bytes: contents.pending?.length,
    });
  },
};

/**
 * Returns what a log holds.
 *
 * @param {Logs} logs
 * @param {string} session
 * @throws {RefusedCall}
 */
export function contentsOf(logs, session) {
  const contents = logs.contentsOf(session);
  if (contents) return contents;
  if (logs.failures.has(session))
    throw new RefusedCall(
      `session ${quoted(session)} cannot be read: ${reasonText(logs.failures.get(session))}`,
    );
  throw new RefusedCall(
    `session: there is no ${quoted(session)}; expected an id as list_sessions returns it, not a path or a file name`,
  );
}

/**
 * Returns an entry as an answer has it: whole, or with its long strings cut; or only the start of its
 * line where it is too large for a page.
 *
 * @param {LogIndex} index
 * @param {number} row
 * @param {number} longest UTF-16 units of a string
 * @param {Answer} answer
 * @param {ShownTexts} shown
 * @returns {Promise<string | null>} null where it goes on a page of its own
 */
async function entryText(index, row, longest, answer, shown) {
  const { offset, recovered, foreign } = index.row(row);
  const head = { offset, recovered: recovered || undefined, foreign };
  /** @type {Uint8Array} */
  let bytes;
  try {
    bytes = await shown.lineOf(index, row);
  } catch (error) {
    const isKnown = error instanceof RefusedCall || error instanceof SkillLogError;
    if (!isKnown || ("code" in error && error.code === "REPLACED")) throw error;
    // The entries after it are returned.
    return jsonText({ ...head, unreadable: reasonText(error) });
  }
  if (bytes.length <= MOST_DECODED) {
    const line = Buffer.from(bytes).toString();
    const cut = cutLine(line, longest);
    const json_bytes = cut === line ? undefined : bytes.length;
    const item = withMember({ ...head, json_bytes }, "entry", cut);
    if (Buffer.byteLength(item) < answer.room) return item;
  }
  if (answer.length > 0) return null;
  const about = { ...head, json_bytes: bytes.length, too_large: "read it with json_from" };
  const room = answer.room - Buffer.byteLength(jsonText(about)) - LEAST_PART;
  return withMember(about, "json_start", textPart(bytes, 0, room).json);
}

/**
 * Returns a part of the line of one entry.
 *
 * @param {LogIndex} index
 * @param {object} of
 * @param {string} of.session
 * @param {number | undefined} of.offset
 * @param {number} of.from byte of the line
 * @param {number} of.most bytes of the answer
 * @param {ShownTexts} of.shown
 */
async function jsonOf(index, { session, offset, from, most, shown }) {
  const rows = index.select({ session });
  const at = index.column("offset", rows).indexOf(Number(offset));
  if (at < 0)
    throw new RefusedCall(
      `from: expected the offset of an entry of ${quoted(session)}, because json_from is given; got ${quoted(offset ?? null)}`,
    );
  const bytes = await shown.lineOf(index, rows[at]);
  if (from > bytes.length)
    throw new RefusedCall(`json_from: the line has only ${bytes.length} bytes, got ${from}`);
  const head = { session, offset, json_bytes: bytes.length, json_from: from };
  const { json, next } = textPart(
    bytes,
    from,
    most - Buffer.byteLength(jsonText(head)) - LEAST_PART,
  );
  const isMore = next < bytes.length;
  return withMember({ ...head, next_json_from: isMore ? next : undefined }, "json", json);
}

/**
 * Returns an object with a last member that is JSON already.
 *
 * @param {Record<string, unknown>} members
 * @param {string} name
 * @param {string} json
 */
function withMember(members, name, json) {
  return `${jsonText(members).slice(0, -1)},${JSON.stringify(name)}:${json}}`;
}
