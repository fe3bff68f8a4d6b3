// A file at a URL, read in place: a request for each stretch of its bytes.

import { onAbort, unlessAborted } from "../waits.js";
import { isUrl } from "../builtins.js";
import { describe, SkillLogError } from "../errors.js";
import { isMarked, KNOWN_BYTES, MARK_BYTES } from "./file-mark.js";
import { blobSource } from "./blob.js";
import { nameOfUrl, Secrets } from "./secrets.js";

/** @import { ErrorFacts } from "../types.js" */
/** @import { FileMark, HttpOptions, ReadableFile, Source } from "./storage.js" */

/** What an opening asks for. Most logs are smaller, and need no other request. */
const WINDOW_BYTES = 1 << 16;

/** How much of that lies before the end as it was: an index looks there for the end of the last entry it knows. */
const WINDOW_OVERLAP_BYTES = 1 << 12;

/** In milliseconds. */
const SECOND = 1000;

/** @type {FileMark} */
const NOTHING = { offset: 0, bytes: new Uint8Array(0) };

/**
 * What an answer says of the file that it is of.
 *
 * @typedef {object} Version
 * @property {string} name what changes where the file does; it may change where the file only grew
 * @property {boolean} isTold whether the file is the same where that is
 * @property {number | undefined} total the file's size; undefined where the server does not tell it
 */

/** @typedef {{ bytes: Uint8Array, version: Version }} Answer */

/**
 * @param {unknown} source
 * @returns {source is URL}
 */
export function isHttpUrl(source) {
  return isUrl(source) && /^https?:$/.test(source.protocol);
}

/**
 * Refuses what only a server is asked with, for a source that is none.
 *
 * @param {HttpOptions} options
 */
export function refuseHttpOptions({ headers, fetch }) {
  for (const [name, value] of Object.entries({ headers, fetch })) {
    if (value === undefined) continue;
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `options.${name}: expected none, because the source is no http: or https: URL`,
    );
  }
}

/**
 * Opens the file at a URL, once, to see that it is there.
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
 * Gives what opens the file at a URL.
 *
 * An opening asks once, for the bytes around the end that the last one found: the answer says how large the file is now, and
 * has what was appended meanwhile. So large it is until it is closed, whatever is appended. A server that knows no
 * ranges answers with the whole file: it is held as a Blob, loaded once for each opening, and only when it is read.
 *
 * Until it is closed, it is one file. No request has a condition (`If-Match`, `If-Range`): a page of another origin would have to be
 * allowed to send it, and a log that grew is no reason to refuse. Each answer is looked at instead. A file whose ETag or date is another
 * one may only be larger. What was read is asked for again beside what is new, and must be the same.
 *
 * @param {URL} url `http:` or `https:`
 * @param {HttpOptions} [options]
 * @returns {(signal?: AbortSignal) => Promise<Source>} `signal` ends whatever is asked for until the source is closed
 * @throws {SkillLogError} `INVALID_ARGUMENT` where the URL has a user name or a password; by what is given, and by the source:
 *   `NOT_FOUND`, `REPLACED`, `IO_ERROR`
 */
