// A file at a URL, read by one request for each range of its bytes.

import { onAbort, unlessAborted } from "../waits.js";
import { describe, SkillLogError } from "../errors.js";
import { matchesMark, LONG_MARK_BYTES, MARK_BYTES } from "./file-mark.js";
import { blobSource } from "./blob.js";
import { nameOfUrl, Secrets } from "./message-secrets.js";

/** @import { ErrorFacts } from "../types.js" */
/** @import { FileMark, HttpOptions, ReadableFile, Source } from "./storage.js" */

/** How many bytes an opening requests. Most logs are smaller and need no other request. */
const WINDOW_BYTES = 1 << 16;

/**
 * How many bytes before the known end an opening requests. An index looks there for its last entry.
 */
const WINDOW_OVERLAP_BYTES = 1 << 12;

/** A second, in milliseconds. */
const SECOND = 1000;

/** A mark of no bytes. @type {FileMark} */
const NOTHING = { offset: 0, bytes: new Uint8Array(0) };

/**
 * What a response says about the file.
 *
 * @typedef {object} Version
 * @property {string} name changes with the file, and perhaps when the file only grew
 * @property {boolean} isReliable whether the same name means the same file
 * @property {number | undefined} total the file's size; undefined if the server does not send it
 */

/** @typedef {{ bytes: Uint8Array, version: Version }} Answer */

/**
 * Opens the file at a URL once, to check that it exists.
 *
 * @param {URL} url
 * @param {HttpOptions} options
 * @param {AbortSignal} [signal]
 * @returns {Promise<ReadableFile>}
 */
export async function openHttp(url, options, signal) {
  const open = httpFile(url, options);
  await (await open(signal)).close();
  return { path: nameOfUrl(url), open, followed: null };
}

/**
 * Returns a function that opens the file at a URL.
 *
 * An opening sends one request, for the bytes around the end that the last opening found. The
 * response says how large the file is now, and has what was appended. The source keeps that size
 * until it is closed. A server without ranges sends the whole file, which is held as a Blob. It is
 * loaded once for each opening, when it is read.
 *
 * A source is one file until it is closed. Requests have no condition (`If-Match`, `If-Range`),
 * because a page of another origin needs permission to send it, and a log may grow. So each
 * response is checked. If the ETag or the date has changed, the file must have grown. Each request
 * includes some bytes that were read before, and they must be the same.
 *
 * @param {URL} url `http:` or `https:`
 * @param {HttpOptions} [options]
 * @returns {(signal?: AbortSignal) => Promise<Source>} `signal` ends the requests until the source
 *   is closed
 * @throws {SkillLogError} `INVALID_ARGUMENT` when the URL has a user name or a password. The
 *   function and the source throw `NOT_FOUND`, `REPLACED` and `IO_ERROR`
 */
