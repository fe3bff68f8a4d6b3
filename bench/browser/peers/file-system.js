// The origin private file system through `opfs-worker`, in its default form: a dedicated worker. It flushes after each append.

import { createOPFS } from "opfs-worker/sync";

/** Opens it at its root. */
export function openFileSystem() {
  return createOPFS({ root: "/" });
}
