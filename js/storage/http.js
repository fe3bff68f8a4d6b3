// A file at a URL, read in place: a request for each stretch of its bytes.

import { onAbort } from "../aborts.js";
import { isUrl } from "../brands.js";
import { describe, SkillLogError } from "../errors.js";
import { isMarked, MARK_BYTES } from "../mark.js";
import { blobSource } from "./blob.js";

/** @import { ErrorFacts } from "../types.js" */
/** @import { Source } from "./source.js" */
/** @import { ReadableFile } from "./storage.js" */

/** What an opening asks for. Most logs are smaller, and need no other request. */
const WINDOW_BYTES = 1 << 16;

/** How much of that lies before the end as it was: an index looks there for the end of the last entry it knows. */
const OVERLAP_BYTES = 1 << 10;

/**
 * @param {unknown} source
 * @returns {source is URL}
 */
export function isHttpUrl(source) {
  return isUrl(source) && /^https?:$/.test(source.protocol);
}

/**
 * Opens the file at a URL, once, to see that it is there.
 *
 * @param {URL} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<ReadableFile>}
 */
export async function openHttp(url, signal) {
  const open = httpFile(url);
  await (await open(signal)).close();
  return { path: nameOf(url), open, followed: null };
}

/**
 * Gives what opens the file at a URL.
 *
 * An opening asks once, for the bytes around the end that the last one found: the answer says how large the file is now, and
 * has what was appended meanwhile. So large it is until it is closed, whatever is appended. A server that knows no
 * ranges answers with the whole file: it is held as a Blob, loaded once for each opening, and only when it is read.
 *
 * @param {URL} url `http:` or `https:`
 * @returns {(signal?: AbortSignal) => Promise<Source>} `signal` ends whatever is asked for until the source is closed
 * @throws {SkillLogError} `INVALID_ARGUMENT` where the URL has a user name or a password; by what is given, and by the source:
 *   `NOT_FOUND`, `IO_ERROR`
 */
