// The folders that a case works in, of which those of a failed case are kept.

import { cpSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { root } from "../../scripts/command.js";

/**
 * Removes folders; or, after a failed case, moves each of them to `target/evidence/ROW-failed`, in the
 * place of those that an earlier failure left there.
 *
 * @param {string} row its name
 * @param {string | string[]} folders
 * @param {boolean} [isFailed]
 */
export function removeOrKeep(row, folders, isFailed = false) {
  const kept = join(root, "target", "evidence", `${row}-failed`);
  if (isFailed) rmSync(kept, { recursive: true, force: true });
  for (const folder of [folders].flat()) {
    if (isFailed) cpSync(folder, join(kept, basename(folder)), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
