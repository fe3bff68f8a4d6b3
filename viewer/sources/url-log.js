// A log at a URL of the page's own origin: `?log=URL`.

import { SessionLog } from "skill-log";

import { started } from "../app/package.js";
import { workerUrl } from "../app/worker-url.js";
import { Refusal } from "./opened.js";

/** @import { IndexLogOptions, LogIndex, ProgressOptions, SessionSummary } from "skill-log" */
/** @import { Logs, Opened } from "./opened.js" */

/**
 * Opens the log that the page's URL names.
 *
 * @param {URL} page
 * @returns {Promise<Opened> | null} null where it names none
 */
export function openLinkedLog(page) {
  const word = new URLSearchParams(page.search).get("log");
  return word === null ? null : opened(word, page);
}

/**
 * @param {string} word
 * @param {URL} page
 * @returns {Promise<Opened>}
 */
async function opened(word, page) {
  const url = URL.canParse(word, page) ? new URL(word, page) : null;
  if (!url || url.origin !== page.origin)
    throw new Refusal(
      `This page cannot open ${word}.`,
      `“log” must be the URL of a log at ${page.origin}, where this page is.`,
    );
  await started();
  const log = await SessionLog.from(url, { workerUrl: workerUrl("skill-log-worker.js") });
  const name = decoded(url.pathname.slice(url.pathname.lastIndexOf("/") + 1));
  const only = name.replace(/\.jsonl$/, "");
  return { logs: new LoneLog(log, only), name, updates: "poll", only };
}

/** @param {string} name as a URL spells it */
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/**
 * One log, as the only one of many.
 *
 * @implements {Logs}
 */
class LoneLog {
  #log;
  #id;

  /**
   * @param {SessionLog} log
   * @param {string} id
   */
  constructor(log, id) {
    this.#log = log;
    this.#id = id;
  }

  /** @returns {SessionLog<any, any>} */
  open() {
    return this.#log;
  }

  /**
   * @param {ProgressOptions} [options]
   * @returns {AsyncGenerator<SessionSummary, void, void>}
   */
  async *list(options) {
    const [contents] = (await this.index(options)).logs();
    yield { ...contents, id: this.#id, modified: contents.modified ?? new Date() };
  }

  /** @type {Promise<LogIndex<any, any>> | undefined} */
  #index;

  /**
   * @param {IndexLogOptions} [options]
   * @returns {Promise<LogIndex<any, any>>}
   */
  index({ signal, onProgress, onStart } = {}) {
    // Listed and shown by one index, so that the log is read once.
    this.#index ??= this.#log.index({ signal, onProgress, onStart }).catch((error) => {
      this.#index = undefined;
      throw error;
    });
    return this.#index;
  }

  close() {
    return this.#log.close();
  }
}