export function httpFile(url) {
  const name = nameOf(url);
  if (url.username !== "" || url.password !== "") {
    const message = `source: expected a URL without a user name and a password, which fetch takes no URL with, got one of ${name}`;
    throw new SkillLogError("INVALID_ARGUMENT", message);
  }
  const identity = url.href.replace(/#.*$/s, "");
  /** @type {number | undefined} where the file ended when it was opened last */
  let end;
  return async (signal) => {
    const source = new HttpSource(name, identity, signal);
    try {
      end = await source.open(end);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  };
}

/**
 * Gives what messages call a URL. A signed one has its secret in the query, and messages end up in logs.
 *
 * @param {URL} url
 */
function nameOf({ origin, pathname, search }) {
  return `${origin}${pathname}${search === "" ? "" : "?…"}`;
}

/** @implements {Source} */
class HttpSource {
  name;
  path;
  identity;
  #signal;
  #release;
  #request = new AbortController();
  #size = 0;
  /**
   * What came last: a reading backwards, and an index, read some of it again.
   *
   * @type {{ offset: number, bytes: Uint8Array }}
   */
  #kept = { offset: 0, bytes: new Uint8Array(0) };
  /** @type {Response | null} the answer of a server that knows no ranges, and not read yet */
  #whole = null;
  /** @type {Promise<Source> | null} the same, read */
  #blob = null;

  /**
   * @param {string} name
   * @param {string} identity the URL, without what no server sees
   * @param {AbortSignal} [signal]
   */
  constructor(name, identity, signal) {
    this.name = name;
    this.path = name;
    this.identity = identity;
    this.#signal = signal;
    this.#release = onAbort(signal, this.cancel);
  }

  /**
   * Finds out how large the file is. To be called first.
   *
   * @param {number | undefined} known where it ended before
   * @returns {Promise<number | undefined>} where it ends; undefined where the server knows no ranges
   */
  async open(known) {
    const offset = known === undefined || known < WINDOW_BYTES ? 0 : known - OVERLAP_BYTES;
    // One byte tells as much as many, where it is not known which ones will be read.
    const length = known === undefined ? 1 : WINDOW_BYTES;
    const { bytes, total } = await this.#get(offset, length);
    if (this.#whole) return undefined;
    // It was cut, or is another file.
    if (bytes.length === 0 && offset > 0) return this.open(undefined);
    this.#size = total ?? (bytes.length < length ? offset + bytes.length : await this.#end(offset + length));
    this.#kept = { offset, bytes };
    return this.#whole ? undefined : this.#size;
  }

  async size() {
    return this.#whole ? (await this.#blobOf(this.#whole)).size() : this.#size;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    const length = Math.min(into.length, this.#size - offset);
    if (!this.#whole && length > 0 && !this.#keeps(offset, length)) await this.#keep(offset, length);
    if (this.#whole) return (await this.#blobOf(this.#whole)).read(offset, into);
    if (length <= 0) return 0;
    const from = offset - this.#kept.offset;
    into.set(this.#kept.bytes.subarray(from, from + length));
    return length;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  #keeps(offset, length) {
    return offset >= this.#kept.offset && offset + length <= this.#kept.offset + this.#kept.bytes.length;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  async #keep(offset, length) {
    // Some bytes are asked for again: another file may have taken the place of the one that is read.
    const before = this.#keptBefore(offset);
    const { bytes } = await this.#get(offset - before.length, before.length + length);
    if (this.#whole) return;
    if (bytes.length < before.length + length) throw this.#error("it became shorter while it was read");
    if (!isMarked(before, bytes)) {
      throw new SkillLogError("REPLACED", `${this.name} is another file than when reading began`, { path: this.path });
    }
    this.#kept = { offset: offset - before.length, bytes };
  }

  /**
   * Gives some of the bytes that stand right before an offset, where they are kept.
   *
   * @param {number} offset
   */
  #keptBefore(offset) {
    const { offset: start, bytes } = this.#kept;
    const end = offset - start;
    return end <= bytes.length ? bytes.subarray(Math.max(0, end - MARK_BYTES), Math.max(0, end)) : new Uint8Array(0);
  }

  cancel = () => this.#request.abort();

  async close() {
    this.#release();
    this.cancel();
    await (await this.#blob?.catch(() => null))?.close();
  }

  /**
   * Asks for bytes; none come where the file ends before them.
   *
   * @param {number} offset
   * @param {number} length
   * @returns {Promise<{ bytes: Uint8Array, total?: number }>} fewer only where the file ends; `total` is its size where the server tells it
   */
  async #get(offset, length) {
    const response = await this.#fetch(`${offset}-${offset + length - 1}`);
    const header = response.headers.get("content-range");
    const [first, last, total] = rangeOf(header);
    const refused = (/** @type {string} */ what) => this.#error(`bytes ${offset}-${offset + length - 1} were asked for, and the server sends ${what}`);
    if (response.status !== 206) {
      if (response.status === 416 && offset === 0) {
        if (total) throw refused(`status 416, though there are ${total}`);
        // It is empty, or somebody on the way refuses ranges.
        if (total === undefined) await this.#fetch(null);
      }
      return { bytes: new Uint8Array(0) };
    }
    // A page of another origin may not be shown the header: then the length of what comes must do.
    if (header !== null) {
      const end = total === undefined ? Math.min(last, offset + length - 1) : Math.min(offset + length, total) - 1;
      if (first !== offset || last !== end) throw refused(describe(header));
    }
    const bytes = await this.#body(response, length, refused);
    if (offset === 0) this.#checkType(response, bytes);
    const expected = header === null ? lengthOf(response) : last - first + 1;
    if (expected !== undefined && bytes.length !== expected) throw refused(`${bytes.length} of ${expected}`);
    return { bytes, total };
  }

  /**
   * Finds the end of a file of which only the lengths of stretches are known, by the length of all the rest, which is not read.
   * HEAD would do where it is answered: a signed URL is good for GET alone.
   *
   * @param {number} offset
   */
  async #end(offset) {
    const response = await this.#fetch(`${offset}-`);
    if (response.status !== 206) return offset;
    const length = lengthOf(response);
    if (length === undefined) throw this.#error("the server does not tell its size; to a page of another origin it must expose Content-Range");
    return offset + length;
  }

  /**
   * Sends a request, and waits for the head of the answer.
   *
   * @param {string | null} range null for the whole file
   * @returns {Promise<Response>} of status 206 or 416; or 200, and then it is the whole file
   */
  async #fetch(range) {
    this.#signal?.throwIfAborted();
    // Ends what is left of the one before, and costs no connection where nothing is. Each has a controller of its own: a request
    // leaves a listener on its signal for some time.
    this.cancel();
    this.#request = new AbortController();
    const answer = fetch(this.identity, {
      // Offsets are of the file's own bytes. Bun has to be told; it is what others send with a range, and browsers allow nothing else.
      headers: { ...(range !== null && { Range: `bytes=${range}` }), "Accept-Encoding": "identity" },
      // What a cache holds of a growing file is old, or joined of parts of different ages. Chromium's lets only one request for a URL
      // go on at a time, and has cut parts short that it had a piece of.
      cache: "no-store",
      signal: this.#request.signal,
    });
    const response = await this.#awaited(answer, "there is no answer");
    const { status } = response;
    if (status === 404 || status === 410) throw new SkillLogError("NOT_FOUND", `${this.name}: no such file`, { path: this.path, status });
    if (status !== 200 && (range === null || (status !== 206 && status !== 416))) throw this.#error(`the server answers with status ${status}`, { status });
    const encoding = response.headers.get("content-encoding") ?? "identity";
    if (status !== 416 && encoding.toLowerCase() !== "identity") {
      throw this.#error(`the server sends it encoded (${describe(encoding)}): offsets would be of other bytes than the file's`);
    }
    if (status === 200) this.#whole = response;
    return response;
  }

  /**
   * Reads no more than is wanted, whatever is sent.
   *
   * @param {Response} response
   * @param {number} length
   * @param {(what: string) => SkillLogError} refused
   */
  async #body({ body }, length, refused) {
    const bytes = new Uint8Array(length);
    let filled = 0;
    const reader = body?.getReader();
    while (reader) {
      const { value } = await this.#awaited(reader.read(), `the answer was cut after ${filled} bytes`);
      if (!value) break;
      if (filled + value.length > length) throw refused("more");
      bytes.set(value, filled);
      filled += value.length;
    }
    return bytes.subarray(0, filled);
  }

  /** @param {Response} response */
  #blobOf(response) {
    return (this.#blob ??= this.#load(response));
  }

  /** @param {Response} response */
  async #load(response) {
    const blob = await this.#awaited(response.blob(), "the answer was cut");
    const { size } = blob;
    const least = Math.max(lengthOf(response) ?? 0, this.#size);
    if (size < least) throw this.#error(`the answer was cut after ${size} of ${least} bytes`);
    this.#checkType(response, new Uint8Array(await blob.slice(0, MARK_BYTES).arrayBuffer()));
    return blobSource(blob, this.name);
  }

  /**
   * Refuses a page: servers of single-page applications send theirs for whatever there is not, and others one to sign in on.
   *
   * @param {Response} response
   * @param {Uint8Array} start of the file
   */
  #checkType({ headers, redirected }, start) {
    const isPage = /^text\/html\b/i.test(headers.get("content-type") ?? "") && /^\s*</.test(new TextDecoder().decode(start));
    if (isPage) throw this.#error(`the server sends a page${redirected ? ", behind a redirect," : ""} and no log (text/html)`);
  }

  /**
   * Makes errors of what the platform throws; an abort has its own reason.
   *
   * @template T
   * @param {Promise<T>} promise
   * @param {string} what failed
   */
  async #awaited(promise, what) {
    try {
      return await promise;
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw this.#error(`${what}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * @param {string} why
   * @param {ErrorFacts & { cause?: unknown }} [facts]
   */
  #error(why, facts) {
    return new SkillLogError("IO_ERROR", `cannot read ${this.name}: ${why}`, { path: this.path, ...facts });
  }
}

/**
 * Takes a Content-Range apart.
 *
 * @param {string | null} header
 * @returns {[first: number, last: number, total: number | undefined]} NaN for what it does not say
 */
function rangeOf(header) {
  const [, first, last, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)$/i.exec(header ?? "") ?? [];
  return [Number(first), Number(last), total === undefined ? undefined : Number(total)];
}

/** @param {Response} response */
function lengthOf({ headers }) {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) ? Number(length) : undefined;
}

/**
 * Node's fetch says why in the cause of what it throws.
 *
 * @param {unknown} error
 */
function reasonOf(error) {
  const { message, cause } = /** @type {Error & { cause?: Error & { code?: string } }} */ (error);
  const why = cause?.message || cause?.code;
  return why ? `${message}, ${why}` : message;
}
