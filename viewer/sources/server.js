// The server of `skill-log view`, which serves this page and its logs.

import { openedLogs, Refusal } from "./opened.js";

/** @import { Opened } from "./opened.js" */

/** In the browser's storage: whether this origin was such a server. */
const KEY = "skill-log viewer server";

/**
 * Opens the logs of the server that served the page, if it is one. Removes the token from the
 * page's address, so that no one copies it with a link.
 *
 * @param {URL} page
 * @returns {Promise<Opened> | null} null where the page is from another server
 */
export function openServedLogs(page) {
  const words = new URLSearchParams(page.hash.slice(1));
  const token = words.get("token");
  if (token === null) return wasServer() ? opened(page) : null;
  words.delete("token");
  // The program comes meanwhile. Whoever awaits it learns of a failure.
  const opening = openedLogs(new URL("/", page));
  opening.catch(() => {});
  const rest = words.toString();
  history.replaceState(history.state, "", `${page.pathname}${page.search}${rest && `#${rest}`}`);
  return exchanged(token, page).then(() => opened(page, opening));
}

/**
 * Sends the token, for which the server sets a cookie that no program of the page can read.
 *
 * @param {string} token
 * @param {URL} page
 */
async function exchanged(token, page) {
  const answer = await fetch(new URL("/session", page), { method: "POST", body: token });
  if (!answer.ok)
    throw new Refusal(
      "The server does not know this address.",
      "Open the address that skill-log view printed last: it is another one each time.",
    );
  try {
    localStorage.setItem(KEY, "yes");
  } catch {
    // Then a reload shows the first page.
  }
}

/**
 * @param {URL} page
 * @param {ReturnType<typeof openedLogs>} [opening]
 */
async function opened(page, opening = openedLogs(new URL("/", page))) {
  const [logs, source] = await Promise.all([opening, sourceAt(page)]);
  return /** @type {Opened} */ ({ logs, ...source, updates: "follow" });
}

/**
 * Returns the name of what a server has, and by what it is remembered: another directory may have
 * had the port before.
 *
 * @param {URL} page
 * @returns {Promise<{ name: string, id?: string }>}
 */
async function sourceAt(page) {
  try {
    const answer = await fetch(new URL("/api/v1/source", page));
    const { id, name } = await answer.json();
    if (typeof id === "string" && typeof name === "string") return { id, name };
  } catch {
    // Reading the list says why a server does not answer. Another server may not tell it.
  }
  return { name: page.host };
}

function wasServer() {
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}
