// Keeps secrets of URLs and headers out of messages, because messages end up in logs.

/** Shorter texts are no secrets, and occur inside words. */
const SHORTEST_SECRET = 4;

/**
 * Returns the name of a URL in messages: without user name, password and query. In a signed URL the
 * query is the secret.
 *
 * @param {URL} url
 */
export function nameOfUrl({ protocol, host, pathname, search }) {
  const slashes = host === "" && protocol !== "file:" ? "" : "//";
  return `${protocol}${slashes}${host}${pathname}${search === "" ? "" : "?…"}`;
}

/**
 * Returns a source as messages may show it. A text that is a URL becomes the URL's name.
 *
 * @template T
 * @param {T} source
 * @returns {T | string}
 */
export function withoutSecrets(source) {
  if (typeof source !== "string" || !/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(source)) return source;
  try {
    return nameOfUrl(new URL(source));
  } catch {
    // In a text that is no URL, a password may end anywhere before the last @.
    return withoutUrlSecrets(source.replace(/:\/\/.*@/s, "://"));
  }
}

/** @param {string} text */
function withoutUrlSecrets(text) {
  return text.replace(/:\/\/[^\s/?#]*@/g, "://").replace(/(:\/\/[^\s?#]*)[?#][^\s"']*/g, "$1?…");
}

/** Hides secrets in the messages of servers, platforms, and the caller's `fetch`. */
export class Secrets {
  /** @type {string[]} the longest first: one may hold another */
  #secrets;

  /**
   * @param {URL | null} url null if no URL is known; user names, passwords and queries of URLs are
   *   hidden in any case
   * @param {Iterable<string>} [values] of headers
   */
  constructor(url, values = []) {
    const { search, searchParams } = url ?? new URL("http://none");
    // Encoded and decoded.
    const all = [search.slice(1), ...search.split(/[?&=]/), ...searchParams.values()];
    // A message may have the token of "Bearer abcd" alone.
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
   * Copies an error without its secrets. The copy has only name, message, code and cause, because
   * some errors hold the request in other properties.
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
