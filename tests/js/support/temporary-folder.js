import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * Makes a folder, which is removed when the test ends.
 *
 * @param {import("node:test").TestContext} t
 */
export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skill-log-"));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
