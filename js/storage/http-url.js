// The URLs of files and servers, and the options that only these take.

import { isUrl } from "../builtins.js";
import { SkillLogError } from "../errors.js";

/** @import { HttpOptions } from "./storage.js" */

/**
 * @param {unknown} source
 * @returns {source is URL}
 */
export function isHttpUrl(source) {
  return isUrl(source) && /^https?:$/.test(source.protocol);
}

/**
 * Refuses options that only a server needs, for a source that is no URL.
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
