// The logs that a server reads for its clients. A log is opened only if it was found in the
// directory: an id of a client never becomes a path.

import {
  ERROR_HEADER,
  FILE_HEADER,
  MODIFIED_HEADER,
  MOST_RANGE_BYTES,
  VERSION_HEADER,
} from "../remote/protocol.js";
import { refusal } from "./sent-errors.js";

/** @import { Look, Source, StoredLogs } from "../storage/storage.js" */

/** How many files stay open, and for how long after they were read, in milliseconds. */
const MOST_OPEN = 64;
const OPEN_TIME = 10_000;

/** The bytes that are read at once. */
const CHUNK_BYTES = 1 << 18;

/**
 * A file that stays open, so that what is written to it after a rename can be read.
 *
 * @typedef {{ source: Source, readers: number, timer: any }} Kept
 */

/** The logs of a server. */
export class ServedLogs {
  #logs;
  #refOfIndex;
  /** What opens each log, by id. @type {Map<string, any>} */
  #refs = new Map();
  /** The search that runs, and the one that starts after it. @type {Promise<void>} */
  #finding = Promise.resolve();
  /** @type {Promise<void> | null} */
  #nextFinding = null;
  /** By id and identity, those that were read last at the end. @type {Map<string, Kept>} */
  #kept = new Map();
  #isClosed = false;

  /**
   * @param {StoredLogs} logs
   * @param {(id: string) => any} refOf returns what opens a log that was found for the index
   */
  constructor(logs, refOf) {
    this.#logs = logs;
    this.#refOfIndex = refOf;
  }

