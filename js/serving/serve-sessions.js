// Answers requests for many logs. docs/protocol.md describes the protocol.

import { invalidArgument } from "../errors.js";
import { checkOptions } from "../options.js";
import {
  ERROR_HEADER,
  EVENTS_TYPE,
  FRAMES_TYPE,
  jsonFrame,
  jsonLine,
  LINES_TYPE,
  LONGEST_SEARCH,
  MOST_IDS,
  PATHS,
} from "../remote/protocol.js";
import { partsOf } from "../sessions/parts.js";
import { ServedEvents } from "./served-events.js";
import { ServedIndexes } from "./served-indexes.js";
import { ServedLogs } from "./served-logs.js";
import { sentDamage } from "./sent-damage.js";
import { refusal, sentError, statusOf } from "./sent-errors.js";

/** @import { Sessions } from "../sessions/sessions.js" */
/** @import { ServedSessions, ServeOptions, SessionSummary } from "../types.js" */

/** The most requests that are answered at once, and the most of them that are streams of events. */
const MOST_REQUESTS = 256;
const MOST_STREAMS = 64;

/** About how many bytes of lines are sent at once. */
const LINES_BYTES = 1 << 16;

/** How long lines wait for more lines, in milliseconds. */
const LINES_TIME = 2;

/** The flags of a regular expression that matter. */
const FLAGS = /^[imsuv]*$/;

/**
 * Makes what answers requests for sessions: the documented, read-only protocol that
 * `Sessions.open(url)` reads.
 *
 * It checks what is asked for, and not who asks: a server lets nobody in who may not read the logs.
 * `skill-log view` shows how.
 *
 * @example
 * const served = serveSessions(await Sessions.open("logs"));
 * Deno.serve((request) => served.answer(request));
 *
 * @param {Sessions} sessions of a directory or of files; the caller closes them
 * @param {ServeOptions} [options]
 * @returns {ServedSessions}
 * @throws {SkillLogError} `INVALID_ARGUMENT` also where the sessions are those of a server
 */
export function serveSessions(sessions, options) {
  const { base = "/" } = checkOptions(options, ["base"]);
  if (typeof base !== "string" || !/^\/(?:.*\/)?$/.test(base))
    throw invalidArgument("options.base", base, "a path that starts and ends with /");
  const handler = new Handler(sessions, base);
  return {
    answer: (request) => handler.answer(request),
    close: () => handler.close(),
  };
}

class Handler {
  #sessions;
  #base;
  #indexes;
  #logs;
  #events;
  #ending = new AbortController();
  #running = 0;
  #streams = 0;

  /**
   * @param {Sessions} sessions
   * @param {string} base
   */
  constructor(sessions, base) {
    const { logs, many } = partsOf(sessions);
    this.#sessions = sessions;
    this.#base = base;
    const indexes = new ServedIndexes((ids, onFailure) =>
      many({ ...(ids && { ids }), newestFirst: false, onFailure }),
    );
    this.#indexes = indexes;
    this.#logs = new ServedLogs(logs, (id) => indexes.refOf(id));
    this.#events = new ServedEvents(logs);
  }

