// Files and folders that a person drops on the page, or chooses with a file input.

import { filesText, openedLogs, Refusal } from "./opened.js";

/** @import { FileSource } from "skill-log" */
/** @import { Opened } from "./opened.js" */

/** What drops may hold beside logs: folders have much else, and files are what a person means. */
const isLog = (/** @type {string} */ name) => /\.jsonl(\.zst|\.gz)?$/.test(name);

/** What else a folder may hold of a session. */
const isPart = (/** @type {string} */ name) => isLog(name) || /\.\d+\.archiving$/.test(name);

/**
 * Opens what was dropped. Reads the drop before it returns, because browsers empty it after the
 * event.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<Opened>}
 */
export function openDropped(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const handles = items.map((item) => item.getAsFileSystemHandle?.().catch(() => null));
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = items.map((item) => item.getAsFile());
  return opened(handles, entries, files);
}

/**
 * Returns whether a drag carries files.
 *
 * @param {DataTransfer | null} transfer
 */
export function carriesFiles(transfer) {
  return transfer?.types.includes("Files") ?? false;
}

/**
 * @param {(Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null> | undefined)[]} pending
 * @param {(FileSystemEntry | null)[]} entries
 * @param {(File | null)[]} files
 * @returns {Promise<Opened>}
 */
async function opened(pending, entries, files) {
  const handles = await Promise.all(pending);
  if (handles.length > 0 && handles.every((handle) => handle)) {
    const [first] = handles;
    // A folder by itself stays a folder: logs that are added to it later belong too.
    if (handles.length === 1 && first?.kind === "directory") return openFolder(first);
    /** @type {FileSystemFileHandle[]} */
    const found = [];
    for (const handle of handles) {
      if (handle?.kind === "file") found.push(handle);
      else if (handle) await addFiles(handle, found);
    }
    return openFiles(found, "poll");
  }
  /** @type {File[]} */
  const found = [];
  for (const [at, entry] of entries.entries()) {
    const file = files[at];
    if (entry?.isDirectory) await addEntries(entry, found);
    else if (file) found.push(file);
  }
  return openFiles(found, "never");
}

/**
 * Opens a folder of logs.
 *
 * @param {FileSystemDirectoryHandle} folder
 * @returns {Promise<Opened>}
 */
export async function openFolder(folder) {
  const logs = await openedLogs(folder, { cache: true });
  return { logs, name: folder.name || "this browser", updates: "follow" };
}

/**
 * Opens files.
 *
 * @param {readonly (File | FileSystemFileHandle)[]} files
 * @param {Opened["updates"]} updates
 * @returns {Promise<Opened>}
 */
export async function openFiles(files, updates) {
  if (files.length === 0)
    throw new Refusal(
      "There is no log in what you chose.",
      "A log is a .jsonl file. Choose one, or a folder that has some.",
    );
  const logs = await openedLogs(/** @type {readonly FileSource[]} */ (files));
  const [file] = files;
  if (files.length > 1) return { logs, name: filesText(files.length), updates };
  // A file that was chosen with its folder may be no log.
  const only = "webkitRelativePath" in file && file.webkitRelativePath ? {} : { only: idOf(file) };
  return { logs, name: file.name, updates, ...only };
}

/** Returns the id of the log in a file. @param {{ name: string }} file */
function idOf({ name }) {
  return name.replace(/\.jsonl$/, "");
}

/**
 * Adds the logs of a folder and below.
 *
 * @param {FileSystemDirectoryHandle} folder
 * @param {FileSystemFileHandle[]} found
 */
async function addFiles(folder, found) {
  for await (const handle of folder.values()) {
    if (handle.kind === "directory")
      await addFiles(/** @type {FileSystemDirectoryHandle} */ (handle), found);
    else if (isLog(handle.name)) found.push(/** @type {FileSystemFileHandle} */ (handle));
  }
}

/**
 * Adds the logs of a dropped folder and below, where browsers have no handles.
 *
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 */
async function addEntries(entry, found) {
  if (entry.isFile) {
    if (!isPart(entry.name)) return;
    /** @type {File} */
    const file = await new Promise((done, fail) =>
      /** @type {FileSystemFileEntry} */ (entry).file(done, fail),
    );
    // Its place says which files are one session. Browsers say it only of files of an input.
    Object.defineProperty(file, "webkitRelativePath", { value: entry.fullPath.slice(1) });
    found.push(file);
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    // Each call returns some, and the last one none.
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return;
    for (const each of some) await addEntries(each, found);
  }
}
