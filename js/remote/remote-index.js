// The logs of an index whose rows come from a server.

import { SkillLogError } from "../errors.js";
import { columnOf } from "../indexing/columns.js";
import { isPattern } from "../indexing/pattern.js";
import { DEFAULT_MAX_LINE_BYTES } from "../options.js";
import { callCore } from "../wasm/core.js";
import { dateIn, isCount, isName } from "./answers.js";
import { FRAME_LOGS, LONGEST_SEARCH, MOST_DAMAGE, PATHS } from "./protocol.js";
import { RemoteSource } from "./remote-source.js";
import { extentOf, ROW_BYTES, sectionsOf, withSections } from "./row-sections.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { IndexedLogs, SearchedRows } from "../indexing/indexed-logs.js" */
/** @import { LogFacts } from "../indexing/log-facts.js" */
/** @import { ProgressOptions } from "../types.js" */
/** @import { Answers } from "./answers.js" */
/** @import { Server } from "./server.js" */

/** Rows that are searched here, because their bytes come as fast as an answer of the server. */
const FEW_ROWS = 16;

/** The most logs that a search names. */
const MOST_SEARCHED_LOGS = 1000;

/** The largest number of a log. */
const MOST_LOGS = 10_000_000;

const NO_ROWS = new Uint32Array(0);

/** @implements {IndexedLogs} */
export class RemoteIndex {
  #server;
  /** @type {Answers} */
  #answers;
  #ids;
  #onFailure;
  /** @type {string | null} how far the index was read */
  #cursor = null;
  /** The logs of the server by their numbers there: their numbers here. @type {Map<number, number>} */
  #numbers = new Map();
  /** For each log its number at the server. @type {number[]} */
  #origins = [];
  /** @type {string[]} */
  #names = [];
  /** @type {Date[]} */
  #modified = [];

  /**
   * @param {Server} server
   * @param {Answers} answers
   * @param {ReadonlySet<string> | undefined} ids
   * @param {((error: unknown, id: string) => void) | undefined} onFailure
   */
  constructor(server, answers, ids, onFailure) {
    this.#server = server;
    this.#answers = answers;
    this.#ids = ids;
    this.#onFailure = onFailure;
  }