  /**
   * @param {Request} request
   * @returns {Promise<Response>}
   */
  async answer(request) {
    try {
      if (request.method !== "GET" && request.method !== "HEAD")
        return refused(405, "INVALID_ARGUMENT", "only GET and HEAD are answered", {
          allow: "GET, HEAD",
        });
      const { pathname, searchParams } = new URL(request.url);
      const path = pathname.startsWith(this.#base) ? pathname.slice(this.#base.length) : "";
      const isLog = path === PATHS.log;
      if (request.method === "HEAD" && !isLog)
        return refused(405, "INVALID_ARGUMENT", "HEAD is answered for a log", { allow: "GET" });
      if (this.#ending.signal.aborted) throw refusal("CLOSED", "the server is closing");
      if (isLog) return await this.#logs.answer(request, searchParams);
      return await this.#stream(path, searchParams, request.signal);
    } catch (error) {
      const { code, message } = sentError(error);
      return refused(statusOf(code), code, message);
    }
  }

  /**
   * Answers with a stream.
   *
   * @param {string} path
   * @param {URLSearchParams} query
   * @param {AbortSignal} asked is aborted when the client is gone
   */
  async #stream(path, query, asked) {
    const ending = new AbortController();
    const end = () => ending.abort();
    const isEvents = path === PATHS.events;
    if (this.#running >= MOST_REQUESTS || (isEvents && this.#streams >= MOST_STREAMS))
      return refused(503, "IO_ERROR", "too many requests at once", { "retry-after": "1" });
    const [type, chunks, failure] = this.#chunksOf(path, query, ending.signal);
    if (asked.aborted) end();
    asked.addEventListener("abort", end);
    this.#ending.signal.addEventListener("abort", end);
    this.#running += 1;
    if (isEvents) this.#streams += 1;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      asked.removeEventListener("abort", end);
      this.#ending.signal.removeEventListener("abort", end);
      this.#running -= 1;
      if (isEvents) this.#streams -= 1;
    };
    const body = streamOf(guarded(chunks, failure, release), () => {
      end();
      // What was never started does not end either.
      release();
    });
    return new Response(body, { headers: { "content-type": type } });
  }

  /**
   * @param {string} path
   * @param {URLSearchParams} query
   * @param {AbortSignal} signal
   * @returns {[type: string, chunks: AsyncGenerator<Uint8Array, void, void>, failure: ((error:
   *   object) => Uint8Array) | null]} `failure` makes the last chunk of an answer that fails
   */
  #chunksOf(path, query, signal) {
    switch (path) {
      case PATHS.sessions:
        return [LINES_TYPE, joined(this.#summaries(signal)), jsonLine];
      case PATHS.rows: {
        const changes = this.#indexes.changes(query.get("after"), idsOf(query), signal);
        return [FRAMES_TYPE, changes, jsonFrame];
      }
      case PATHS.search:
        return [FRAMES_TYPE, this.#search(query, signal), jsonFrame];
      case PATHS.looks:
        return [LINES_TYPE, joined(this.#looks(idsOf(query), signal)), jsonLine];
      case PATHS.reports:
        return [LINES_TYPE, joined(this.#reports(idsOf(query), signal)), jsonLine];
      case PATHS.events:
        return [EVENTS_TYPE, this.#events.stream(signal), null];
      default:
        throw refusal("NOT_FOUND", "there is no such resource");
    }
  }

  /** @param {AbortSignal} signal */
  async *#summaries(signal) {
    let count = 0;
    for await (const summary of this.#sessions.list({ signal })) {
      yield jsonLine(sentSummary(summary));
      count += 1;
    }
    yield jsonLine({ end: count });
  }

  /**
   * @param {URLSearchParams} query
   * @param {AbortSignal} signal
   */
  #search(query, signal) {
    const [text, flags] = [query.get("text") ?? "", query.get("flags")];
    if (text.length > LONGEST_SEARCH)
      throw refusal("INVALID_ARGUMENT", `a search has at most ${LONGEST_SEARCH} characters`);
    const logs = query.get("logs");
    if (logs !== null && !/^(?:\d{1,9}(?:,|$)){0,2000}$/.test(logs))
      throw refusal("INVALID_ARGUMENT", "logs: expected numbers with commas between them");
    return this.#indexes.search(
      flags === null ? text : patternOf(text, flags),
      query.get("case") === "ignore",
      {
        after: query.get("after") ?? "",
        ...(logs !== null && { logs: logs.split(",").filter(Boolean).map(Number) }),
      },
      signal,
    );
  }

  /**
   * @param {ReadonlySet<string> | undefined} ids
   * @param {AbortSignal} signal
   */
  async *#looks(ids, signal) {
    let count = 0;
    for await (const looks of ids ? this.#logs.looks(ids) : this.#events.looks()) {
      signal.throwIfAborted();
      for (const [id, look] of looks) {
        if (!look) continue;
        yield jsonLine({ id, ...look, identity: String(look.identity) });
        count += 1;
      }
    }
    yield jsonLine({ end: count });
  }

  /**
   * @param {ReadonlySet<string> | undefined} ids
   * @param {AbortSignal} signal
   */
  async *#reports(ids, signal) {
    /** @type {{ id: string, code: string, message: string }[]} */
    const failures = [];
    const reports = await this.#sessions.verify({
      signal,
      ...(ids && { ids: [...ids] }),
      onFailure: (error, id) => failures.push({ id, ...sentError(error) }),
    });
    for (const report of reports)
      yield jsonLine({ ...report, damage: sentDamage(report.damage).damage });
    yield jsonLine({ end: reports.length, failures });
  }

  /** Ends all answers, and frees the index. */
  async close() {
    this.#ending.abort();
    this.#events.close();
    this.#logs.close();
    await this.#indexes.close();
  }
}

/**
 * Returns what is sent of a summary.
 *
 * @param {SessionSummary} summary
 */
function sentSummary({ error, link, ...summary }) {
  return {
    ...summary,
    // A target may be anywhere on the machine.
    ...(link !== undefined && { link: isOutside(link) ? "…" : link }),
    ...(error !== undefined && { error: sentError(error) }),
  };
}

/** @param {string} target of a link */
function isOutside(target) {
  return /^(?:[/\\]|[a-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(target);
}

/**
 * Returns the ids that a request names.
 *
 * @param {URLSearchParams} query
 */
function idsOf(query) {
  const ids = query.getAll("id");
  if (ids.length > MOST_IDS)
    throw refusal("INVALID_ARGUMENT", `a request names at most ${MOST_IDS} ids`);
  return ids.length > 0 ? new Set(ids) : undefined;
}

/**
 * @param {string} source
 * @param {string} flags
 */
function patternOf(source, flags) {
  try {
    if (FLAGS.test(flags)) return new RegExp(source, flags);
  } catch {
    // The message has the source, which the client knows.
  }
  throw refusal("INVALID_ARGUMENT", "text and flags: expected a regular expression");
}

/**
 * Joins lines, so that a chunk has many. Lines wait for others only while others come at once.
 *
 * @param {AsyncGenerator<Uint8Array, void, void>} lines
 */
async function* joined(lines) {
  /** @type {Uint8Array[]} */
  let held = [];
  let bytes = 0;
  let isDone = false;
  let ring = () => {};
  let resume = () => {};
  const taking = (async () => {
    for await (const line of lines) {
      held.push(line);
      bytes += line.length;
      ring();
      if (bytes >= LINES_BYTES) await new Promise((done) => (resume = () => done(undefined)));
    }
  })();
  const end = () => {
    isDone = true;
    ring();
  };
  taking.then(end, end);
  try {
    while (!isDone || bytes > 0) {
      if (bytes === 0) await new Promise((done) => (ring = () => done(undefined)));
      if (!isDone && bytes < LINES_BYTES) await new Promise((done) => setTimeout(done, LINES_TIME));
      const [chunk, length] = [held, bytes];
      held = [];
      bytes = 0;
      resume();
      if (length > 0) yield joinedBytes(chunk, length);
    }
    await taking;
  } finally {
    resume();
    await lines.return();
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} length
 */
function joinedBytes(parts, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Ends an answer that fails with the error, because its status was sent.
 *
 * @param {AsyncGenerator<Uint8Array, void, void>} chunks
 * @param {((error: object) => Uint8Array) | null} failure
 * @param {() => void} release
 */
async function* guarded(chunks, failure, release) {
  try {
    yield* chunks;
  } catch (error) {
    if (failure) yield failure({ error: sentError(error) });
  } finally {
    release();
  }
}

/**
 * @param {AsyncGenerator<Uint8Array, void, void>} chunks
 * @param {() => void} end ends what makes the chunks
 * @returns {ReadableStream<Uint8Array>}
 */
function streamOf(chunks, end) {
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done || !value) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        end();
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Refuses a request.
 *
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Record<string, string>} [headers]
 */
function refused(status, code, message, headers) {
  const body = JSON.stringify({ error: { code, message } });
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", [ERROR_HEADER]: code, ...headers },
  });
}
