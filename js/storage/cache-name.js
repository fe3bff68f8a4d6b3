// The names of the files of caches.

import { hash } from "../../dist/skill_log.js";

/** Matches the name of a cache. */
export const CACHE_NAME = /^[\da-f]{16}\.(rows|list)$/;

const encoder = new TextEncoder();

/**
 * Returns the name of the file of a cache.
 *
 * @param {string} key
 * @param {"rows" | "list"} kind
 */
export function cacheName(key, kind) {
  return `${hash(encoder.encode(key)).toString(16).padStart(16, "0")}.${kind}`;
}