  /** @type {IndexedLogs["open"]} */
  async open(log, bytes, signal) {
    return new RemoteSource(this.#server, this.#names[log], { size: bytes, signal });
  }

  /** @param {number} log */
  modified(log) {
    return this.#modified[log];
  }

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ProgressOptions} options
   */
  async refresh(core, facts, { signal, onProgress }) {
    const ids = this.#ids;
    if (ids?.size === 0) return;
    const query = {
      ...(this.#cursor !== null && { after: this.#cursor }),
      ...this.#server.naming(PATHS.rows, ids),
    };
    let isStarted = false;
    /** @type {any} */
    let end;
    /** The logs whose rows come next. @type {Map<number, number>} */
    let page = new Map();
    for await (const frame of this.#server.frames(PATHS.rows, { query, signal })) {
      this.#answers.check(!end, "frames after the last one");
      if ("rows" in frame) {
        this.#putRows(core, facts, page, frame.rows);
        continue;
      }
      const { json } = frame;
      if ("progress" in json) {
        const { bytes, total } = Object(json.progress);
        this.#answers.check(isCount(bytes) && isCount(total), "progress");
        onProgress?.({ bytes, total });
      } else if ("restart" in json) {
        isStarted = true;
        if (json.restart === true) this.#restart(core, facts);
      } else if ("logs" in json) {
        const logs = Array.isArray(json.logs) && json.logs.length <= FRAME_LOGS ? json.logs : null;
        this.#answers.check(isStarted && logs, "a page of logs");
        page = new Map();
        for (const sent of logs) this.#putFacts(core, facts, page, sent);
      } else if ("cursor" in json) end = json;
      else throw this.#server.invalid("an unknown frame");
    }
    this.#answers.check(end && isName(end.cursor) && Array.isArray(end.failures), "no last frame");
    this.#cursor = end.cursor;
    const { bytes } = facts;
    onProgress?.({ bytes, total: bytes });
    for (const failure of end.failures) {
      this.#answers.check(isName(failure?.id), "a failure");
      if (ids && !ids.has(failure.id)) continue;
      const error = this.#server.errorOf(failure);
      if (!this.#onFailure) throw error;
      this.#onFailure(error, failure.id);
    }
  }

  /**
   * Removes all rows, because the server was started anew.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   */
  #restart(core, facts) {
    this.#cursor = null;
    this.#numbers.clear();
    this.#origins.fill(-1);
    const logs = Uint32Array.from(this.#names.keys());
    for (const log of logs) facts.clear(log);
    if (logs.length > 0) callCore(() => core.clear_logs(logs));
  }

  /**
   * Takes what a server says of a log.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {Map<number, number>} page
   * @param {any} sent
   */
  #putFacts(core, facts, page, sent) {
    /** @type {Answers} */
    const answers = this.#answers;
    const { log: origin, id, bytes, cleared, damaged = 0 } = Object(sent);
    const modified = dateIn(sent?.modified);
    answers.check(
      isCount(origin) && origin < MOST_LOGS && !page.has(origin),
      "the number of a log",
    );
    answers.check(isName(id) && modified && isCount(bytes) && isCount(damaged), "facts of a log");
    if (this.#ids && !this.#ids.has(id)) {
      page.set(origin, -1);
      return;
    }
    let log = this.#numbers.get(origin);
    if (log === undefined) {
      log = core.add_log();
      facts.add(id);
      this.#numbers.set(origin, log);
      this.#names[log] = id;
      this.#origins[log] = origin;
    }
    answers.check(this.#names[log] === id, "a log with another name");
    const damage = answers.damages(sent.damage, undefined);
    answers.check(damage.length <= MOST_DAMAGE, "too much damage of a log");
    const pending = answers.pending(sent.pending);
    page.set(origin, log);
    this.#modified[log] = modified;
    facts.clear(log);
    if (cleared === true) {
      const own = log;
      callCore(() => core.clear_logs(Uint32Array.of(own)));
    }
    facts.restore(log, bytes, { damaged, damage }, pending, Infinity);
  }

  /**
   * Takes rows.
   *
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ReadonlyMap<number, number>} page
   * @param {Uint8Array} bytes
   */
  #putRows(core, facts, page, bytes) {
    /** @type {Answers} */
    const answers = this.#answers;
    const batch = sectionsOf(bytes);
    answers.check(batch, "a batch of rows");
    const sections = [];
    let at = batch.rowsAt;
    for (const { log: origin, provisional, rows } of batch.sections) {
      const log = page.get(origin);
      answers.check(log !== undefined, "rows of a log that was not named");
      if (log >= 0) {
        const { longest, end } = extentOf(bytes, at, rows);
        const fit = end <= facts.bytesOf(log) && longest <= DEFAULT_MAX_LINE_BYTES;
        answers.check(fit, "a row that is longer than its log");
        sections.push({ log, provisional, rows, at });
      }
      at += rows * ROW_BYTES;
    }
    const own = withSections(bytes, batch, sections);
    try {
      callCore(() => core.put_rows(own, true, 0, sections.length));
      // They came after the facts of their logs.
      facts.changes += 1;
    } catch (error) {
      if (error instanceof SkillLogError && error.code === "INTERNAL")
        throw this.#server.invalid("a batch of rows");
      throw error;
    }
  }

  /** @type {NonNullable<IndexedLogs["search"]>} */
  async *search(core, rows, text, ignoreCase, signal) {
    /** @type {Uint32Array} */
    const list = core.rows_by_log(rows);
    let isStarted = false;
    try {
      for await (const step of this.#searchThere(core, list, text, ignoreCase, signal)) {
        isStarted = true;
        yield step;
      }
    } catch (error) {
      // A server keeps its index of all logs, and only the newest of those of a few.
      const isForgotten = error instanceof SkillLogError && error.code === "REPLACED";
      if (!isForgotten || isStarted || !this.#ids) throw error;
      yield { count: 0, hits: NO_ROWS, left: list };
    }
  }

  /**
   * Has the server search.
   *
   * @param {LogIndex} core
   * @param {Uint32Array} list rows, log by log
   * @param {string | RegExp} text
   * @param {boolean} ignoreCase
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<SearchedRows, void, void>}
   */
  async *#searchThere(core, list, text, ignoreCase, signal) {
    const isRegExp = isPattern(text);
    const wanted = isRegExp ? text.source : text;
    if (list.length <= FEW_ROWS || wanted.length > LONGEST_SEARCH || this.#cursor === null) {
      yield { count: 0, hits: NO_ROWS, left: list };
      return;
    }
    const found = new FoundRows(core, list);
    const origins = [...found.logs].map((log) => this.#origins[log]);
    const isPart = origins.length < this.#numbers.size && origins.length <= MOST_SEARCHED_LOGS;
    const asked = {
      text: wanted,
      after: this.#cursor,
      ...(ignoreCase && { case: "ignore" }),
      ...(isRegExp && { flags: flagsOf(text, ignoreCase) }),
    };
    const named = { ...asked, ...(isPart && { logs: origins.join(",") }) };
    // Of all logs, the hits in others are left out.
    const query = this.#server.takes(PATHS.search, named) ? named : asked;
    let isEnded = false;
    let count = 0;
    for await (const frame of this.#server.frames(PATHS.search, { query, signal })) {
      /** @type {Answers} */
      const answers = this.#answers;
      answers.check("json" in frame && !isEnded, "a frame of a search");
      const { done = 0, total = 0, hits = [], left = [], end } = frame.json;
      answers.check(Array.isArray(hits) && Array.isArray(left), "hits");
      answers.check(isCount(done) && isCount(total) && done <= total, "the progress of a search");
      isEnded = end === true;
      /** @type {number[]} */
      const rowsOfHits = [];
      for (const hit of hits) {
        const [origin, offsets] = Array.isArray(hit) ? hit : [];
        answers.check(Array.isArray(offsets), "hits");
        // Not the arguments of one call, which are too many where a log has many hits.
        for (const row of found.rowsAt(this.#numbers.get(origin), offsets)) rowsOfHits.push(row);
      }
      const others = left.flatMap((/** @type {any} */ origin) => [
        ...found.drop(this.#numbers.get(origin)),
      ]);
      const now = isEnded ? found.size : Math.floor((found.size * done) / Math.max(1, total));
      const more = Math.max(0, now - count);
      count += more;
      yield {
        count: more,
        hits: Uint32Array.from(rowsOfHits),
        left: Uint32Array.from(others),
      };
    }
    this.#answers.check(isEnded, "a search without an end");
  }
}

/**
 * Returns the flags that a server gets.
 *
 * @param {RegExp} pattern
 * @param {boolean} ignoreCase
 */
function flagsOf({ flags }, ignoreCase) {
  const own = flags.replace(/[dgy]/g, "");
  return ignoreCase && !own.includes("i") ? `${own}i` : own;
}

/** Rows that are searched: finds them by their logs and their offsets. */
class FoundRows {
  #list;
  #offsets;
  /** For each log where its rows start and end in the list. @type {Map<number, [number, number]>} */
  #places = new Map();

  /**
   * @param {LogIndex} core
   * @param {Uint32Array} list rows, log by log
   */
  constructor(core, list) {
    const of = { core, sessions: [], textOf: () => "", rows: list };
    this.#offsets = /** @type {Float64Array} */ (columnOf(of, "offset"));
    const ends = core.row_ends(list);
    this.#list = list;
    this.size = list.length;
    for (let from = 0, to = 0; from < list.length; from = to) {
      const log = ends[2 * from];
      while (to < list.length && ends[2 * to] === log) to += 1;
      this.#places.set(log, [from, to]);
    }
  }

  get logs() {
    return this.#places.keys();
  }

  /**
   * Yields the rows of a log at some offsets. Other offsets are left out.
   *
   * @param {number | undefined} log
   * @param {any[]} offsets
   */
  *rowsAt(log, offsets) {
    const place = log === undefined ? undefined : this.#places.get(log);
    if (!place) return;
    for (const offset of offsets) {
      let [from, to] = place;
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (this.#offsets[middle] < offset) from = middle + 1;
        else to = middle;
      }
      if (from < place[1] && this.#offsets[from] === offset) yield this.#list[from];
    }
  }

  /**
   * Leaves out the rows of a log, and returns them.
   *
   * @param {number | undefined} log
   */
  drop(log) {
    const place = log === undefined ? undefined : this.#places.get(log);
    if (!place || log === undefined) return NO_ROWS;
    this.#places.delete(log);
    this.size -= place[1] - place[0];
    return this.#list.subarray(...place);
  }
}
