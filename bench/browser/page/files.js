// The bench's files: from the page's file input, and in the origin private file system (OPFS).

const input = /** @type {HTMLInputElement} */ (document.querySelector("#file"));

/** Returns the file that was chosen last. */
export function givenFile() {
  return givenFiles()[0];
}

/** Returns the files that were chosen last. */
export function givenFiles() {
  const files = [...(input.files ?? [])];
  if (files.length === 0) throw new Error("no file was given to the page");
  return files;
}

/**
 * @param {string} dir
 * @returns {Promise<FileSystemDirectoryHandle>}
 */
export async function directory(dir) {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(dir, { create: true });
}

/**
 * @param {string} dir
 * @param {string} name
 * @returns {Promise<FileSystemFileHandle>}
 */
export async function fileHandle(dir, name) {
  return (await directory(dir)).getFileHandle(name, { create: true });
}

/**
 * Overwrites a file with the bytes of another.
 *
 * @param {FileSystemFileHandle} handle
 * @param {Blob} file
 */
export async function copyTo(handle, file) {
  await file.stream().pipeTo(await handle.createWritable());
}

/** @param {Blob} file */
export async function countLines(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
