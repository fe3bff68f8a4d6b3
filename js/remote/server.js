// Requests to a server of sessions. Its answers are checked: nothing of them is believed.

import { describe, invalidArgument, printable, SkillLogError } from "../errors.js";
import { nameOfUrl, Secrets } from "../storage/message-secrets.js";
import { onAbort, unlessAborted } from "../waits.js";
import {
  ERROR_HEADER,
  EVENTS_TYPE,
  FRAME,
  FRAME_HEAD,
  FRAMES_TYPE,
  LINES_TYPE,
  LONGEST_URL,
  MOST_FRAME_BYTES,
  MOST_IDS,
  SENT_CODES,
} from "./protocol.js";

/** @import { HttpOptions } from "../storage/storage.js" */
/** @import { ErrorCode } from "../types.js" */

/** The most bytes of an error's body, and of its message. */
const MOST_ERROR_BYTES = 4096;
const LONGEST_MESSAGE = 300;

/** The most bytes of a line of JSON, and of an event. */
const MOST_LINE_BYTES = 16 << 20;

/**
 * A request.
 *
 * @typedef {object} Asked
 * @property {"GET" | "HEAD"} [method]
 * @property {Record<string, string | readonly string[]>} [query]
 * @property {string} [range] bytes that are wanted
 * @property {AbortSignal | undefined} [signal]
 * @property {readonly number[]} [statuses] those that are no error; default: 200
 */

/** A server of sessions. */
export class Server {
  #base;
  #headers;
  #fetch;
  #secrets;
  #ending = new AbortController();

  /**
   * @param {URL} url
   * @param {HttpOptions} options
   */
  constructor(url, { headers = {}, fetch }) {
    this.name = nameOfUrl(url);
    if (url.username !== "" || url.password !== "")
      throw invalidArgument(
        "source",
        this.name,
        "a URL without user name and password, because fetch refuses them",
      );
    const [, token] = /^#token=([\w-]+)$/.exec(url.hash) ?? [];
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    this.#headers =
      token && !names.includes("authorization")
        ? { ...headers, authorization: `Bearer ${token}` }
        : headers;
    this.#fetch = fetch;
    this.#secrets = new Secrets(url, Object.values(this.#headers));
    this.#base = new URL(url.pathname.replace(/\/?$/, "/"), url.origin);
  }

  /**
   * Returns the URL of a resource.
   *
   * @param {string} path
   * @param {Record<string, string | readonly string[]>} [query]
   */
  urlOf(path, query = {}) {
    const url = new URL(path, this.#base);
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(name, value);
    return url.href;
  }

  /**
   * Returns whether the URL of a request is as short as all servers take it.
   *
   * @param {string} path
   * @param {Record<string, string | readonly string[]>} query
   */
  takes(path, query) {
    return this.urlOf(path, query).length <= LONGEST_URL;
  }

  /**
   * Returns the part of a request that names ids; none where it asks for all, because it would be
   * too long.
   *
   * @param {string} path
   * @param {ReadonlySet<string> | undefined} ids
   * @returns {{ id?: readonly string[] }}
   */
  naming(path, ids) {
    if (!ids || ids.size > MOST_IDS) return {};
    const query = { id: [...ids] };
    return this.takes(path, query) ? query : {};
  }

  /** Ends all requests, and refuses others. */
  close() {
    this.#ending.abort(new SkillLogError("CLOSED", "the sessions were closed"));
  }

  /**
   * Makes the error of an answer that is not what the protocol says.
   *
   * @param {string} what
   */
  invalid(what) {
    return this.#error("IO_ERROR", `the server's answer is not valid: ${what}`);
  }

  /**
   * @param {ErrorCode} code
   * @param {string} why
   * @param {{ status?: number, cause?: unknown }} [facts]
   */
  #error(code, why, facts) {
    return new SkillLogError(code, `${this.name}: ${why}`, { path: this.name, ...facts });
  }

