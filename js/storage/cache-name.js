// The names of the files of caches.

import { hash } from "../../dist/skill_log.js";

export const CACHE_SUFFIX = ".rows";

const encoder = new TextEncoder();

/**
 * Returns the name of the file of a cache.
 *
 * @param {string} key
 */
export function cacheName(key) {
  return hash(encoder.encode(key)).toString(16).padStart(16, "0") + CACHE_SUFFIX;
}
