// The page that goes out: the program of the viewer with its policy, as the build made it, and the
// entries as text that no browser reads as anything else.

/**
 * @typedef {object} About what a shared page says about itself
 * @property {string} title
 * @property {string} link the fragment of its first view
 * @property {string[]} names of its logs, in their order
 */

/** Where the build left room for the entries. */
const ROOM = "<!-- entries -->";

/** Where a page has what it says about itself, and its logs. */
export const ABOUT_ID = "shared";
export const LOG_CLASS = "shared-log";

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
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Returns names of files that differ, from the ids of sessions.
 *
 * @param {readonly string[]} ids
 */
export function fileNames(ids) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const id of ids) {
    // As a session id may be, and as every system names files.
    const name = id.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "") || "log";
    let other = name;
    for (let number = 2; names.has(other); number += 1) other = `${name}-${number}`;
    names.add(other);
  }
  return [...names];
}