  /**
   * Sends a request, and waits for the head of the answer. Its body must be read with `chunksOf`, or
   * cancelled.
   *
   * @param {string} path
   * @param {Asked} asked
   * @param {AbortController} ending ends the request
   * @returns {Promise<Response>}
   */
  async #send(path, { method = "GET", query, range, signal, statuses = [200] }, ending) {
    signal?.throwIfAborted();
    this.#ending.signal.throwIfAborted();
    const url = this.urlOf(path, query);
    const send = this.#fetch ?? globalThis.fetch;
    const answer = (async () =>
      send(url, {
        method,
        headers: { ...this.#headers, ...(range !== undefined && { range: `bytes=${range}` }) },
        cache: "no-store",
        // An answer of another server is not believed, and gets no token.
        redirect: "error",
        signal: ending.signal,
      }))();
    /** @type {any} */
    const response = await this.#awaited(answer, ending, signal, "there is no answer");
    if (response.redirected || (response.url && new URL(response.url).origin !== this.#base.origin))
      throw this.invalid("it comes from another address");
    if (statuses.includes(response.status)) return response;
    throw await this.#refused(response, ending, signal);
  }

  /**
   * Waits for a promise. Throws `IO_ERROR` for what the platform throws. An abort throws its own
   * reason.
   *
   * @template T
   * @param {PromiseLike<T>} promise
   * @param {AbortController} ending
   * @param {AbortSignal | undefined} signal
   * @param {string} what failed
   * @returns {Promise<T>}
   */
  async #awaited(promise, ending, signal, what) {
    const release = onAbort(signal, () => ending.abort());
    const releaseOwn = onAbort(this.#ending.signal, () => ending.abort());
    try {
      return await unlessAborted(Promise.resolve(promise), ending.signal);
    } catch (thrown) {
      signal?.throwIfAborted();
      this.#ending.signal.throwIfAborted();
      const cause = this.#secrets.copyOf(thrown);
      const why = cause instanceof Error ? cause.message : String(cause);
      throw this.#error("IO_ERROR", `${what}: ${why}`, { cause });
    } finally {
      release();
      releaseOwn();
    }
  }

  /**
   * Makes the error of an answer with another status.
   *
   * @param {Response} response
   * @param {AbortController} ending
   * @param {AbortSignal | undefined} signal
   */
  async #refused(response, ending, signal) {
    const { status, headers } = response;
    let sent = { code: headers.get(ERROR_HEADER) ?? "", message: "" };
    if (/^application\/json\b/.test(headers.get("content-type") ?? "")) {
      try {
        const bytes = await this.#start(response, ending, signal);
        sent = JSON.parse(new TextDecoder().decode(bytes)).error;
      } catch {
        signal?.throwIfAborted();
      }
    }
    ending.abort();
    return this.errorOf(sent, status);
  }

  /**
   * Reads the first bytes of an answer.
   *
   * @param {Response} response
   * @param {AbortController} ending
   * @param {AbortSignal | undefined} signal
   */
  async #start(response, ending, signal) {
    /** @type {number[]} */
    const bytes = [];
    for await (const chunk of this.#chunksOf(response, ending, signal)) {
      bytes.push(...chunk.subarray(0, MOST_ERROR_BYTES - bytes.length));
      if (bytes.length >= MOST_ERROR_BYTES) break;
    }
    return Uint8Array.from(bytes);
  }

  /**
   * Makes the error that a server sent.
   *
   * @param {any} sent
   * @param {number} [status]
   */
  errorOf(sent, status) {
    const code = SENT_CODES.find((each) => each === sent?.code) ?? "IO_ERROR";
    const message = typeof sent?.message === "string" ? sent.message : "";
    const why =
      message !== ""
        ? printable(message.slice(0, LONGEST_MESSAGE))
        : status === 401
          ? "the server asks for its token: open the address that skill-log view prints"
          : `the server answers with ${status === undefined ? "an error" : `status ${status}`}`;
    return this.#error(code, why, status === undefined ? {} : { status });
  }

