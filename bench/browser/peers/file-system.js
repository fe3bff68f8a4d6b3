// The origin private file system through `opfs-worker` and its default dedicated worker, which
// flushes after each append.

import { createOPFS } from "opfs-worker/sync";

/** Opens the file system at its root. */
export function openFileSystem() {
  return createOPFS({ root: "/" });
}