export function httpFile(url, options = {}) {
  const name = nameOfUrl(url);
  if (url.username !== "" || url.password !== "") {
    const expected = "expected a URL without user name and password, because fetch refuses them";
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `source: ${expected}, got one of ${name}: pass options.headers with Authorization`,
    );
  }
  const identity = url.href.replace(/#.*$/s, "");
  const secrets = new Secrets(url, Object.values(options.headers ?? {}));
  /** @type {number | undefined} the size when the file was opened last */
  let end;
  return async (signal) => {
    const source = new HttpSource(name, identity, options, secrets, signal);
    try {
      end = await source.open(end);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  };
}

/** @implements {Source} */
class HttpSource {
  name;
  path;
  identity;
  #options;
  #secrets;
  #signal;
  #release;
  #request = new AbortController();
  #size = 0;
  /** The bytes of the last response. Backward reading and an index read some of them again. */
  #kept = NOTHING;
  /** @type {Version | null} of the last response; null while no response was a range */
  #version = null;
  /** @type {Response | null} the response with the whole file, from a server without ranges */
  #whole = null;
  /** @type {Promise<Source> | null} the whole file, loading or loaded */
  #blob = null;

  /**
   * @param {string} name
   * @param {string} identity the URL without its fragment
   * @param {HttpOptions} options
   * @param {Secrets} secrets of the URL and the headers
   * @param {AbortSignal} [signal]
   */
  constructor(name, identity, options, secrets, signal) {
    this.name = name;
    this.path = name;
    this.identity = identity;
    this.#options = options;
    this.#secrets = secrets;
    this.#signal = signal;
    this.#release = onAbort(signal, this.cancel);
  }

  /**
   * Finds the size of the file. Call this first.
   *
   * @param {number | undefined} known the size at the last opening
   * @returns {Promise<number | undefined>} the size; undefined if the server has no ranges
   */
  async open(known) {
    const offset = known === undefined || known < WINDOW_BYTES ? 0 : known - WINDOW_OVERLAP_BYTES;
    // Nobody knows yet which bytes will be read, so request the bytes that identify the file.
    const length = known === undefined ? LONG_MARK_BYTES : WINDOW_BYTES;
    const { bytes, version: first } = await this.#get(offset, length);
    let version = first;
    if (this.#whole) return undefined;
    // The file was truncated or replaced.
    if (bytes.length === 0 && offset > 0) return this.open(undefined);
    this.#kept = { offset, bytes };
    if (version.total === undefined) {
      // The response with the size identifies the file from now on, because the response before it
      // may be of another file.
      if (bytes.length === length)
        ({ kept: this.#kept, version } = await this.#end(offset + length - LONG_MARK_BYTES));
      else version = { ...version, total: offset + bytes.length };
    }
    if (this.#whole) return undefined;
    this.#version = version;
    this.#size = version.total ?? 0;
    return this.#size;
  }

  async size() {
    return this.#whole && !this.#version ? (await this.#blobOf(this.#whole)).size() : this.#size;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} into
   */
  async read(offset, into) {
    const length = Math.min(into.length, (await this.size()) - offset);
    if (length <= 0) return 0;
    if (!this.#whole && !this.#keeps(offset, length)) await this.#keep(offset, length);
    if (this.#whole)
      return (await this.#blobOf(this.#whole)).read(offset, into.subarray(0, length));
    const from = offset - this.#kept.offset;
    into.set(this.#kept.bytes.subarray(from, from + length));
    return length;
  }

  /**
   * Returns whether the kept bytes include a range.
   *
   * @param {number} offset
   * @param {number} length
   */
  #keeps(offset, length) {
    return offset >= this.#kept.offset && offset + length <= endOf(this.#kept);
  }

  /**
   * Requests bytes, and keeps them. If kept bytes are near, requests some of them again.
   *
   * @param {number} offset
   * @param {number} length
   */
  async #keep(offset, length) {
    const kept = this.#kept;
    const keptEnd = endOf(kept);
    let from = offset;
    let to = offset + length;
    if (kept.bytes.length > 0) {
      if (from < kept.offset && to >= kept.offset - LONG_MARK_BYTES)
        to = Math.max(to, Math.min(kept.offset + LONG_MARK_BYTES, keptEnd));
      if (to > keptEnd && from <= keptEnd + LONG_MARK_BYTES)
        from = Math.min(from, Math.max(kept.offset, keptEnd - LONG_MARK_BYTES));
    }
    const { bytes, version } = await this.#get(from, to - from);
    if (this.#whole) return;
    const now = { offset: from, bytes };
    const mayBeOther = await this.#checkVersion(version);
    if (this.#whole) return;
    if (bytes.length < to - from) throw this.#replaced("it became shorter");
    const overlap = overlapOf(kept, now);
    if (overlap > 0) this.#checkKept(kept, now);
    else if (mayBeOther) await this.#getKeptAgain(kept);
    if (!this.#whole) this.#kept = now;
  }

  /**
   * Checks that a response may be of the file that is being read.
   *
   * @param {Version} version
   * @returns {Promise<boolean>} whether the response may still be of another file
   * @throws {SkillLogError} `REPLACED`
   */
  async #checkVersion(version) {
    const before = /** @type {Version & { total: number }} */ (this.#version);
    if (version.total !== undefined && version.total < before.total)
      throw this.#replaced("it became shorter");
    let { total = before.total } = version;
    const isOther = version.name !== before.name;
    if (isOther && version.total === undefined) {
      // The response does not say whether the file grew, so request its size.
      const { version: now } = await this.#end(before.total);
      if (this.#whole) return true;
      total = now.total ?? before.total;
    }
    // A log only grows, and its ETag and date change with its size.
    if (isOther && total <= before.total)
      throw this.#replaced("the server reports a change, but the file did not grow");
    this.#version = { ...version, total };
    return isOther || !before.isReliable;
  }

  /**
   * Checks that two marks have the same bytes where they overlap.
   *
   * @param {FileMark} kept
   * @param {FileMark} now
   * @throws {SkillLogError} `REPLACED`
   */
  #checkKept(kept, now) {
    const from = Math.max(kept.offset, now.offset);
    const to = Math.min(endOf(kept), endOf(now));
    const shared = (/** @type {FileMark} */ { offset, bytes }) =>
      bytes.subarray(from - offset, to - offset);
    if (!matchesMark(shared(kept), shared(now)))
      throw this.#replaced("bytes that were read have changed");
  }

  /**
   * Checks that the file still has the bytes that came last.
   *
   * @param {FileMark} kept
   */
  async #getKeptAgain(kept) {
    const known = kept.bytes.subarray(-LONG_MARK_BYTES);
    if (known.length === 0) return;
    const offset = endOf(kept) - known.length;
    const { bytes, version } = await this.#get(offset, known.length);
    if (this.#whole) return;
    const total = version.total ?? offset + bytes.length;
    if (total < endOf(kept) || bytes.length < known.length)
      throw this.#replaced("it became shorter");
    this.#checkKept({ offset, bytes: known }, { offset, bytes });
  }

  cancel = () => this.#request.abort();

  async close() {
    this.#release();
    this.cancel();
    if (this.#blob) await (await this.#blob.catch(() => null))?.close();
    else this.#whole?.body?.cancel().catch(() => {});
  }

  /**
   * Requests bytes. Returns none when the file ends before them.
   *
   * @param {number} offset
   * @param {number} length
   * @returns {Promise<Answer>} fewer bytes only at the end of the file
   */
  async #get(offset, length) {
    const response = await this.#fetch(`${offset}-${offset + length - 1}`);
    const header = response.headers.get("content-range");
    const [first, last, total] = rangeOf(header);
    const version = versionOf(response, total);
    const refused = (/** @type {string} */ what) =>
      this.#error(
        `bytes ${offset}-${offset + length - 1} were requested, but the server sends ${what}`,
      );
    if (Number.isNaN(total)) throw refused(this.#described(String(header)));
    if (response.status !== 206) {
      if (response.status === 416) {
        if (total !== undefined && total > offset)
          throw refused(`status 416, though the file has ${total}`);
        // The file is empty, or a proxy refuses ranges.
        if (total === undefined && offset === 0) await this.#fetch(null);
      }
      return { bytes: NOTHING.bytes, version };
    }
    const type = response.headers.get("content-type") ?? "";
    // One range must not be sent in parts, and without Content-Range the parts would look like the
    // file.
    if (/^multipart\//i.test(type)) throw refused(`several parts (${this.#described(type)})`);
    // A page of another origin may not see the header. Then only the length is checked.
    if (header !== null) {
      const end =
        total === undefined
          ? Math.min(last, offset + length - 1)
          : Math.min(offset + length, total) - 1;
      if (first !== offset || last !== end) throw refused(this.#described(header));
    }
    const bytes = await this.#body(response, length, refused);
    if (offset === 0) this.#checkType(response, bytes);
    const expected = header === null ? lengthOf(response) : last - first + 1;
    if (expected !== undefined && bytes.length !== expected)
      throw refused(`${bytes.length} of ${expected}`);
    return { bytes, version };
  }

  /**
   * Finds the size of a file whose server sends only the lengths of responses. Requests all
   * bytes from an offset, and reads as many as identify the file. HEAD would not work with signed
   * URLs, which allow only GET.
   *
   * @param {number} offset
   * @returns {Promise<{ kept: FileMark, version: Version }>} `kept` has the bytes from `offset` on
   */
  async #end(offset) {
    const response = await this.#fetch(`${offset}-`);
    const header = response.headers.get("content-range");
    const [first] = rangeOf(header);
    const version = versionOf(response, undefined);
    if (response.status !== 206) return { kept: NOTHING, version: { ...version, total: offset } };
    const length = lengthOf(response);
    if (length === undefined)
      throw this.#error(
        "the server does not send the file's size; for a page of another origin it must expose Content-Range",
      );
    if (header !== null && first !== offset)
      throw this.#error(
        `bytes from ${offset} on were requested, but the server sends ${this.#described(header)}`,
      );
    const bytes = await this.#start(response, Math.min(length, LONG_MARK_BYTES));
    return { kept: { offset, bytes }, version: { ...version, total: offset + length } };
  }

  /**
   * Sends a request and waits for the head of the response.
   *
   * @param {string | null} range null requests the whole file
   * @returns {Promise<Response>} has status 206 or 416, or status 200 with the whole file
   */
  async #fetch(range) {
    this.#signal?.throwIfAborted();
    // Cancels the request before; if it has ended already, its connection stays open. Each request
    // has its own controller, because a request leaves a listener on its signal for some time.
    this.cancel();
    this.#request = new AbortController();
    const { headers, fetch: send = globalThis.fetch } = this.#options;
    const answer = (async () =>
      send(this.identity, {
        // Offsets count the file's own bytes, not encoded bytes. Bun needs this header. Other
        // platforms send it with a range anyway, and browsers allow no other value.
        headers: {
          ...headers,
          ...(range !== null && { Range: `bytes=${range}` }),
          "Accept-Encoding": "identity",
        },
        // A cache may hold old bytes of a growing file, or parts of different ages. Chromium's
        // cache runs one request for a URL at a time, and has sent parts that were too short.
        cache: "no-store",
        signal: this.#request.signal,
      }))();
    const response = await this.#awaited(answer, "there is no response");
    if (!isResponse(response)) {
      const got = typeof response === "string" ? "a text" : describe(response);
      throw new SkillLogError(
        "INVALID_ARGUMENT",
        `options.fetch: expected a function that resolves to a Response, got ${got}`,
      );
    }
    const { status } = response;
    if (status === 404 || status === 410)
      throw new SkillLogError("NOT_FOUND", `${this.name}: no such file`, {
        path: this.path,
        status,
      });
    if (status !== 200 && (range === null || (status !== 206 && status !== 416)))
      throw this.#error(`the server answers with status ${status}`, { status });
    const encoding = response.headers.get("content-encoding") ?? "identity";
    if (status !== 416 && encoding.toLowerCase() !== "identity") {
      throw this.#error(
        `the server sends the file encoded (${this.#described(encoding)}), so offsets would not be those of the file`,
      );
    }
    if (status === 200) this.#whole = response;
    return response;
  }

  /**
   * Reads a response, and refuses one that is longer than requested.
   *
   * @param {Response} response
   * @param {number} length
   * @param {(what: string) => SkillLogError} refused
   */
  async #body(response, length, refused) {
    const bytes = new Uint8Array(length);
    let filled = 0;
    for await (const chunk of this.#chunksOf(response)) {
      if (filled + chunk.length > length) throw refused("more");
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    return bytes.subarray(0, filled);
  }

  /**
   * Reads the first bytes of a response.
   *
   * @param {Response} response
   * @param {number} length
   */
  async #start(response, length) {
    const bytes = new Uint8Array(length);
    let filled = 0;
    for await (const chunk of this.#chunksOf(response)) {
      const some = chunk.subarray(0, length - filled);
      bytes.set(some, filled);
      filled += some.length;
      if (filled === length) break;
    }
    return bytes.subarray(0, filled);
  }

  /** @param {Response} response */
  async *#chunksOf({ body }) {
    const reader = body?.getReader();
    let count = 0;
    try {
      while (reader) {
        const { value } = await this.#awaited(
          reader.read(),
          `the response was cut after ${count} bytes`,
        );
        if (!value) break;
        yield value;
        count += value.length;
      }
    } finally {
      reader?.cancel().catch(() => {});
    }
  }

  /** @param {Response} response */
  #blobOf(response) {
    return (this.#blob ??= this.#load(response));
  }

  /** @param {Response} response */
  async #load(response) {
    const blob = await this.#awaited(response.blob(), "the response was cut");
    const { size } = blob;
    const expected = lengthOf(response) ?? 0;
    if (size < expected)
      throw this.#error(`the response was cut after ${size} of ${expected} bytes`);
    this.#checkType(response, new Uint8Array(await blob.slice(0, MARK_BYTES).arrayBuffer()));
    if (this.#version) {
      // Parts of the file were read before.
      await this.#checkVersion(versionOf(response, size));
      const { offset, bytes } = this.#kept;
      this.#checkKept(this.#kept, {
        offset,
        bytes: new Uint8Array(await blob.slice(offset, offset + bytes.length).arrayBuffer()),
      });
    }
    return blobSource(blob, this.name, (cause) =>
      this.#error("what was loaded cannot be read again", { cause }),
    );
  }

  /**
   * Refuses an HTML page. Servers of single-page applications send a page for each missing file,
   * and other servers send a page to sign in.
   *
   * @param {Response} response
   * @param {Uint8Array} start of the file
   */
  #checkType({ headers, redirected }, start) {
    const isPage =
      /^text\/html\b/i.test(headers.get("content-type") ?? "") &&
      /^\s*</.test(new TextDecoder().decode(start));
    if (isPage)
      throw this.#error(
        `the server sends a page${redirected ? " after a redirect" : ""} instead of a log (text/html)`,
      );
  }

  /**
   * Waits for a promise. Throws `IO_ERROR` for what the platform throws. An abort throws its own
   * reason.
   *
   * @template T
   * @param {Promise<T>} promise
   * @param {string} what failed
   */
  async #awaited(promise, what) {
    try {
      // The caller's fetch may ignore the signal.
      return await unlessAborted(promise, this.#request.signal);
    } catch (thrown) {
      this.#signal?.throwIfAborted();
      const cause = this.#secrets.copyOf(thrown);
      throw this.#error(`${what}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Describes a text in a message, without secrets.
   *
   * @param {string} text that a server sent
   */
  #described(text) {
    return describe(this.#secrets.hide(text));
  }

  /**
   * @param {string} why
   * @param {ErrorFacts & { cause?: unknown }} [facts]
   */
  #error(why, facts) {
    return new SkillLogError("IO_ERROR", `cannot read ${this.name}: ${why}`, {
      path: this.path,
      ...facts,
    });
  }

  /** @param {string} how the replacement was noticed */
  #replaced(how) {
    return new SkillLogError(
      "REPLACED",
      `${this.name} was replaced by another file since reading began: ${how}`,
      { path: this.path },
    );
  }
}

