// IndexedDB through `idb`, with an object per entry. Durability is the browser's default.

import { openDB } from "idb";

/**
 * Opens a database with a store of entries, and makes the store when it is missing.
 *
 * @param {string} name
 */
export function openEntries(name) {
  return openDB(name, 1, {
    upgrade: (/** @type {any} */ database) =>
      void database.createObjectStore("entries", { autoIncrement: true }),
  });
}

/**
 * Adds entries in one transaction.
 *
 * @param {Awaited<ReturnType<typeof openEntries>>} database
 * @param {object[]} entries
 */
export async function addAll(database, entries) {
  const { store, done } = database.transaction("entries", "readwrite");
  await Promise.all([...entries.map((entry) => store.add(entry)), done]);
}
