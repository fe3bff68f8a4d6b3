// A folder that a person picks. The browser remembers the last ones, and asks again before it lets
// the page read them.

import { openFolder } from "./dropped.js";
import { Refusal } from "./opened.js";

/** @import { Opened } from "./opened.js" */

/** How many folders are remembered. */
const MOST = 5;

const DATABASE = "skill-log viewer";
const STORE = "folders";

/** Whether this browser lets a person pick a folder that stays readable. */
export const canPick = typeof window.showDirectoryPicker === "function";

/**
 * Lets a person pick a folder.
 *
 * @returns {Promise<Opened | null>} null when the person picks none
 */
export async function pickFolder() {
  let folder;
  try {
    folder = await /** @type {Required<Window>} */ (window).showDirectoryPicker({
      id: "skill-log",
      mode: "read",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
  await remember(folder);
  return openFolder(folder);
}

/**
 * Opens a remembered folder again. Call it when a person clicks: the browser may ask.
 *
 * @param {FileSystemDirectoryHandle} folder
 * @returns {Promise<Opened>}
 */
export async function reopenFolder(folder) {
  const state = await folder.requestPermission?.({ mode: "read" });
  if (state !== undefined && state !== "granted")
    throw new Refusal(
      `The browser does not let this page read the folder ${folder.name}.`,
      "Open it again and allow it, or pick the folder anew.",
    );
  await remember(folder);
  return openFolder(folder);
}

/**
 * Returns the folders that were picked before, the last one first.
 *
 * @returns {Promise<FileSystemDirectoryHandle[]>} empty where the browser keeps nothing
 */
export async function rememberedFolders() {
  try {
    const found = await inStore("readonly", (store) => store.get(STORE));
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/**
 * Puts a folder first among those that are remembered.
 *
 * @param {FileSystemDirectoryHandle} folder
 */
async function remember(folder) {
  /** @type {FileSystemDirectoryHandle[]} */
  const others = [];
  for (const other of await rememberedFolders())
    if (!(await other.isSameEntry(folder))) others.push(other);
  try {
    await inStore("readwrite", (store) => store.put([folder, ...others].slice(0, MOST), STORE));
  } catch {
    // A private window keeps no handles.
  }
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function inStore(mode, work) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await resultOf(opening);
  try {
    return await resultOf(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function resultOf(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
