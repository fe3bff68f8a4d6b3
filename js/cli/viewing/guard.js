// Decides which requests a viewer answers. A page of another site can reach a server on this machine,
// also under a name of its own (DNS rebinding). So the address that a browser asked for is checked
// with each request, and data needs a secret.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** @import { IncomingMessage } from "node:http" */

/** Where the page sends the token of its address, to get a cookie. */
export const SESSION_PATH = "/session";

/** The paths of data. */
export const DATA_PATH = "/api/";

/** The longest path with its query. A search has up to 1000 characters, percent-encoded. */
const LONGEST_TARGET = 14_000;

/** The bytes of a secret. */
const SECRET_BYTES = 32;

/** What a path of ours has: nothing that must be decoded, and no dot segment. */
const PLAIN_PATH = /^\/(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/;

/** A host as browsers send it, with a port or without. */
const HOST =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d{1,5})?$/;

/**
 * Returns a host name in the form that requests have; null where it is none.
 *
 * @param {string} name
 */
export function hostOf(name) {
  const host = name.toLowerCase();
  return HOST.test(host) ? host : null;
}

/**
 * Why a request is refused: its status, and a text that says nothing of files.
 *
 * @typedef {{ status: number, why: string }} Refused
 */

/** @param {number} status @param {string} why @returns {Refused} */
function refused(status, why) {
  return { status, why };
}

/** The rules of a viewer at a port. */
export class Guard {
  /** What the printed address has. It is exchanged for the cookie, and programs send it. */
  token = secret();
  #cookie = secret();
  /** What the opened address has, until it is exchanged. @type {string | null} */
  #once = null;
  #cookieName;
  /** @type {Set<string>} */
  #hosts;
  /** @type {Set<string>} */
  #origins;

  /**
   * @param {number} port
   * @param {readonly string[]} publicHosts other hosts, under which a tunnel has the viewer
   */
  constructor(port, publicHosts) {
    // Cookies of one host are for all its ports, and two viewers must not lose each other's.
    this.#cookieName = `skill-log-${port}`;
    const local = ["127.0.0.1", "localhost"].flatMap((name) =>
      port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
    );
    this.#hosts = new Set([...local, ...publicHosts]);
    this.#origins = new Set([
      ...local.map((host) => `http://${host}`),
      ...publicHosts.flatMap((host) => [`http://${host}`, `https://${host}`]),
    ]);
  }

  /**
   * Returns why a request is refused; null where it is answered.
   *
   * @param {Pick<IncomingMessage, "method" | "url" | "headersDistinct">} request
   * @returns {Refused | null}
   */
  refusalOf({ method = "", url = "", headersDistinct: headers }) {
    const only = (/** @type {string} */ name) => {
      const values = headers[name] ?? [];
      return values.length > 1 ? null : values[0];
    };
    const [host, origin, site] = [only("host"), only("origin"), only("sec-fetch-site")];
    if (!host || !this.#hosts.has(host.toLowerCase()))
      return refused(421, "this host is not served here: see skill-log view --public-host");
    if (url.length > LONGEST_TARGET) return refused(414, "the address is too long");
    const [path] = url.split("?", 1);
    // A path that stays as it is when it is normalised has one meaning to everybody.
    if (!PLAIN_PATH.test(path) || /[^\x21-\x7e]|#/.test(url))
      return refused(400, "the path is not valid");
    const isPost = path === SESSION_PATH;
    if (isPost ? method !== "POST" : method !== "GET" && method !== "HEAD")
      return refused(405, "the method is not allowed");
    const hasBody =
      headers["transfer-encoding"] !== undefined || (only("content-length") ?? "0") !== "0";
    if (hasBody && !isPost) return refused(400, "the request has a body");
    if (origin === null || (origin !== undefined && !this.#origins.has(origin)))
      return refused(403, "the request comes from another site");
    if (isPost && origin === undefined) return refused(403, "the request says no origin");
    const isPage = path === "/" && only("sec-fetch-mode") === "navigate";
    // A link of another site may lead to the page, which holds nothing until it has asked.
    if (!isPage && site !== undefined && site !== "same-origin" && site !== "none")
      return refused(403, "the request comes from another site");
    if (`${path}/`.startsWith(DATA_PATH) && !this.#isLetIn(headers))
      return refused(401, "the request has no valid token");
    return null;
  }

  /** @param {NodeJS.Dict<string[]>} headers */
  #isLetIn(headers) {
    const [bearer] = headers.authorization ?? [];
    if (bearer !== undefined) return isSame(bearer, `Bearer ${this.token}`);
    const pairs = (headers.cookie ?? []).flatMap((text) => text.split(";"));
    const name = `${this.#cookieName}=`;
    return pairs.some((pair) => {
      const text = pair.trim();
      return text.startsWith(name) && isSame(text.slice(name.length), this.#cookie);
    });
  }

  /**
   * Makes a token that is exchanged for the cookie once, and lets no program in. Other users of the
   * machine see the arguments of the program that opens a browser. One made before is void.
   */
  makeTokenForOnce() {
    this.#once = secret();
    return this.#once;
  }

  /**
   * Returns the cookie for a token; null where the token is wrong, or was for once and is used.
   *
   * @param {string} token
   * @param {string | undefined} origin
   */
  cookieFor(token, origin) {
    const isOnce = this.#once !== null && isSame(token, this.#once);
    if (!isOnce && !isSame(token, this.token)) return null;
    if (isOnce) this.#once = null;
    const secure = origin?.startsWith("https:") ? "; Secure" : "";
    return `${this.#cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  }
}

function secret() {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/**
 * Compares secrets. Takes the same time wherever they differ.
 *
 * @param {string} one
 * @param {string} other
 */
function isSame(one, other) {
  const digest = (/** @type {string} */ text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
