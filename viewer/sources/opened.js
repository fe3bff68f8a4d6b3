// What every source of logs gives to the page.

import { Sessions } from "skill-log";

import { started } from "../app/package.js";
import { workerUrl } from "../app/worker-url.js";
import { fetchOnce } from "./shared-events.js";

/** @import { Directory, FileSource, SessionsOptions } from "skill-log" */

/**
 * The part of `Sessions` that the page uses. A single log on a server has it too.
 *
 * @typedef {Pick<Sessions, "list" | "open" | "index" | "close"> & Partial<Pick<Sessions, "follow">>} Logs
 */

/**
 * @typedef {object} Opened
 * @property {Logs} logs
 * @property {string} name for people, such as the folder's
 * @property {string} [id] by what the browser remembers it; default: the name
 * @property {"follow" | "poll" | "never"} updates how new entries are noticed; `never`: what was
 *   opened is a copy of what the files were
 * @property {{ what: string, more: string }} [note] what a person should know of it, where it is more
 *   than a copy of files
 * @property {string} [only] the id of the log, where it is certain that there is one
 */

/**
 * Opens logs as the page reads them.
 *
 * @param {Directory | readonly FileSource[] | URL} source
 * @param {SessionsOptions} [options]
 * @returns {Promise<Sessions>}
 */
export async function openedLogs(source, options) {
  await started();
  // A server has threads and a cache of its own.
  if (source instanceof URL) return Sessions.open(source, { fetch: fetchOnce });
  return Sessions.open(/** @type {Directory} */ (source), {
    recursive: true,
    workerUrl: workerUrl("skill-log-worker.js"),
    ...options,
  });
}

/** A message for a person who did something that cannot be done. */
export class Refusal extends Error {
  /**
   * @param {string} what
   * @param {string} advice
   */
  constructor(what, advice) {
    super(what);
    this.advice = advice;
  }
}

/** @param {number} count */
export function filesText(count) {
  return count === 1 ? "1 file" : `${count.toLocaleString("en")} files`;
}