  /** Finds the logs that are there now. Calls while a search runs share the next one. */
  #find() {
    return (this.#nextFinding ??= this.#finding.then(() => {
      this.#nextFinding = null;
      const finding = (async () => {
        const { ids, refs } = await this.#logs.find(undefined, false);
        this.#refs = new Map(ids.map((id, at) => [id, refs[at]]));
      })();
      this.#finding = finding.catch(() => {});
      return finding;
    }));
  }

  /**
   * Returns what opens a log; null where it is not read, as a link; undefined where there is none.
   *
   * @param {string} id
   */
  async #refOf(id) {
    const known = this.#refs.get(id) ?? this.#refOfIndex(id);
    if (known) return known;
    await this.#find();
    return this.#refs.get(id);
  }

  /**
   * Opens a log.
   *
   * @param {string} id
   * @param {string | null} identity that of the file that is wanted; null for the one at the path
   * @returns {Promise<Kept>} give it back
   */
  async open(id, identity) {
    const kept = identity === null ? undefined : this.#kept.get(keyOf(id, identity));
    if (kept) return this.#use(keyOf(id, identity), kept);
    const ref = await this.#refOf(id);
    if (ref === undefined) throw refusal("NOT_FOUND", "there is no such log");
    if (ref === null) throw refusal("NOT_A_REGULAR_FILE", "the log is a link, which is not read");
    const source = await this.#logs.open(ref);
    if (!source) throw refusal("NOT_FOUND", "there is no such log");
    const own = String(source.identity);
    const key = keyOf(id, own);
    const known = this.#kept.get(key);
    if (known || (identity !== null && own !== identity) || this.#isClosed) {
      await source.close();
      if (known) return this.#use(key, known);
      throw refusal("REPLACED", "the log is another file now");
    }
    const made = { source, readers: 0, timer: undefined };
    return this.#use(key, made);
  }

  /**
   * Looks at logs.
   *
   * @param {ReadonlySet<string>} ids
   * @returns {AsyncGenerator<[string, Look | null][], void, void>}
   */
  async *looks(ids) {
    const directory = this.#logs.followed(ids);
    for (const id of ids) if (await this.#refOf(id)) yield [[id, await directory.look(id)]];
  }

  /**
   * @param {string} key
   * @param {Kept} kept
   */
  #use(key, kept) {
    clearTimeout(kept.timer);
    kept.readers += 1;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /**
   * Takes back a log.
   *
   * @param {string} id
   * @param {Kept} kept
   */
  giveBack(id, kept) {
    kept.readers -= 1;
    const key = keyOf(id, String(kept.source.identity));
    kept.timer = setTimeout(() => this.#end(key, kept), OPEN_TIME);
    kept.timer.unref?.();
    if (this.#isClosed) this.#end(key, kept);
    for (const [other, each] of this.#kept) {
      if (this.#kept.size <= MOST_OPEN) break;
      this.#end(other, each);
    }
  }

  /**
   * @param {string} key
   * @param {Kept} kept
   */
  #end(key, kept) {
    if (kept.readers > 0) return;
    clearTimeout(kept.timer);
    this.#kept.delete(key);
    kept.source.close().catch(() => {});
  }

  /**
   * Answers a request for bytes of a log.
   *
   * @param {Request} request
   * @param {URLSearchParams} query
   * @returns {Promise<Response>}
   */
  async answer(request, query) {
    const id = query.get("id") ?? "";
    const identity = query.get("file");
    const kept = await this.open(id, identity);
    let isGivenBack = false;
    const giveBack = () => {
      if (!isGivenBack) this.giveBack(id, kept);
      isGivenBack = true;
    };
    try {
      const { source } = kept;
      const version = (await source.version?.()) ?? null;
      const [size, modified] = [await source.size(), (await source.modified?.()) ?? 0];
      const tag = `"${source.identity}-${size}-${modified}"`;
      const headers = new Headers({
        "accept-ranges": "bytes",
        "content-type": "application/octet-stream",
        etag: tag,
        [FILE_HEADER]: String(source.identity),
        [MODIFIED_HEADER]: String(modified),
        ...(version !== null && { [VERSION_HEADER]: version }),
      });
      if (modified > 0) headers.set("last-modified", new Date(modified).toUTCString());
      if (request.headers.get("if-none-match") === tag) {
        giveBack();
        return new Response(null, { status: 304, headers });
      }
      const isConditional = request.headers.has("if-range");
      const asked =
        isConditional && request.headers.get("if-range") !== tag
          ? null
          : request.headers.get("range");
      const range = rangeOf(asked, size);
      if (range === null) {
        headers.set("content-range", `bytes */${size}`);
        headers.set(ERROR_HEADER, "INVALID_ARGUMENT");
        giveBack();
        return new Response(null, { status: 416, headers });
      }
      const { from, to } = range;
      headers.set("content-length", String(to - from));
      if (asked !== null) headers.set("content-range", `bytes ${from}-${to - 1}/${size}`);
      const status = asked === null ? 200 : 206;
      if (request.method === "HEAD") {
        giveBack();
        return new Response(null, { status, headers });
      }
      return new Response(bodyOf(source, from, to, giveBack), { status, headers });
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Closes the files. */
  close() {
    this.#isClosed = true;
    for (const [key, kept] of this.#kept) this.#end(key, kept);
  }
}

/**
 * @param {string} id
 * @param {string | null} identity
 */
function keyOf(id, identity) {
  return `${identity} ${id}`;
}

/**
 * Returns the bytes that a request wants: one range.
 *
 * @param {string | null} header
 * @param {number} size
 * @returns {{ from: number, to: number } | null} null where there are none, or too many
 */
function rangeOf(header, size) {
  if (header === null) return { from: 0, to: size };
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header) ?? ["", "", ""];
  if (first === "" && last === "") return null;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  // A range without an end, and one before the end, may be cut, and a client asks on.
  const end = Math.min(to, from + MOST_RANGE_BYTES);
  return from < end ? { from, to: end } : null;
}

/**
 * Returns bytes of a log as a stream.
 *
 * @param {Source} source
 * @param {number} from
 * @param {number} to
 * @param {() => void} close
 * @returns {ReadableStream<Uint8Array>}
 */
function bodyOf(source, from, to, close) {
  let at = from;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const bytes = new Uint8Array(Math.min(CHUNK_BYTES, to - at));
          const count = bytes.length > 0 ? await source.read(at, bytes) : 0;
          if (count < bytes.length) throw refusal("REPLACED", "the log was cut while it was read");
          at += count;
          if (count > 0) controller.enqueue(bytes);
          if (at < to) return;
          controller.close();
          close();
        } catch (error) {
          close();
          controller.error(error);
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
