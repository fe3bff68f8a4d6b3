// What is kept out of messages: they end up in logs, and a URL or a header may hold a secret.

/** A text that is shorter than this is no secret, and would be found in the middle of words. */
const SHORTEST_SECRET = 4;

/**
 * Gives what messages call a URL: without user name and password, and without the query, which in a signed URL is the secret.
 *
 * @param {URL} url
 */
export function nameOfUrl({ protocol, host, pathname, search }) {
  const slashes = host === "" && protocol !== "file:" ? "" : "//";
  return `${protocol}${slashes}${host}${pathname}${search === "" ? "" : "?…"}`;
}

/**
 * Gives a source as messages may show it: a text that is a URL by its name.
 *
 * @template T
 * @param {T} source
 * @returns {T | string}
 */
export function shown(source) {
  if (typeof source !== "string" || !/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(source)) return source;
  try {
    return nameOfUrl(new URL(source));
  } catch {
    // Where it is no URL, nobody knows where a password ends.
    return withoutUrlSecrets(source.replace(/:\/\/.*@/s, "://"));
  }
}

/** @param {string} text */
function withoutUrlSecrets(text) {
  return text.replace(/:\/\/[^\s/?#]*@/g, "://").replace(/(:\/\/[^\s?#]*)[?#][^\s"']*/g, "$1?…");
}

/** Hides what must not be told in what others say: servers, platforms, and a `fetch` of the caller's. */
export class Secrets {
  /** @type {string[]} the longest first: one may hold another */
  #secrets;

  /**
   * @param {URL | null} url null where none is known: user names, passwords and queries of URLs are hidden in any case
   * @param {Iterable<string>} [values] of headers
   */
  constructor(url, values = []) {
    const { search, searchParams } = url ?? new URL("http://none");
    // As they are spelled, and as they are meant.
    const all = [search.slice(1), ...search.split(/[?&=]/), ...searchParams.values()];
    // Of "Bearer abcd" the token may stand alone.
    for (const value of values) all.push(value, ...value.split(/[\s,;]+/));
    this.#secrets = [...new Set(all)]
      .filter(({ length }) => length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length);
  }

  /** @param {string} text */
  hide(text) {
    return this.#secrets.reduce(
      (hidden, secret) => hidden.replaceAll(secret, "…"),
      withoutUrlSecrets(text),
    );
  }

  /**
   * Copies an error without what must not be told. A copy has only the name, the message, the code and the cause of the original: others are
   * known to keep the request in theirs.
   *
   * @param {unknown} error
   * @param {number} [depth] how many causes are copied along
   * @returns {Error}
   */
  copyOf(error, depth = 3) {
    const { name, message, code, cause } =
      /** @type {Error & { code?: unknown, cause?: unknown }} */ (Object(error));
    const text = this.hide(typeof message === "string" ? message : String(error));
    const copy = error instanceof TypeError ? new TypeError(text) : new Error(text);
    if (typeof name === "string" && name !== copy.name)
      Object.defineProperty(copy, "name", {
        value: this.hide(name),
        configurable: true,
        writable: true,
      });
    if (typeof code === "string") Object.assign(copy, { code: this.hide(code) });
    if (typeof cause === "object" && cause !== null && depth > 0)
      copy.cause = this.copyOf(cause, depth - 1);
    return copy;
  }
}