/** @param {FileMark} mark */
function endOf({ offset, bytes }) {
  return offset + bytes.length;
}

/**
 * Returns how many bytes two marks share; negative when they do not meet.
 *
 * @param {FileMark} one
 * @param {FileMark} other
 */
function overlapOf(one, other) {
  return Math.min(endOf(one), endOf(other)) - Math.max(one.offset, other.offset);
}

/**
 * Returns what a response says about the state of a file: a strong ETag, or else the weak ETag and
 * the date. The path of the URL counts too, because a redirect may lead to another file. Host and
 * query do not count, because each request may be redirected to another mirror with another
 * signature.
 *
 * @param {Response} response
 * @param {number | undefined} total
 * @returns {Version}
 */
function versionOf({ headers, url }, total) {
  const tag = headers.get("etag") ?? "";
  const modified = headers.get("last-modified") ?? "";
  const isStrong = tag.startsWith('"');
  const age = Date.parse(headers.get("date") ?? "") - Date.parse(modified);
  // Many servers make the ETag of that date. The date counts seconds, and a file may change twice
  // within one second.
  const isReliable = isStrong ? !(age < SECOND) : age >= SECOND;
  return { name: JSON.stringify([pathOf(url), tag, isStrong ? "" : modified]), isReliable, total };
}