  /**
   * @param {Response} response
   * @param {AbortController} ending
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<Uint8Array, void, void>}
   */
  async *#chunksOf({ body }, ending, signal) {
    const reader = body?.getReader();
    try {
      while (reader) {
        const { value } = await this.#awaited(reader.read(), ending, signal, "the answer was cut");
        if (!value) return;
        if (!(value instanceof Uint8Array)) throw this.invalid("its body has no bytes");
        yield value;
      }
    } finally {
      reader?.cancel().catch(() => {});
      ending.abort();
    }
  }

  /**
   * Sends a request whose answer has no body.
   *
   * @param {string} path
   * @param {Asked} asked
   * @returns {Promise<Headers>}
   */
  async head(path, asked) {
    const ending = new AbortController();
    const response = await this.#send(path, { ...asked, method: "HEAD" }, ending);
    ending.abort();
    return response.headers;
  }

  /**
   * Reads bytes of a resource.
   *
   * @param {string} path
   * @param {Record<string, string>} query
   * @param {number} offset
   * @param {Uint8Array} into
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<number>} how many bytes were read; 0 at the end
   */
  async bytes(path, query, offset, into, signal) {
    const ending = new AbortController();
    const range = `${offset}-${offset + into.length - 1}`;
    const response = await this.#send(path, { query, range, signal, statuses: [206, 416] }, ending);
    if (response.status === 416) {
      ending.abort();
      return 0;
    }
    const [, first, last] =
      /^bytes (\d{1,15})-(\d{1,15})\/\d{1,15}$/.exec(response.headers.get("content-range") ?? "") ??
      [];
    const count = Number(last) - Number(first) + 1;
    if (Number(first) !== offset || !(count >= 1 && count <= into.length)) {
      ending.abort();
      throw this.invalid(`bytes ${range} were asked for, and others come`);
    }
    let filled = 0;
    for await (const chunk of this.#chunksOf(response, ending, signal)) {
      if (filled + chunk.length > count) throw this.invalid("more bytes come than were asked for");
      into.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled < count) throw this.#error("IO_ERROR", `the answer was cut after ${filled} bytes`);
    return count;
  }

  /**
   * Reads a stream.
   *
   * @param {string} path
   * @param {Asked} asked
   * @param {string} type
   */
  async *#stream(path, asked, type) {
    const ending = new AbortController();
    const response = await this.#send(path, asked, ending);
    const own = response.headers.get("content-type") ?? "";
    if (own.split(";")[0].trim() !== type) {
      ending.abort();
      throw this.invalid(`it is ${own === "" ? "of no type" : describe(own)}, and not ${type}`);
    }
    yield* this.#chunksOf(response, ending, asked.signal);
  }

  /**
   * Reads frames.
   *
   * @param {string} path
   * @param {Asked} asked
   * @returns {AsyncGenerator<{ json: any } | { rows: Uint8Array }, void, void>}
   */
  async *frames(path, asked) {
    const head = new Uint8Array(FRAME_HEAD);
    let body = head;
    let filled = 0;
    for await (const chunk of this.#stream(path, asked, FRAMES_TYPE)) {
      for (let at = 0; at < chunk.length || (body !== head && filled === body.length); ) {
        const some = chunk.subarray(at, at + body.length - filled);
        body.set(some, filled);
        filled += some.length;
        at += some.length;
        if (filled < body.length) break;
        if (body === head) {
          const length = new DataView(head.buffer).getUint32(1, true);
          if (length > MOST_FRAME_BYTES) throw this.invalid(`a frame has ${length} bytes`);
          body = new Uint8Array(length);
        } else {
          const frame = this.#frameOf(head[0], body);
          body = head;
          yield frame;
        }
        filled = 0;
      }
    }
    if (body !== head || filled > 0) throw this.#error("IO_ERROR", "the answer was cut");
  }

  /**
   * @param {number} kind
   * @param {Uint8Array} bytes
   */
  #frameOf(kind, bytes) {
    if (kind === FRAME.rows) return { rows: bytes };
    if (kind !== FRAME.json) throw this.invalid(`a frame is of kind ${kind}`);
    return { json: this.#parsed(textOf(bytes) ?? "") };
  }

  /**
   * Reads an object of JSON. Throws the error that it has.
   *
   * @param {string} text
   */
  #parsed(text) {
    /** @type {any} */
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      throw this.invalid("it has something else than JSON");
    }
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw this.invalid("it has JSON that is no object");
    if (Object.hasOwn(json, "error") && !Object.hasOwn(json, "id")) throw this.errorOf(json.error);
    return json;
  }

  /**
   * Reads lines of JSON. The last one is `{ "end": … }` with their number.
   *
   * @param {string} path
   * @param {Asked} asked
   * @returns {AsyncGenerator<any, any, void>} the last one is returned
   */
  async *lines(path, asked) {
    let count = 0;
    for await (const text of this.#textLines(path, asked, LINES_TYPE)) {
      const json = this.#parsed(text);
      if (!Object.hasOwn(json, "end")) {
        count += 1;
        yield json;
        continue;
      }
      if (json.end !== count) throw this.invalid(`${count} of ${describe(json.end)} lines came`);
      return json;
    }
    throw this.#error("IO_ERROR", "the answer was cut");
  }

  /**
   * Reads the data of events.
   *
   * @param {string} path
   * @param {Asked} asked
   * @returns {AsyncGenerator<{ event: string, data: any }, void, void>}
   */
  async *events(path, asked) {
    let event = "message";
    for await (const line of this.#textLines(path, asked, EVENTS_TYPE)) {
      if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("data: ")) yield { event, data: this.#parsed(line.slice(6)) };
      else if (line === "") event = "message";
    }
  }

  /**
   * @param {string} path
   * @param {Asked} asked
   * @param {string} type
   */
  async *#textLines(path, asked, type) {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let rest = "";
    for await (const chunk of this.#stream(path, asked, type)) {
      try {
        rest += decoder.decode(chunk, { stream: true });
      } catch {
        throw this.invalid("it is not UTF-8");
      }
      const lines = rest.split("\n");
      // A chunk may have many lines, and be longer than one may be.
      if (lines.some(({ length }) => length > MOST_LINE_BYTES))
        throw this.invalid("a line is too long");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") throw this.#error("IO_ERROR", "the answer was cut");
  }
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
