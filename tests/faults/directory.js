import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Makes a folder on the disk that is gone when the test that asked for it, or its file, is over. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), "skill-log-fault-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
