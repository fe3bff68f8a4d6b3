// Places of archived sessions: a directory of OPFS, a folder that the user dropped, and the files of one.

import { listSessions, removeSession, SessionLog, Sessions } from "skill-log";

import { opfsFolder } from "./opfs-place.js";
import { disk, droppedFolder } from "./user-files.js";

/** @typedef {import("../../js/storage/archives-suite.js").ArchivesPlace} ArchivesPlace */

/**
 * @param {import("node:test").TestContext} t
 * @returns {Promise<ArchivesPlace & Required<Pick<ArchivesPlace, "writable">>>}
 */
export async function archivesInOpfs(t) {
  const { name, folder, put, move } = await opfsFolder(t);
  return {
    put,
    sessions: () => Sessions.open(folder),
    writable: {
      open: (id) => SessionLog.open(name, id),
      list: () => listSessions(name),
      removeSession: (id) => removeSession(name, id),
      async names() {
        const names = [];
        for await (const key of folder.keys()) names.push(key);
        return names;
      },
      move,
      remove: (file) => folder.removeEntry(file),
    },
  };
}

/** @returns {Promise<ArchivesPlace>} */
export async function archivesInFiles() {
  /** @type {File[]} */
  const files = [];
  return {
    async put(bytes, name) {
      const file = new File([Uint8Array.from(bytes)], name);
      Object.defineProperty(file, "webkitRelativePath", { value: `logs/${name}` });
      files.push(file);
    },
    sessions: () => Sessions.open(files),
  };
}

let folders = 0;

export async function archivesInFolder() {
  const folder = `archives-${(folders += 1)}`;
  await disk.write(`${folder}/none.txt`, "");
  const handle = await droppedFolder(folder);
  return {
    put: (/** @type {Uint8Array} */ bytes, /** @type {string} */ name) =>
      disk.append(`${folder}/${name}`, bytes),
    sessions: () => Sessions.open(handle),
    writable: {
      open: (/** @type {string} */ id) => SessionLog.open(handle, id),
      move: (/** @type {string} */ from, /** @type {string} */ to) =>
        disk.rename(`${folder}/${from}`, `${folder}/${to}`),
      remove: (/** @type {string} */ name) => disk.remove(`${folder}/${name}`),
    },
  };
}