export function httpFile(url, options = {}) {
  const name = nameOfUrl(url);
  if (url.username !== "" || url.password !== "") {
    const expected =
      "expected a URL without a user name and a password, which fetch takes no URL with";
    throw new SkillLogError(
      "INVALID_ARGUMENT",
      `source: ${expected}, got one of ${name}: pass options.headers with Authorization`,
    );
  }
  const identity = url.href.replace(/#.*$/s, "");
  const secrets = new Secrets(url, Object.values(options.headers ?? {}));
  /** @type {number | undefined} where the file ended when it was opened last */
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
  /** What came last: a reading backwards, and an index, read some of it again. */
  #kept = NOTHING;
  /** @type {Version | null} what was said last of the file; null where nothing but the whole of it was sent */
  #version = null;
  /** @type {Response | null} the answer of a server that knows no ranges, and not read yet */
  #whole = null;
  /** @type {Promise<Source> | null} the same, read */
  #blob = null;

  /**
   * @param {string} name
   * @param {string} identity the URL, without what no server sees
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
   * Finds out how large the file is. To be called first.
   *
   * @param {number | undefined} known where it ended before
   * @returns {Promise<number | undefined>} where it ends; undefined where the server knows no ranges
   */
  async open(known) {
    const offset = known === undefined || known < WINDOW_BYTES ? 0 : known - WINDOW_OVERLAP_BYTES;
    // Where it is not known which bytes will be read, as many as the file is known by.
    const length = known === undefined ? KNOWN_BYTES : WINDOW_BYTES;
    const { bytes, version: first } = await this.#get(offset, length);
    let version = first;
    if (this.#whole) return undefined;
    // It was cut, or is another file.
    if (bytes.length === 0 && offset > 0) return this.open(undefined);
    this.#kept = { offset, bytes };
    if (version.total === undefined) {
      // Of the answer that tells the size all is known by from now on: the one before it may be of another file.
      if (bytes.length === length)
        ({ kept: this.#kept, version } = await this.#end(offset + length - KNOWN_BYTES));
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
   * @param {number} offset
   * @param {number} length
   */
  #keeps(offset, length) {
    return offset >= this.#kept.offset && offset + length <= endOf(this.#kept);
  }

  /**
   * Asks for bytes, and for some again that are kept where these are near.
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
      if (from < kept.offset && to >= kept.offset - KNOWN_BYTES)
        to = Math.max(to, Math.min(kept.offset + KNOWN_BYTES, keptEnd));
      if (to > keptEnd && from <= keptEnd + KNOWN_BYTES)
        from = Math.min(from, Math.max(kept.offset, keptEnd - KNOWN_BYTES));
    }
    const { bytes, version } = await this.#get(from, to - from);
    if (this.#whole) return;
    const now = { offset: from, bytes };
    const isOther = await this.#checkVersion(version);
    if (this.#whole) return;
    if (bytes.length < to - from) throw this.#replaced("it became shorter");
    const overlap = overlapOf(kept, now);
    if (overlap > 0) this.#checkKept(kept, now);
    else if (isOther) await this.#getKeptAgain(kept);
    if (!this.#whole) this.#kept = now;
  }

  /**
   * Looks whether what an answer says of the file may be said of the one that is read.
   *
   * @param {Version} version
   * @returns {Promise<boolean>} whether that is not enough to know it by
   * @throws {SkillLogError} `REPLACED`
   */
  async #checkVersion(version) {
    const before = /** @type {Version & { total: number }} */ (this.#version);
    if (version.total !== undefined && version.total < before.total)
      throw this.#replaced("it became shorter");
    let { total = before.total } = version;
    const isOther = version.name !== before.name;
    if (isOther && version.total === undefined) {
      // Another file may have its bytes there too: where this one grew, there are more than there were.
      const { version: now } = await this.#end(before.total);
      if (this.#whole) return true;
      total = now.total ?? before.total;
    }
    // A log only ever grows, and what is otherwise said of it is due to that.
    if (isOther && total <= before.total)
      throw this.#replaced("the server says that it was changed, and it did not grow");
    this.#version = { ...version, total };
    return isOther || !before.isTold;
  }

  /**
   * @param {FileMark} kept
   * @param {FileMark} now
   */
  #checkKept(kept, now) {
    const from = Math.max(kept.offset, now.offset);
    const to = Math.min(endOf(kept), endOf(now));
    const stretch = (/** @type {FileMark} */ { offset, bytes }) =>
      bytes.subarray(from - offset, to - offset);
    if (!isMarked(stretch(kept), stretch(now)))
      throw this.#replaced("other bytes stand where some were read");
  }

  /**
   * Looks whether what was read last still stands there.
   *
   * @param {FileMark} kept
   */
  async #getKeptAgain(kept) {
    const known = kept.bytes.subarray(-KNOWN_BYTES);
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
   * Asks for bytes; none come where the file ends before them.
   *
   * @param {number} offset
   * @param {number} length
   * @returns {Promise<Answer>} fewer only where the file ends
   */
  async #get(offset, length) {
    const response = await this.#fetch(`${offset}-${offset + length - 1}`);
    const header = response.headers.get("content-range");
    const [first, last, total] = rangeOf(header);
    const version = versionOf(response, total);
    const refused = (/** @type {string} */ what) =>
      this.#error(
        `bytes ${offset}-${offset + length - 1} were asked for, and the server sends ${what}`,
      );
    if (Number.isNaN(total)) throw refused(this.#described(String(header)));
    if (response.status !== 206) {
      if (response.status === 416) {
        if (total !== undefined && total > offset)
          throw refused(`status 416, though there are ${total}`);
        // It is empty, or somebody on the way refuses ranges.
        if (total === undefined && offset === 0) await this.#fetch(null);
      }
      return { bytes: NOTHING.bytes, version };
    }
    const type = response.headers.get("content-type") ?? "";
    // Of one range it must not be, and without Content-Range it would look like the file.
    if (/^multipart\//i.test(type)) throw refused(`several parts (${this.#described(type)})`);
    // A page of another origin may not be shown the header: then the length of what comes must do.
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
   * Finds the end of a file of which only the lengths of stretches are known, by the length of all the rest, of which no more is read than
   * the file is known by. HEAD would do where it is answered: a signed URL is good for GET alone.
   *
   * @param {number} offset
   * @returns {Promise<{ kept: FileMark, version: Version }>} `kept` is what was read, from `offset` on
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
        "the server does not tell its size; to a page of another origin it must expose Content-Range",
      );
    if (header !== null && first !== offset)
      throw this.#error(
        `bytes from ${offset} on were asked for, and the server sends ${this.#described(header)}`,
      );
    const bytes = await this.#start(response, Math.min(length, KNOWN_BYTES));
    return { kept: { offset, bytes }, version: { ...version, total: offset + length } };
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
    const { headers, fetch: send = globalThis.fetch } = this.#options;
    const answer = (async () =>
      send(this.identity, {
        // Offsets are of the file's own bytes. Bun has to be told; it is what others send with a range, and browsers allow nothing else.
        headers: {
          ...headers,
          ...(range !== null && { Range: `bytes=${range}` }),
          "Accept-Encoding": "identity",
        },
        // What a cache holds of a growing file is old, or joined of parts of different ages. Chromium's lets only one request for a URL
        // go on at a time, and has cut parts short that it had a piece of.
        cache: "no-store",
        signal: this.#request.signal,
      }))();
    const response = await this.#awaited(answer, "there is no answer");
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
        `the server sends it encoded (${this.#described(encoding)}): offsets would be of other bytes than the file's`,
      );
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
   * Reads the first bytes of an answer, and leaves the rest.
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
          `the answer was cut after ${count} bytes`,
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
    const blob = await this.#awaited(response.blob(), "the answer was cut");
    const { size } = blob;
    const expected = lengthOf(response) ?? 0;
    if (size < expected) throw this.#error(`the answer was cut after ${size} of ${expected} bytes`);
    this.#checkType(response, new Uint8Array(await blob.slice(0, MARK_BYTES).arrayBuffer()));
    if (this.#version) {
      // Parts of the file came before.
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
   * Refuses a page: servers of single-page applications send theirs for whatever there is not, and others one to sign in on.
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
        `the server sends a page${redirected ? ", behind a redirect," : ""} and no log (text/html)`,
      );
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
      // A fetch of the caller's may know no signal.
      return await unlessAborted(promise, this.#request.signal);
    } catch (thrown) {
      this.#signal?.throwIfAborted();
      const cause = this.#secrets.copyOf(thrown);
      throw this.#error(`${what}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** @param {string} text that a server sends */
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

  /** @param {string} how that shows */
  #replaced(how) {
    return new SkillLogError(
      "REPLACED",
      `${this.name} is another file than when reading began: ${how}`,
      { path: this.path },
    );
  }
}

/** @param {FileMark} mark */
function endOf({ offset, bytes }) {
  return offset + bytes.length;
}

/**
 * Counts the bytes that two stretches have both.
 *
 * @param {FileMark} one
 * @param {FileMark} other
 */
function overlapOf(one, other) {
  return Math.min(endOf(one), endOf(other)) - Math.max(one.offset, other.offset);
}

/**
 * Takes from an answer what tells one state of a file from another: a strong ETag, or all else that is said. A redirect may lead to another
 * file, and each time to another mirror, with another signature.
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
  // Many an ETag is made of that date, which counts seconds: within one, a file may change twice.
  const isTold = isStrong ? !(age < SECOND) : age >= SECOND;
  return { name: JSON.stringify([pathOf(url), tag, isStrong ? "" : modified]), isTold, total };
}

/** @param {string} url of an answer; empty where it is not known */
function pathOf(url) {
  try {
    return new URL(url).pathname;
  } catch {
    return "";
  }
}

/**
 * Takes a Content-Range apart.
 *
 * @param {string | null} header
 * @returns {[first: number, last: number, total: number | undefined]} NaN for what it does not say, and for what nobody could have
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
 * Tells whether a `fetch` of the caller's gave what `fetch` gives.
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
 * Node's fetch says why in the cause of what it throws.
 *
 * @param {unknown} error
 */
function reasonOf(error) {
  const { message, cause } = /** @type {Error & { cause?: Error & { code?: string } }} */ (error);
  const why = cause?.message || cause?.code;
  return why ? `${message}, ${why}` : message;
}
