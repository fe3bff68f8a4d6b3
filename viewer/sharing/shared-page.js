// The page that goes out: the program of the viewer with its policy, as the build made it, and the
// entries as text that no browser reads as anything else.

import { counted, countText } from "../app/figures.js";
import { momentOf } from "../time/times.js";

/**
 * @typedef {object} About what a shared page says about itself
 * @property {string} title
 * @property {string} link the fragment of its first view
 * @property {string[]} names of its logs, in their order
 * @property {string} shared when, in RFC 3339
 * @property {number} entries how many it holds
 * @property {Record<string, number>} masked how many secrets of each family were masked
 * @property {string[]} leftOut the fields that were left out
 */

/** Where the build left room for the entries. */
const ROOM = "<!-- entries -->";

/** Where a page has what it says about itself, and its logs. */
export const ABOUT_ID = "shared";
export const LOG_CLASS = "shared-log";

const encoder = new TextEncoder();

/**
 * Returns a page with logs.
 *
 * @param {string} template
 * @param {About} about
 * @param {readonly (readonly Blob[])[]} logs in base64
 * @returns {Blob}
 */
export function sharedPage(template, about, logs) {
  const titled = template.replace(
    /<title>[^<]*<\/title>/,
    () => `<title>${escaped(about.title)} · skill-log</title>`,
  );
  const [head, tail] = titled.split(ROOM);
  return new Blob(
    [
      head,
      // A type that no browser runs.
      `<script type="text/plain" id="${ABOUT_ID}">${base64Text(JSON.stringify(about))}</script>\n`,
      ...logs.flatMap((parts) => [
        `<script type="text/plain" class="${LOG_CLASS}">`,
        ...parts,
        "</script>\n",
      ]),
      tail,
    ],
    { type: "text/html" },
  );
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {string} text */
function base64Text(text) {
  return btoa(String.fromCharCode(...encoder.encode(text)));
}

/**
 * Returns what a person should know of a shared page.
 *
 * @param {About} about
 * @param {"local" | "utc"} [zone]
 * @returns {{ what: string, more: string }}
 */
export function noteOf({ names, shared, entries, masked, leftOut }, zone = "local") {
  const { date, time, offset } = momentOf(shared, zone);
  const families = Object.entries(masked).map(([name, count]) => `${name} (${countText(count)})`);
  const count = Object.values(masked).reduce((sum, each) => sum + each, 0);
  const of = names.length > 1 ? ` of ${countText(names.length)} sessions` : "";
  return {
    what: `This page was shared on ${date} at ${time.slice(0, 5)} (${offset}).`,
    more: [
      `It holds ${counted(entries, "entry", "entries")}${of} and gets no new ones.`,
      count === 0
        ? "No secrets were masked."
        : `${counted(count, "secret was", "secrets were")} masked: ${families.join(", ")}.`,
      ...(leftOut.length > 0 ? [`Fields that were left out: ${leftOut.join(", ")}.`] : []),
    ].join(" "),
  };
}

/**
 * Returns names of files that differ, from the ids of sessions. Each is a session's id, too.
 *
 * @param {readonly string[]} ids
 */
export function fileNames(ids) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const id of ids) {
    const name = fileName(id);
    let other = name;
    for (let number = 2; names.has(other); number += 1) other = `${name}-${number}`;
    names.add(other);
  }
  return [...names];
}

/** How many bytes a name has: a session's id has 200 at most, and a number may follow. */
const MOST_BYTES = 190;

/** Names that Windows reserves for devices, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Returns a name that every system takes, and that may be a session's id. Of a long path, the end.
 *
 * @param {string} id
 */
function fileName(id) {
  const plain = id.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/\.{2,}/g, ".");
  let bytes = 0;
  let name = "";
  for (const character of Array.from(plain.slice(-MOST_BYTES)).reverse()) {
    bytes += encoder.encode(character).length;
    if (bytes > MOST_BYTES) break;
    name = character + name;
  }
  name = name.replace(/^[^\p{L}\p{N}_]+|[.-]+$/gu, "") || "log";
  return RESERVED.test(name) ? `log-${name}` : name;
}