/** @param {string} url of a response; empty if it is unknown */
function pathOf(url) {
  try {
    return new URL(url).pathname;
  } catch {
    return "";
  }
}

/**
 * Reads a Content-Range.
 *
 * @param {string | null} header
 * @returns {[first: number, last: number, total: number | undefined]} NaN for numbers that are
 *   missing or too large
 */
function rangeOf(header) {
  const [, ...numbers] = /^bytes (?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)$/i.exec(header ?? "") ?? [];
  const [first, last, total] = numbers.map((text) =>
    text === undefined ? undefined : Number.isSafeInteger(Number(text)) ? Number(text) : NaN,
  );
  return [first ?? NaN, last ?? NaN, total];
}

/** @param {Response} response */
function lengthOf({ headers }) {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && Number.isSafeInteger(Number(length)) ? Number(length) : undefined;
}

/**
 * Tells whether the caller's `fetch` returned a response.
 *
 * @param {any} response
 * @returns {response is Response}
 */
function isResponse(response) {
  const { status, headers, body, blob } = Object(response);
  return (
    Number.isInteger(status) &&
    typeof headers?.get === "function" &&
    typeof blob === "function" &&
    (!body || typeof body.getReader === "function")
  );
}

/**
 * Returns the reason of an error. Node's fetch puts the reason into the cause of its error.
 *
 * @param {unknown} error
 */
function reasonOf(error) {
  const { message, cause } = /** @type {Error & { cause?: Error & { code?: string } }} */ (error);
  const why = cause?.message || cause?.code;
  return why ? `${message}, ${why}` : message;
}
