// Instead of sources/server.js: the logs that a shared page holds.

import { openedLogs } from "../../sources/opened.js";
import { ABOUT_ID, LOG_CLASS, noteOf } from "../shared-page.js";

/** @import { Opened } from "../../sources/opened.js" */
/** @import { About } from "../shared-page.js" */

/**
 * Opens the logs of the page.
 *
 * @param {URL} page
 * @returns {Promise<Opened> | null} null where it holds none: then it opens files
 */
export function openServedLogs(page) {
  const saysAbout = document.getElementById(ABOUT_ID);
  const logs = [...document.getElementsByClassName(LOG_CLASS)];
  if (!saysAbout || logs.length === 0) return null;
  /** @type {About} */
  const about = JSON.parse(new TextDecoder().decode(bytesOf(saysAbout)));
  const { title, link, names } = about;
  if (page.hash === "" && link !== "") history.replaceState(history.state, "", link);
  const files = logs.map((log, at) => new File([bytesOf(log)], `${names[at]}.jsonl`));
  return openedLogs(files).then((opened) => ({
    logs: opened,
    name: title,
    updates: "never",
    note: noteOf(about),
  }));
}

/** @param {Element} element */
function bytesOf(element) {
  const binary = atob(element.textContent ?? "");
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
